/** Formats that the toolbar switches; the editor behind it is our own business, so that it can be exchanged. */
export const formats = ["bold", "italic", "underline", "strike", "bullets", "numbers", "quote"] as const
export type Format = (typeof formats)[number]

/** Colours of text and ground in a mail: readable on white, whatever the page's own colours are. */
export const textColours = ["#14212d", "#ad2417", "#8a4400", "#17603a", "#0d5f8c", "#6d2f8f", "#5d6c7b"] as const
export const groundColours = ["#fff3a3", "#d3f2dd", "#d8ebfa", "#fddcd7"] as const
/** Sizes of text, empty: the mail's own. */
export const textSizes = ["10px", "", "18px", "24px"] as const

/** What holds at the caret. */
export interface Caret {
  readonly on: ReadonlySet<Format>
  /** Address of the link at the caret; empty: none. */
  readonly link: string
  readonly inTable: boolean
  readonly canUndo: boolean
  readonly canRedo: boolean
  /** Something is selected. */
  readonly selected: boolean
}

export const noCaret: Caret = { on: new Set(), link: "", inTable: false, canUndo: false, canRedo: false, selected: false }

export type TableChange = "insert" | "addRow" | "addColumn" | "deleteRow" | "deleteColumn" | "delete"

/** What a writing area can do, whichever editor is behind it. */
export interface WritingArea {
  /** `here`: where the caret was. */
  focus(at: "start" | "end" | "here"): void
  /** The text as it goes into the mail: HTML with pictures named `cid:…`, and the same as plain text. */
  content(): Content
  /** The same position in the text is kept where possible; never takes the focus. */
  setSignature(signature: SignatureText): void
  /** Adds a picture at the caret. */
  insertPicture(cid: string, name: string): void
}

export interface Content {
  readonly html: string
  readonly text: string
  /** Something would be lost in plain text. */
  readonly formatted: boolean
}

/** A signature in the shape that the area takes: HTML or plain text; empty takes it out. */
export interface SignatureText {
  readonly html: string
  readonly text: string
}
