import { t } from "../text/index.ts"
import { confirm } from "../ui/confirm.ts"
import { useFormats } from "../ui/formats.ts"
import { settings, settingsNow } from "./desk.ts"
import { promisedAttachment } from "./forgotten-attachment.ts"
import { attachedFiles, weightOf } from "./letter.ts"
import type { OpenLetter } from "./open-letter.ts"
import { countRecipients, invalidIn } from "./recipient-list.ts"

/** What is asked and said before a letter goes out. */
export function useSendChecks(open: OpenLetter) {
  const { size } = useFormats()
  const { letter } = open
  const weight = () => t("compose.tooHeavy", { size: size(weightOf(letter)), limit: size(settingsNow().limits.attachments) })

  const sayWeight = () => open.explain(weight(), "weight")

  /** What keeps it from being sent; empty: nothing. */
  function problem(most: number): string {
    const everybody = [...letter.to, ...letter.cc, ...letter.bcc]
    if (everybody.length === 0) return t("compose.nobody")
    const [invalid] = invalidIn(everybody)
    if (invalid !== undefined) return t("compose.invalid", { text: invalid.slice(0, 200) })
    const n = countRecipients(everybody)
    if (n > most) return t("compose.tooManyRecipients", { n, most })
    return open.files.tooHeavy ? weight() : ""
  }

  /** Answers whether it may go out. */
  async function ready(): Promise<boolean> {
    const { limits } = await settings()
    const inTheWay = problem(limits.recipients)
    open.explain(inTheWay, open.files.tooHeavy ? "weight" : undefined)
    if (inTheWay !== "") return false
    if (letter.subject.trim() === "" && !(await confirm({ title: t("compose.noSubjectTitle"), text: t("compose.noSubject"), confirm: t("compose.send") }))) return false
    const word = attachedFiles(letter).length > 0 ? undefined : promisedAttachment(letter.subject, letter.text)
    return word === undefined || confirm({ title: t("compose.forgottenTitle"), text: t("compose.forgotten", { word }), confirm: t("compose.sendAnyway") })
  }

  return { sayWeight, ready }
}
