/** One SMTP reply: basic code (RFC 5321 §4.2), enhanced status code (RFC 3463), text. */
export interface SmtpReply {
  readonly code: number
  readonly enhanced: string
  readonly text: string
}

/** Every reply Lifeboat gives as a server, by name. The only place where reply texts stand. */
export const smtpReplies = {
  ok: { code: 250, enhanced: "2.0.0", text: "ok" },
  senderOk: { code: 250, enhanced: "2.1.0", text: "sender ok" },
  recipientOk: { code: 250, enhanced: "2.1.5", text: "recipient ok" },
  goodbye: { code: 221, enhanced: "2.0.0", text: "goodbye" },
  readyForTls: { code: 220, enhanced: "2.0.0", text: "ready to start TLS" },
  authenticated: { code: 235, enhanced: "2.7.0", text: "signed in" },
  notVerified: { code: 252, enhanced: "2.0.0", text: "not verified here, send mail to find out" },
  help: { code: 214, enhanced: "2.0.0", text: "see RFC 5321" },
  commandUnknown: { code: 500, enhanced: "5.5.1", text: "this command is not known" },
  commandTooLong: { code: 500, enhanced: "5.5.2", text: "the command line is too long" },
  commandNotOffered: { code: 502, enhanced: "5.5.1", text: "this command is not offered" },
  syntaxError: { code: 501, enhanced: "5.5.4", text: "the command is not complete or has a mistake" },
  badSequence: { code: 503, enhanced: "5.5.1", text: "this command is out of sequence" },
  noRecipients: { code: 554, enhanced: "5.5.1", text: "no recipient was accepted" },
  mechanismUnknown: { code: 504, enhanced: "5.5.4", text: "this sign-in mechanism is not offered" },
  authBroken: { code: 501, enhanced: "5.5.2", text: "the sign-in was cancelled or cannot be read" },
  tooManyErrors: { code: 421, enhanced: "4.7.0", text: "too many errors, closing" },
  tooSlow: { code: 421, enhanced: "4.4.2", text: "nothing arrived for too long, closing" },
  unknownRecipient: { code: 550, enhanced: "5.1.1", text: "no such recipient here" },
  badRecipientAddress: { code: 501, enhanced: "5.1.3", text: "this is not a mail address" },
  badSenderAddress: { code: 501, enhanced: "5.1.7", text: "this is not a sender address" },
  relayingDenied: { code: 550, enhanced: "5.7.1", text: "relaying denied: this domain is not hosted here" },
  domainWithoutPrimary: { code: 451, enhanced: "4.3.5", text: "this domain is not fully set up yet, please try again later" },
  recipientUnverified: { code: 451, enhanced: "4.4.3", text: "the recipient cannot be verified right now, please try again later" },
  tooManyRecipients: { code: 452, enhanced: "4.5.3", text: "too many recipients, send the rest in another transaction" },
  messageTooBig: { code: 552, enhanced: "5.3.4", text: "the message is larger than the limit" },
  tooManyHeaders: { code: 550, enhanced: "5.6.0", text: "the message has too many header lines" },
  lineTooLong: { code: 550, enhanced: "5.6.0", text: "the message has a line longer than the limit" },
  loop: { code: 550, enhanced: "5.4.6", text: "mail loop detected" },
  storageFull: { code: 452, enhanced: "4.3.1", text: "not enough storage, please try again later" },
  localError: { code: 451, enhanced: "4.3.0", text: "temporary local problem, please try again later" },
  authRequired: { code: 530, enhanced: "5.7.0", text: "authentication required" },
  encryptionRequired: { code: 530, enhanced: "5.7.0", text: "start TLS first" },
  badCredentials: { code: 535, enhanced: "5.7.8", text: "wrong address or password" },
  tooManyAttempts: { code: 454, enhanced: "4.7.0", text: "too many attempts, please try again later" },
  authUnavailable: { code: 454, enhanced: "4.7.0", text: "signing in is not possible right now, please try again later" },
  senderNotOwned: { code: 553, enhanced: "5.7.1", text: "this sender address is not yours" },
  fromNotOwned: { code: 550, enhanced: "5.7.1", text: "the From address of the message is not yours" },
  tooManyConnections: { code: 421, enhanced: "4.7.0", text: "too many connections, please try again later" },
  shuttingDown: { code: 421, enhanced: "4.3.2", text: "closing for maintenance, please try again soon" },
  bareNewline: { code: 550, enhanced: "5.6.11", text: "lines must end in CR LF" },
  utf8Required: { code: 553, enhanced: "5.6.7", text: "this address needs SMTPUTF8" },
  unsupportedParameter: { code: 555, enhanced: "5.5.4", text: "this parameter is not supported" },
  policyReject: { code: 550, enhanced: "5.7.1", text: "the message was refused by policy" },
  unknownEncoding: { code: 501, enhanced: "5.5.4", text: "this command has characters that are not allowed" },
} as const satisfies Record<string, SmtpReply>
export type SmtpReplyName = keyof typeof smtpReplies

/** The reply to an accepted message (contract: `250 2.0.0 queued as <message id>`). */
export const queuedAs = (messageId: string): SmtpReply => ({ code: 250, enhanced: "2.0.0", text: `queued as ${messageId}` })

/** The reply as one line without the basic code: `<enhanced code> <text>`. */
export const replyText = (reply: SmtpReply): string => `${reply.enhanced} ${reply.text}`
