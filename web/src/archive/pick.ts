/** The rows chosen after a click on one of them: with shift everything from the last one clicked to this one is as this one is now. Pure. */
export function pick(ids: readonly string[], chosen: ReadonlySet<string>, id: string, on: boolean, anchor: string | undefined, range: boolean): Set<string> {
  const from = anchor === undefined ? -1 : ids.indexOf(anchor)
  const at = ids.indexOf(id)
  const touched = range && from >= 0 && at >= 0 ? ids.slice(Math.min(from, at), Math.max(from, at) + 1) : [id]
  const next = new Set(chosen)
  for (const each of touched) {
    if (on) next.add(each)
    else next.delete(each)
  }
  return next
}
