import { type Editor, Node } from "@tiptap/core"
import { Fragment, type Node as DocumentNode } from "@tiptap/pm/model"
import { TextSelection, type Transaction } from "@tiptap/pm/state"
import type { TableChange } from "./editor.ts"

const span = (name: "colspan" | "rowspan") => ({
  default: 1,
  parseHTML: (element: HTMLElement) => Math.min(100, Math.max(1, Number(element.getAttribute(name)) || 1)),
  renderHTML: (attributes: Record<string, unknown>) => (Number(attributes[name]) > 1 ? { [name]: attributes[name] } : {}),
})

/** Tables as mails have them. Not TipTap's own: selecting and resizing cells weighs as much as the rest of the toolbar. */
export const Table = Node.create({
  name: "table",
  group: "block",
  content: "tableRow+",
  isolating: true,
  parseHTML: () => [{ tag: "table" }],
  renderHTML: () => ["table", ["tbody", 0]],
})

export const TableRow = Node.create({
  name: "tableRow",
  content: "tableCell+",
  parseHTML: () => [{ tag: "tr" }],
  renderHTML: () => ["tr", 0],
})

export const TableCell = Node.create({
  name: "tableCell",
  content: "block+",
  isolating: true,
  addAttributes: () => ({ colspan: span("colspan"), rowspan: span("rowspan") }),
  parseHTML: () => [{ tag: "td" }, { tag: "th" }],
  renderHTML: ({ HTMLAttributes }) => ["td", HTMLAttributes, 0],
  addKeyboardShortcuts() {
    return { Tab: () => stepCell(this.editor, 1), "Shift-Tab": () => stepCell(this.editor, -1) }
  },
})

interface Place {
  readonly table: DocumentNode
  /** Where the table begins. */
  readonly at: number
  readonly row: number
  readonly column: number
}

function placeOf({ state: { selection: { $from } } }: Editor): Place | undefined {
  for (let depth = $from.depth; depth > 0; depth--)
    if ($from.node(depth).type.name === "table") return { table: $from.node(depth), at: $from.before(depth), row: $from.index(depth), column: $from.index(depth + 1) }
  return undefined
}

const rowsOf = (table: DocumentNode) => Array.from({ length: table.childCount }, (_, at) => table.child(at))
const cellsOf = (row: DocumentNode) => Array.from({ length: row.childCount }, (_, at) => row.child(at))

/** Where a cell's text begins. */
function cellStart({ table, at }: Pick<Place, "table" | "at">, row: number, column: number): number {
  let position = at + 1
  for (let each = 0; each < row; each++) position += table.child(each).nodeSize
  position++
  for (let each = 0; each < column; each++) position += table.child(row).child(each).nodeSize
  return position + 2
}

/** To the next or last cell; from the last one into a new row. */
function stepCell(editor: Editor, by: 1 | -1): boolean {
  const place = placeOf(editor)
  if (!place) return false
  const cells = rowsOf(place.table).flatMap((row, at) => cellsOf(row).map((_, column) => [at, column] as const))
  const next = cells[cells.findIndex(([row, column]) => row === place.row && column === place.column) + by]
  if (next) return editor.commands.setTextSelection(cellStart(place, ...next))
  if (by < 0) return false
  changeTable(editor, "addRow")
  return true
}

/** Changes the table at the caret, or puts in a new one. */
export function changeTable(editor: Editor, change: TableChange): void {
  const { table: kind, tableRow: rowKind, tableCell: cellKind } = editor.schema.nodes
  if (!kind || !rowKind || !cellKind) return
  const cell = () => cellKind.createAndFill()
  const emptyRow = (count: number) => rowKind.create(null, Array.from({ length: count }, cell).filter((each) => each !== null))
  if (change === "insert") {
    editor.chain().focus().insertContent(kind.create(null, [0, 1, 2].map(() => emptyRow(3))).toJSON()).run()
    return
  }
  const place = placeOf(editor)
  if (!place) return
  const rows = rowsOf(place.table)
  const withCells = (row: DocumentNode, cells: readonly DocumentNode[]) => row.copy(Fragment.from(cells))
  const next = {
    addRow: () => rows.toSpliced(place.row + 1, 0, emptyRow(rows[place.row]?.childCount ?? 1)),
    deleteRow: () => rows.toSpliced(place.row, 1),
    addColumn: () => rows.map((row) => withCells(row, cellsOf(row).toSpliced(place.column + 1, 0, ...[cell()].filter((each) => each !== null)))),
    deleteColumn: () => rows.map((row) => withCells(row, cellsOf(row).toSpliced(place.column, 1))).filter((row) => row.childCount > 0),
    delete: () => [],
  }[change]()
  const end = place.at + place.table.nodeSize
  editor.view.dispatch(next.length === 0 ? editor.state.tr.delete(place.at, end) : replaced(editor.state.tr, place, end, place.table.copy(Fragment.from(next)), change))
  editor.view.focus()
}

/** The caret goes into what is new, or stays as near as it can. */
function replaced(tr: Transaction, place: Place, end: number, table: DocumentNode, change: TableChange): Transaction {
  const row = Math.min(table.childCount - 1, place.row + (change === "addRow" ? 1 : 0))
  const column = Math.min(table.child(row).childCount - 1, change === "addRow" ? 0 : place.column + (change === "addColumn" ? 1 : 0))
  tr.replaceWith(place.at, end, table)
  return tr.setSelection(TextSelection.near(tr.doc.resolve(cellStart({ table, at: place.at }, row, column))))
}
