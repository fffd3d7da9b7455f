import { shallowRef } from "vue"

/** A question that stops the person before something that cannot be undone. */
export interface Question {
  readonly title: string
  readonly text: string
  readonly points?: readonly string[]
  readonly confirm: string
  readonly danger?: boolean
  /** Nothing to decide: there is only the one button. */
  readonly notice?: boolean
}

export const asked = shallowRef<(Question & { readonly answer: (yes: boolean) => void }) | null>(null)

/** Asks and waits for the answer; closing the dialog is a no. */
export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (yes) => {
        asked.value = null
        resolve(yes)
      },
    }
  })
}
