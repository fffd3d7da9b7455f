/** The mailbox store as the webmail needs it. */
export interface MailboxStore {
  readonly placeholder: true
}
