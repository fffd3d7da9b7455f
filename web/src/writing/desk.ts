import type { MailSettings } from "@lifeboat/shared/schemas/mail-settings"
import type { MailView } from "@lifeboat/shared/schemas/mail"
import { archivedAttachmentUrl, archivedHtmlUrl } from "../api/archive.ts"
import { ApiError } from "../api/client.ts"
import { deleteMail, htmlUrl, type MailPlace, openMail } from "../api/mail.ts"
import { removeUpload } from "../api/writing.ts"
import { useComposer } from "../stores/composer.ts"
import { useMailSettings } from "../stores/mail-settings.ts"
import { useSession } from "../stores/session.ts"
import { t } from "../text/index.ts"
import { confirm } from "../ui/confirm.ts"
import { say, sayError } from "../ui/toasts.ts"
import type { Reference } from "../webmail/reply.ts"
import { type Answerable, answerTo, letterOfDraft, newLetter, originalOf, ownAddress } from "./answer.ts"
import { keptLetters, putAwayLetters, rememberPutAway, takeHold } from "./letter-keeper.ts"
import { type Letter, letterName, type Original } from "./letter.ts"
import { OpenLetter, type WindowView } from "./open-letter.ts"
import { restorePending } from "./outbox.ts"

/** Letters that may be open at once. */
export const mostLetters = 5
/** How the person writes; what was known last where the server does not answer. */
export async function settings(): Promise<MailSettings> {
  await useMailSettings().load().catch(() => undefined)
  return settingsNow()
}

/** What is known of them right now. */
export function settingsNow(): MailSettings {
  const { settings: known } = useMailSettings()
  const { view, address } = useSession()
  return known.identities.length > 0 ? known : { ...known, identities: [{ name: view?.name ?? "", address }] }
}

/** Puts a letter on the desk. `undefined` when there are too many already, which is said. */
export async function put(letter: Letter, view: WindowView = "docked", id = letterName()): Promise<OpenLetter | undefined> {
  const composer = useComposer()
  if (composer.letters.length >= mostLetters) {
    say(t("compose.tooMany", { n: mostLetters }))
    return undefined
  }
  const release = await takeHold(id)
  if (!release) return undefined
  const open: OpenLetter = new OpenLetter(id, letter, {
    owner: useSession().address,
    limit: () => settingsNow().limits.attachments,
    alreadySent: () => void import("./sent-before.ts").then(({ sentBefore }) => sentBefore(open)).catch(sayError),
  }, release)
  open.view.value = view
  composer.letters.push(open)
  if (view !== "minimised") composer.front(open)
  return open
}

/** Takes a letter off the desk. */
export async function leave(open: OpenLetter, forget: boolean): Promise<void> {
  const composer = useComposer()
  const at = composer.letters.indexOf(open)
  if (at >= 0) composer.letters.splice(at, 1)
  await open.end(forget)
  composer.changes++
}

export const writeNew = async (given: Partial<Letter> = {}) => put(newLetter(await settings(), given))

/** Writes what a `mailto:` address asks for; nothing where it is none. */
export async function writeTo(address: string): Promise<void> {
  const asked = (await import("./mailto.ts")).readMailto(address)
  if (asked) await writeNew(asked)
}

/** Answers a mail or hands it on. */
export async function answer(mail: Answerable, action: Reference): Promise<void> {
  const url = mail.folder === "" ? archivedHtmlUrl(mail.id) : htmlUrl(mail)
  const open = await put(answerTo(mail, action, await settings(), url))
  if (open && action === "forward") await bringFiles(open, mail)
}

/** Files of a mail that lies in the archive only come by way of this computer. */
export async function bringFiles(open: OpenLetter, mail: Answerable): Promise<void> {
  if (mail.folder !== "") return
  const files = await Promise.all(
    mail.attachmentList.filter((attachment) => !attachment.inline).map((attachment) => fetched(archivedAttachmentUrl(mail.id, attachment.id), attachment.name || "attachment", attachment.contentType)),
  ).catch((error: unknown) => (sayError(error), []))
  if (files.length > 0) open.files.add(files, false)
}

/** The bytes behind an address of ours. @throws ApiError */
export async function fetched(url: string, name: string, type: string): Promise<File> {
  const response = await fetch(url).catch(() => undefined)
  if (!response?.ok) throw new ApiError(response ? "not-found" : "offline", "", response?.status ?? 0)
  const blob = await response.blob()
  return new File([blob], name, { type: type || blob.type })
}

/** Goes on with a draft, in the window that it has already or in a new one. */
export async function edit(mail: MailView): Promise<void> {
  const composer = useComposer()
  const there = composer.letters.find(({ letter }) => letter.draft?.folder === mail.folder && letter.draft.id === mail.id)
  if (there) return composer.front(there)
  const { identities } = await settings()
  // What was opened before may be older than what was saved since.
  const letter = letterOfDraft(await openMail(mail))
  if (!letter) return (await import("./again.ts")).editAsNew(mail)
  await put({ ...letter, from: ownAddress(letter.from, identities), original: await answeredBy(letter) })
}

/** What a draft answers, as far as it is still there. */
async function answeredBy(letter: Letter): Promise<Original | undefined> {
  const { reference } = letter
  if (!reference || reference.folder === "") return undefined
  const mail = await openMail(reference).catch(() => undefined)
  return mail && originalOf(mail, htmlUrl(mail))
}

/** Leaves a letter as a draft; it stays open where it cannot be saved. */
export async function close(open: OpenLetter): Promise<void> {
  open.keepNow()
  if (!open.touched.value || open.empty) return leave(open, true)
  if (!(await open.flush())) {
    open.explain(t("compose.notSaved"), "saved")
    return
  }
  await leave(open, true)
  say(t("compose.saved"))
}

/** Throws a letter away, its draft into the trash. */
export async function discard(open: OpenLetter): Promise<void> {
  if ((open.touched.value || open.letter.draft) && !open.empty && !(await confirm({ title: t("compose.discardTitle"), text: t("compose.discardText"), confirm: t("compose.discard"), danger: true }))) return
  await open.stop()
  const { files } = open.letter
  await leave(open, true)
  await open.settled
  const { draft } = open.letter
  for (const { source } of files) if (source.at === "upload") void removeUpload(source.upload).catch(() => undefined)
  if (draft) await removeDraft(draft).catch(sayError)
}

async function removeDraft(place: MailPlace): Promise<void> {
  await deleteMail(place).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.code === "not-found")) throw error
  })
  useComposer().changes++
}

/** Brings back what was being written when the page went away, where no other tab has it. Never takes the focus. `sentToo`: also what waits to be sent, and what was put away at signing out. */
export async function restore(sentToo = true): Promise<void> {
  const composer = useComposer()
  const owner = useSession().address
  const drafts = sentToo ? putAwayLetters(owner) : []
  if (sentToo) rememberPutAway(owner, [])
  for (const place of drafts) {
    const mail = await openMail(place).catch(() => undefined)
    const letter = mail && letterOfDraft(mail)
    if (letter) await put({ ...letter, from: ownAddress(letter.from, (await settings()).identities), original: await answeredBy(letter) }, "minimised")
  }
  const kept = await keptLetters(owner)
  const open = new Set(composer.letters.map(({ id }) => id))
  const fresh = kept.filter(({ id, touched }) => touched && !open.has(id))
  if (fresh.length === 0) return
  await settings()
  if (sentToo) await restorePending(fresh.filter(({ outbox }) => outbox !== undefined))
  const writing = fresh.filter(({ outbox }) => outbox === undefined).slice(-mostLetters)
  const wide = matchMedia("(min-width: 48rem)").matches
  for (const each of writing) {
    const back = await put(each.letter, "minimised", each.id)
    if (!back) continue
    if (wide && each === writing.at(-1) && composer.letters.every(({ view }) => view.value === "minimised")) back.view.value = "docked"
    back.touched.value = true
    back.tried = each.tried
    const lost = await back.restoreFiles()
    if (lost.length > 0) back.explain(t("compose.lost", { names: lost.join(", ") }))
    back.changed()
  }
}

/** Before signing out: all that is written lies on the server, and only what could not be saved stays here. */
export async function putAway(): Promise<void> {
  const composer = useComposer()
  const enough = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 4_000))
  const drafts: MailPlace[] = []
  await Promise.all(composer.letters.map(async (open) => {
    open.keepNow()
    const saved = !open.touched.value || (await Promise.race([open.flush(), enough]))
    if (saved && open.letter.draft) drafts.push(open.letter.draft)
    if (saved) await open.end(true)
  }))
  rememberPutAway(useSession().address, drafts)
}

