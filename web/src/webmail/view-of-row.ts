import type { Mailbox, MailRow, MailView } from "@lifeboat/shared/schemas/mail"

/** A mail as far as its row in a list tells: who wrote it, about what and when. It is shown until the mail itself is there. */
export function viewOfRow(row: MailRow): MailView {
  return {
    ...row,
    recipients: { to: shownTo(row.to), cc: [], bcc: [], replyTo: [] },
    html: false,
    text: "",
    remoteContent: 0,
    senderTrusted: false,
    darkReadable: false,
    attachmentList: [],
    authentication: null,
    warnings: [],
    invitation: null,
    reference: null,
    writing: null,
    headers: { messageId: "", inReplyTo: "", references: [] },
  }
}

/** Recipients as a row has them, `Name <address>, …`: taken apart where an address ends. */
function shownTo(text: string): Mailbox[] {
  return text
    .split(/(?<=>|@[^\s,<>]+), /u)
    .filter((each) => each !== "")
    .map((each) => {
      const [, name, address] = /^(.*) <([^<>]*)>$/su.exec(each) ?? []
      return address === undefined ? { name: "", address: each } : { name: name ?? "", address }
    })
}
