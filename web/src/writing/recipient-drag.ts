const kind = "application/x-lifeboat-recipient"

/** A recipient on its way from one field of a letter to another. */
export interface DraggedRecipient {
  readonly text: string
  /** Name of the field that it comes from. */
  readonly from: string
}

/** Begins to drag a recipient; elsewhere it is dropped as text. */
export function dragRecipient(event: DragEvent, from: string, text: string): void {
  event.dataTransfer?.setData("text/plain", text)
  event.dataTransfer?.setData(kind, JSON.stringify([from, text]))
}

export const dragsRecipient = (event: DragEvent): boolean => event.dataTransfer?.types.includes(kind) === true

/** What is dropped; undefined where it is something else. */
export function draggedRecipient(event: DragEvent): DraggedRecipient | undefined {
  const data = event.dataTransfer?.getData(kind) ?? ""
  if (data === "") return undefined
  const [from, text]: unknown[] = JSON.parse(data) as unknown[]
  return typeof from === "string" && typeof text === "string" ? { from, text } : undefined
}
