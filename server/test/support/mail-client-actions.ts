import { once } from "node:events"
import { connect } from "node:tls"
import type { ImapFlow } from "imapflow"
import { pino } from "pino"
import { MailBatches } from "../../src/mailbox/batches/mail-batches.ts"
import type { CopyDocument } from "../../src/store/documents.ts"
import type { TestMailboxes } from "./wildduck.ts"

/** What a person does to the one mail in the inbox, and what that means for the mail that waits for the primary. */
export interface MailClientAction {
  readonly name: string
  readonly act: (person: Person) => Promise<void>
  readonly release: "deliver" | "cancel"
  /** What the observer notes in the end. */
  readonly noted: CopyDocument["state"]
}

export interface Person {
  readonly mailboxes: TestMailboxes
  readonly address: string
  readonly password: string
  readonly account: string
}

async function inImap(person: Person, work: (imap: ImapFlow) => Promise<unknown>, folder = "INBOX"): Promise<void> {
  const imap = await person.mailboxes.imap(person.address, person.password)
  await imap.mailboxOpen(folder)
  await work(imap)
  await imap.logout()
}

/** Talks POP3 over TLS: signs in, sends the commands, quits. Returns the answer to each command, without its end. */
export async function speakPop3({ mailboxes, address, password }: Omit<Person, "account">, commands: readonly string[]): Promise<string[]> {
  const socket = connect({ host: "127.0.0.1", port: mailboxes.config.ports.pop3s, rejectUnauthorized: false })
  let received = ""
  socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")))
  const answer = async (end: string) => {
    while (!received.includes(end)) await once(socket, "data")
    const text = received.slice(0, received.indexOf(end))
    received = ""
    if (!text.startsWith("+OK")) throw new Error(`POP3: ${text}`)
    return text
  }
  await answer("\r\n")
  const answers: string[] = []
  for (const command of [`USER ${address}`, `PASS ${password}`, ...commands, "QUIT"]) {
    socket.write(`${command}\r\n`)
    answers.push(await answer(command.startsWith("RETR") ? "\r\n.\r\n" : "\r\n"))
  }
  socket.destroy()
  return answers.slice(2, -1)
}

async function byApi(person: Person, work: (folder: string, uid: number, trash: string) => Promise<unknown>): Promise<void> {
  const folders = await person.mailboxes.api.folders(person.account)
  const inbox = folders.find((folder) => folder.path === "INBOX")?.id ?? ""
  const trash = folders.find((folder) => folder.specialUse === "\\Trash")?.id ?? ""
  const { rows } = await person.mailboxes.api.list(person.account, inbox)
  await work(inbox, rows[0]?.id ?? 0, trash)
}

/** Works as jobs on thousands of mails do. */
async function inBatches(person: Person, work: (batches: MailBatches, folder: string, uid: number, trash: string) => Promise<unknown>): Promise<void> {
  const { config, process } = person.mailboxes
  const batches = new MailBatches(() => ({ settings: process.settings, folder: process.folder, cacheDir: config.cacheDir }), pino({ level: "silent" }))
  await byApi(person, (inbox, uid, trash) => work(batches, inbox, uid, trash))
  batches.stop()
}

export const actions: readonly MailClientAction[] = [
  { name: "nothing", act: async () => undefined, release: "deliver", noted: "present" },
  { name: "reads it", act: (person) => inImap(person, (imap) => imap.messageFlagsAdd("1:*", ["\\Seen", "\\Flagged"])), release: "deliver", noted: "present" },
  { name: "moves it to the trash by IMAP", act: (person) => inImap(person, (imap) => imap.messageMove("1:*", "Trash")), release: "cancel", noted: "trash" },
  { name: "marks it deleted and expunges it", act: (person) => inImap(person, (imap) => imap.messageDelete("1:*")), release: "cancel", noted: "deleted" },
  { name: "marks it deleted, and no more", act: (person) => inImap(person, (imap) => imap.messageFlagsAdd("1:*", ["\\Deleted"])), release: "deliver", noted: "present" },
  { name: "deletes it by POP3", act: async (person) => void (await speakPop3(person, ["DELE 1"])), release: "cancel", noted: "trash" },
  {
    name: "moves it to the trash with thousands of others",
    act: (person) => inBatches(person, (batches, inbox, uid, trash) => batches.move(person.account, inbox, [uid], trash, 0)),
    release: "cancel",
    noted: "trash",
  },
  {
    name: "removes it for good with thousands of others",
    act: (person) => inBatches(person, async (batches, inbox, uid, trash) => {
      const [[, now = 0] = []] = await batches.move(person.account, inbox, [uid], trash, 0)
      await batches.delete(person.account, trash, [now])
    }),
    release: "cancel",
    noted: "deleted",
  },
  {
    name: "moves it to the trash in the webmail",
    act: (person) => byApi(person, (inbox, uid, trash) => person.mailboxes.api.change(person.account, inbox, [uid], { moveTo: trash })),
    release: "cancel",
    noted: "trash",
  },
  { name: "deletes it for good in the webmail", act: (person) => byApi(person, (inbox, uid) => person.mailboxes.api.delete(person.account, inbox, uid)), release: "cancel", noted: "deleted" },
  {
    name: "empties the trash in the webmail",
    act: (person) =>
      byApi(person, async (inbox, uid, trash) => {
        await person.mailboxes.api.change(person.account, inbox, [uid], { moveTo: trash })
        await person.mailboxes.api.empty(person.account, trash)
      }),
    release: "cancel",
    noted: "deleted",
  },
  {
    name: "moves it to a folder",
    act: (person) =>
      inImap(person, async (imap) => {
        await imap.mailboxCreate("Projekt")
        await imap.messageMove("1:*", "Projekt")
      }),
    release: "deliver",
    noted: "present",
  },
  {
    name: "copies it to a folder and deletes the original",
    act: (person) =>
      inImap(person, async (imap) => {
        await imap.mailboxCreate("Kopie")
        await imap.messageCopy("1:*", "Kopie")
        await imap.messageDelete("1:*")
      }),
    release: "deliver",
    noted: "present",
  },
  {
    name: "copies it to the trash and expunges the original",
    act: (person) =>
      inImap(person, async (imap) => {
        await imap.messageCopy("1:*", "Trash")
        await imap.messageDelete("1:*")
      }),
    release: "cancel",
    noted: "trash",
  },
  {
    name: "moves it to the junk folder",
    act: (person) => inImap(person, (imap) => imap.messageMove("1:*", "Junk")),
    release: "deliver",
    noted: "present",
  },
  {
    name: "deletes it and takes it out of the trash again",
    act: async (person) => {
      await inImap(person, (imap) => imap.messageMove("1:*", "Trash"))
      await inImap(person, (imap) => imap.messageMove("1:*", "INBOX"), "Trash")
    },
    release: "deliver",
    noted: "present",
  },
  {
    name: "deletes the folder it is in",
    act: (person) =>
      inImap(person, async (imap) => {
        await imap.mailboxCreate("Weg")
        await imap.messageMove("1:*", "Weg")
        await imap.mailboxDelete("Weg")
      }),
    release: "deliver",
    noted: "present",
  },
  {
    name: "puts the folder it is in into the trash",
    act: (person) =>
      inImap(person, async (imap) => {
        await imap.mailboxCreate("Alt")
        await imap.messageMove("1:*", "Alt")
        await imap.mailboxRename("Alt", "Trash/Alt")
      }),
    release: "cancel",
    noted: "trash",
  },
]
