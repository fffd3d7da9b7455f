import { createSecureContext, type SecureContext } from "node:tls"
import { replyText, smtpReplies, type SmtpReply } from "@lifeboat/shared/smtp-replies"
import { decodeBase64, parsePlain, type Credentials } from "./sasl.ts"
import { decodeLine, parseCommand, parsePathArgument, type PathArgument } from "./command.ts"
import { guard } from "./guard.ts"
import { Misbehaviour } from "./limits.ts"
import type { ClientFacts, MailServerDependencies, ServerPolicy } from "./mail-server.ts"
import { isSenderPath } from "./sender-address.ts"
import type { SmtpWire } from "./smtp-wire.ts"
import { Transaction } from "./transaction.ts"
import type { SignInResult } from "../identity/sign-in.ts"
import type { UserDocument } from "../store/documents.ts"

/** Checks a sign-in over SMTP. */
export type Authenticate = (address: string, password: string, clientAddress: string) => Promise<SignInResult>

const commandBytes = 4_096
const saslBytes = 12_288
const signInDeadline = 20_000

/** One SMTP session: commands in, replies out, in order. What a mail is, is the transaction's. */
export class Session {
  readonly #wire: SmtpWire
  readonly #dependencies: MailServerDependencies
  readonly #policy: ServerPolicy
  readonly #authenticate: Authenticate | undefined
  readonly #context: SecureContext
  readonly #address: string
  readonly #misbehaviour = new Misbehaviour()
  #helo: string | undefined
  #extended = false
  #tls: ClientFacts["tls"] = null
  #user: UserDocument | null = null
  #transaction: Transaction | undefined
  #ending = false
  #stopping = false

  constructor(wire: SmtpWire, address: string, dependencies: MailServerDependencies, policy: ServerPolicy, authenticate: Authenticate | undefined, context: SecureContext) {
    this.#wire = wire
    this.#address = address
    this.#dependencies = dependencies
    this.#policy = policy
    this.#authenticate = authenticate
    this.#context = context
  }

  /** Runs the session to its end. `implicitTls`: TLS comes before the greeting. Never rejects. */
  async run(implicitTls: boolean): Promise<void> {
    try {
      if (implicitTls && !(await this.#startTls())) return
      this.#wire.write(`220 ${this.#dependencies.config.hostname} ESMTP Lifeboat`)
      while (!this.#ending) await this.#next()
    } catch (error) {
      this.#dependencies.log.error({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "an SMTP session broke")
      this.#reply({ ...smtpReplies.localError, code: 421 })
    } finally {
      this.#wire.end()
    }
  }

  /** Whether a transaction is under way. */
  get busy(): boolean {
    return this.#transaction !== undefined
  }

  /** Ends the session with this reply: at once when it only waits, otherwise behind its transaction. */
  stop(reply: SmtpReply): void {
    this.#stopping = true
    if (!this.busy && this.#wire.waitingSince !== undefined) this.#hangUp(reply)
  }

  /** Ends the session with this reply whatever it does. */
  cutOff(reply: SmtpReply): void {
    this.#hangUp(reply)
  }

  async #next(): Promise<void> {
    if (this.#stopping && !this.busy) return this.#hangUp(smtpReplies.shuttingDown)
    const line = await this.#wire.line(commandBytes)
    if (this.#ending) return
    if (line.kind === "closed") {
      this.#ending = true
      return
    }
    if (line.kind === "too-long") return this.#reply(smtpReplies.commandTooLong)
    const text = line.kind === "line" ? decodeLine(line.bytes) : undefined
    if (text === undefined) return this.#reply(smtpReplies.unknownEncoding)
    await this.#command(text)
  }

  async #command(text: string): Promise<void> {
    const { verb, rest } = parseCommand(text)
    switch (verb) {
      case "EHLO":
      case "HELO":
        return this.#hello(verb === "EHLO", rest)
      case "MAIL":
        return this.#reply(this.#mail(rest))
      case "RCPT":
        return this.#reply(await this.#recipient(rest))
      case "DATA":
        return this.#data(rest)
      case "STARTTLS":
        return this.#upgrade(rest)
      case "AUTH":
        return this.#reply(await this.#signIn(rest))
      case "RSET":
        this.#transaction = undefined
        return this.#reply(smtpReplies.ok)
      case "NOOP":
        return this.#reply(smtpReplies.ok)
      case "HELP":
        return this.#reply(smtpReplies.help)
      case "VRFY":
        return this.#reply(rest === "" ? smtpReplies.syntaxError : smtpReplies.notVerified)
      case "QUIT":
        this.#reply(smtpReplies.goodbye)
        this.#ending = true
        return
      case "EXPN":
      case "BDAT":
      case "ETRN":
      case "TURN":
        return this.#reply(smtpReplies.commandNotOffered)
      // A browser or a proxy speaks: what follows is no SMTP, perhaps with commands hidden in it.
      case "GET":
      case "POST":
      case "PUT":
      case "CONNECT":
        return this.#hangUp(smtpReplies.tooManyErrors)
      default:
        return this.#reply(smtpReplies.commandUnknown)
    }
  }

  #hello(extended: boolean, name: string): void {
    if (name === "" || /\s/.test(name) || name.length > 255) return this.#reply(smtpReplies.syntaxError)
    this.#helo = name
    this.#extended = extended
    this.#transaction = undefined
    const { hostname, limits } = this.#dependencies.config
    if (!extended) return this.#wire.write(`250 ${hostname}`)
    const offers = ["PIPELINING", `SIZE ${limits.messageBytes}`, "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
    if (!this.#tls) offers.push("STARTTLS")
    if (this.#policy.authentication && this.#tls && !this.#user) offers.push("AUTH PLAIN LOGIN")
    const lines = [hostname, ...offers]
    for (const [index, line] of lines.entries()) this.#wire.write(`250${index === lines.length - 1 ? " " : "-"}${line}`)
  }

  #mail(rest: string): SmtpReply {
    if (this.#helo === undefined || this.#transaction) return smtpReplies.badSequence
    if (this.#policy.authentication && !this.#user) return this.#tls ? smtpReplies.authRequired : smtpReplies.encryptionRequired
    const argument = parsePathArgument("FROM", rest)
    if (!argument) return smtpReplies.syntaxError
    const sender = this.#parameters(argument)
    if ("code" in sender) return sender
    if (!isSenderPath(argument.path)) return smtpReplies.badSenderAddress
    if (!sender.smtpUtf8 && /[^\u0000-\u007f]/.test(argument.path)) return smtpReplies.utf8Required
    const unavailable = this.#dependencies.unavailable?.()
    if (unavailable) return unavailable
    const client = this.#client(this.#helo)
    const decision = this.#policy.sender(client, argument.path)
    if ("reply" in decision) return decision.reply
    this.#transaction = new Transaction(this.#dependencies, this.#policy, client, { mailFrom: argument.path, relay: decision.relay, ...sender })
    return smtpReplies.senderOk
  }

  #parameters({ parameters }: PathArgument): { smtpUtf8: boolean; eightBit: boolean } | SmtpReply {
    let smtpUtf8 = false
    let eightBit = false
    for (const [name, value] of parameters) {
      if (name === "SIZE") {
        if (value === undefined || !/^\d{1,20}$/.test(value)) return smtpReplies.syntaxError
        if (Number(value) > this.#dependencies.config.limits.messageBytes) return smtpReplies.messageTooBig
      } else if (name === "BODY") {
        const body = value?.toUpperCase()
        if (body !== "7BIT" && body !== "8BITMIME") return smtpReplies.unsupportedParameter
        eightBit = body === "8BITMIME"
      } else if (name === "SMTPUTF8" && value === undefined) {
        smtpUtf8 = true
      } else if (!(name === "AUTH" && value !== undefined && this.#policy.authentication)) {
        return smtpReplies.unsupportedParameter
      }
    }
    return { smtpUtf8, eightBit }
  }

  async #recipient(rest: string): Promise<SmtpReply> {
    if (!this.#transaction) return smtpReplies.badSequence
    const argument = parsePathArgument("TO", rest)
    if (!argument) return smtpReplies.syntaxError
    if (argument.parameters.size > 0) return smtpReplies.unsupportedParameter
    return this.#transaction.addRecipient(argument.path)
  }

  async #data(rest: string): Promise<void> {
    if (rest !== "") return this.#reply(smtpReplies.syntaxError)
    if (!this.#transaction) return this.#reply(smtpReplies.badSequence)
    if (!this.#transaction.hasRecipients) return this.#reply(smtpReplies.noRecipients)
    this.#wire.write("354 end data with <CR><LF>.<CR><LF>")
    const result = await this.#transaction.receive(this.#wire)
    this.#transaction = undefined
    if (result.accepted) this.#misbehaviour.clear()
    this.#reply(result.reply)
    if (result.hangUp) this.#ending = true
  }

  async #upgrade(rest: string): Promise<void> {
    if (rest !== "") return this.#reply(smtpReplies.syntaxError)
    if (this.#tls) return this.#reply(smtpReplies.badSequence)
    this.#reply(smtpReplies.readyForTls)
    if (!(await this.#startTls())) this.#ending = true
  }

  /** RFC 3207 §4.2: nothing of what was said before TLS counts any more. */
  async #startTls(): Promise<boolean> {
    this.#helo = undefined
    this.#transaction = undefined
    if (!(await this.#wire.startTls(this.#context))) return false
    const socket = this.#wire.tls
    this.#tls = { protocol: socket?.getProtocol() ?? "TLS", cipher: socket?.getCipher().standardName ?? "" }
    return true
  }

  async #signIn(rest: string): Promise<SmtpReply> {
    if (!this.#policy.authentication || !this.#authenticate) return smtpReplies.commandNotOffered
    if (!this.#tls) return smtpReplies.encryptionRequired
    if (this.#helo === undefined || this.#user || this.#transaction) return smtpReplies.badSequence
    const [mechanism = "", initial, ...more] = rest.split(" ")
    if (more.length > 0) return smtpReplies.syntaxError
    const credentials = await this.#credentials(mechanism.toUpperCase(), initial)
    if ("code" in credentials) return credentials
    const authenticate = this.#authenticate
    const checked = await guard("sign-in", this.#dependencies.log, signInDeadline, () => authenticate(credentials.address, credentials.password, this.#address))
    if ("reply" in checked) return smtpReplies.authUnavailable
    switch (checked.value.kind) {
      case "user":
        this.#user = checked.value.user
        return smtpReplies.authenticated
      case "wrong":
        return smtpReplies.badCredentials
      case "limited":
        return smtpReplies.tooManyAttempts
      case "unavailable":
        return smtpReplies.authUnavailable
    }
  }

  async #credentials(mechanism: string, initial: string | undefined): Promise<Credentials | SmtpReply> {
    if (mechanism === "PLAIN") {
      const response = initial === undefined ? await this.#ask("") : decodeBase64(initial)
      const parsed = response === undefined ? undefined : parsePlain(response)
      if (parsed === "other") return smtpReplies.badCredentials
      return parsed ?? smtpReplies.authBroken
    }
    if (mechanism === "LOGIN") {
      const address = initial === undefined ? await this.#ask("Username:") : decodeBase64(initial)
      const password = address === undefined ? undefined : await this.#ask("Password:")
      return address && password ? { address, password } : smtpReplies.authBroken
    }
    return smtpReplies.mechanismUnknown
  }

  async #ask(prompt: string): Promise<string | undefined> {
    this.#wire.write(`334 ${Buffer.from(prompt).toString("base64")}`)
    const line = await this.#wire.line(saslBytes)
    return line.kind === "line" ? decodeBase64(line.bytes.toString("latin1")) : undefined
  }

  #client(helo: string): ClientFacts {
    return { address: this.#address, helo, extended: this.#extended, tls: this.#tls, user: this.#user }
  }

  #reply(reply: SmtpReply): void {
    this.#wire.write(`${reply.code} ${replyText(reply)}`)
    if (reply.code === 421) this.#ending = true
    else if (this.#misbehaviour.tooMuch(reply)) this.#hangUp(smtpReplies.tooManyErrors)
  }

  #hangUp(reply: SmtpReply): void {
    if (this.#ending) return
    this.#ending = true
    this.#wire.write(`${reply.code} ${replyText(reply)}`)
    this.#wire.end()
  }
}

/** The TLS settings of all mail ports. */
export function mailTls(tls: MailServerDependencies["tls"]): SecureContext {
  return createSecureContext({ cert: tls.cert, key: tls.key, minVersion: "TLSv1.2" })
}
