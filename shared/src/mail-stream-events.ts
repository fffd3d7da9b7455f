/** Events of GET /api/mail/stream: something changed in the mailbox; the mode; a job went on (`MailJob`); the outbox changed. */
export const mailStreamEvents = ["mailbox", "mode", "job", "outbox"] as const
