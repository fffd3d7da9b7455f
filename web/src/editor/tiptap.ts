import { Editor, type Extensions, getAttributes } from "@tiptap/core"
import { Blockquote } from "@tiptap/extension-blockquote"
import { Bold } from "@tiptap/extension-bold"
import { Document } from "@tiptap/extension-document"
import { HardBreak } from "@tiptap/extension-hard-break"
import { Italic } from "@tiptap/extension-italic"
import { BulletList } from "@tiptap/extension-list/bullet-list"
import { ListItem } from "@tiptap/extension-list/item"
import { ListKeymap } from "@tiptap/extension-list/keymap"
import { OrderedList } from "@tiptap/extension-list/ordered-list"
import { Paragraph } from "@tiptap/extension-paragraph"
import { Strike } from "@tiptap/extension-strike"
import { Text } from "@tiptap/extension-text"
import { BackgroundColor, Color, FontSize, TextStyle } from "@tiptap/extension-text-style"
import { Underline } from "@tiptap/extension-underline"
import { Dropcursor, Gapcursor, UndoRedo } from "@tiptap/extensions"
import { DOMSerializer } from "@tiptap/pm/model"
import { type Caret, type Content, type Format, noCaret, type TableChange, type WritingArea } from "./editor.ts"
import { givenFiles } from "./given-files.ts"
import { hasFormatting, textOf } from "./document-text.ts"
import { toMail, withOwnPictures } from "./mail-html.ts"
import { Link, Picture, type PictureAddress, Signature } from "./nodes.ts"
import { changeTable, Table, TableCell, TableRow } from "./table.ts"

export interface RichAreaOptions {
  readonly element: HTMLElement
  readonly html: string
  readonly label: string
  readonly pictureAddress: PictureAddress
  readonly changed: () => void
  readonly moved: (caret: Caret) => void
  /** Files that were pasted or dropped into the text; `inline` where they are pictures for it. */
  readonly files: (files: readonly File[], inline: boolean) => void
  /** A picture that came within pasted HTML; answers its Content-ID. */
  readonly takePicture: (picture: File) => string
}

/** The rich writing area: TipTap with hand-picked extensions. */
export interface RichArea extends WritingArea {
  toggle(format: Format): void
  setLink(address: string | undefined): void
  setColour(kind: "text" | "ground", colour: string): void
  setSize(size: string): void
  clearFormat(): void
  table(change: TableChange): void
  undo(): void
  redo(): void
  destroy(): void
}

const names: Readonly<Record<Format, string>> = { bold: "bold", italic: "italic", underline: "underline", strike: "strike", bullets: "bulletList", numbers: "orderedList", quote: "blockquote" }
const isPicture = (file: File) => /^image\/(?:png|jpeg|gif|webp)$/.test(file.type)

function extensions(address: PictureAddress): Extensions {
  return [
    Document, Paragraph, Text, HardBreak, Bold, Italic, Underline, Strike, BulletList, OrderedList, ListItem, ListKeymap, Blockquote,
    TextStyle, Color, BackgroundColor, FontSize, Link, Signature, Picture.configure({ address }),
    Table, TableRow, TableCell, UndoRedo, Dropcursor.configure({ color: false, class: "writing-drop" }), Gapcursor,
  ]
}

export function richArea(options: RichAreaOptions): RichArea {
  const editor = new Editor({
    element: options.element,
    extensions: extensions(options.pictureAddress),
    content: options.html,
    injectCSS: false,
    enableInputRules: ["bulletList", "orderedList"],
    enablePasteRules: false,
    editorProps: {
      attributes: { role: "textbox", "aria-multiline": "true", "aria-label": options.label, spellcheck: "true" },
      transformPastedHTML: (html) => withOwnPictures(html, options.pictureAddress, options.takePicture),
      handlePaste: (_view, event) => take(event.clipboardData, event),
      handleDrop: (view, event) => {
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY })
        if (at && (event.dataTransfer?.files.length ?? 0) > 0) editor.commands.setTextSelection(at.pos)
        return take(event.dataTransfer, event)
      },
    },
    onUpdate: () => options.changed(),
    onTransaction: () => options.moved(caretOf(editor)),
  })

  /** Word brings a picture of every text beside the text itself; there the text counts. */
  function take(data: DataTransfer | null, event: Event): boolean {
    const { files, folders } = givenFiles(data)
    // What surrounds the text says why folders cannot be taken.
    if (folders.length > 0) return true
    if (files.length === 0) return false
    const html = data?.getData("text/html") ?? ""
    if (html !== "" && /<(?:p|td|li|span)\b[^>]*>[^<]*\S/i.test(html)) return false
    event.preventDefault()
    event.stopPropagation()
    const pictures = files.filter(isPicture)
    if (pictures.length > 0) options.files(pictures, true)
    if (pictures.length < files.length) options.files(files.filter((file) => !isPicture(file)), false)
    return true
  }

  const chain = () => editor.chain().focus()
  const content = (): Content => {
    const json = editor.getJSON()
    return {
      html: toMail((page) => DOMSerializer.fromSchema(editor.schema).serializeFragment(editor.state.doc.content, { document: page })),
      text: textOf(json),
      formatted: hasFormatting(json),
    }
  }

  return {
    focus: (at) => void editor.commands.focus(at === "here" ? null : at, { scrollIntoView: at === "end" }),
    content,
    setSignature: ({ html }) => {
      let place: { from: number; to: number } | undefined
      editor.state.doc.forEach((node, offset) => {
        if (node.type.name === "signature") place = { from: offset, to: offset + node.nodeSize }
      })
      const at = place ?? { from: editor.state.doc.content.size, to: editor.state.doc.content.size }
      const fresh = html === "" ? "" : `${place ? "" : "<p></p>"}<div class="lifeboat-signature">${html}</div>`
      if (fresh !== "") editor.chain().insertContentAt(at, fresh, { updateSelection: false }).run()
      else if (place) editor.chain().deleteRange(place).run()
    },
    insertPicture: (cid, name) => void editor.chain().insertContent({ type: "picture", attrs: { cid, alt: name } }).run(),
    toggle: (format) => {
      const run = chain()
      if (format === "bullets") run.toggleBulletList().run()
      else if (format === "numbers") run.toggleOrderedList().run()
      else if (format === "quote") run.toggleBlockquote().run()
      else run.toggleMark(names[format]).run()
    },
    setLink: (address) => {
      const run = chain()
      if (address === undefined) run.extendMarkRange("link").unsetMark("link").run()
      else if (editor.state.selection.empty && !editor.isActive("link")) run.insertContent({ type: "text", text: address.replace(/^mailto:/, ""), marks: [{ type: "link", attrs: { href: address } }] }).run()
      else run.extendMarkRange("link").setMark("link", { href: address }).run()
    },
    setColour: (kind, colour) => {
      if (kind === "text") (colour === "" ? chain().unsetColor() : chain().setColor(colour)).run()
      else (colour === "" ? chain().unsetBackgroundColor() : chain().setBackgroundColor(colour)).run()
    },
    setSize: (size) => void (size === "" ? chain().unsetFontSize() : chain().setFontSize(size)).run(),
    clearFormat: () => void chain().unsetAllMarks().clearNodes().run(),
    table: (change) => changeTable(editor, change),
    undo: () => void chain().undo().run(),
    redo: () => void chain().redo().run(),
    destroy: () => editor.destroy(),
  }
}

function caretOf(editor: Editor): Caret {
  if (editor.isDestroyed) return noCaret
  const on = new Set((Object.keys(names) as Format[]).filter((format) => editor.isActive(names[format])))
  const href: unknown = getAttributes(editor.state, "link")["href"]
  return { on, link: typeof href === "string" ? href : "", inTable: editor.isActive("table"), canUndo: editor.can().undo(), canRedo: editor.can().redo(), selected: !editor.state.selection.empty }
}
