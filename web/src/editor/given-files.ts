/** Files that were dropped or pasted; `folders`: names of folders among them, which no mail can hold. */
export interface GivenFiles {
  readonly files: readonly File[]
  readonly folders: readonly string[]
}

/** What a drop or a paste brings, as long as its event is being handled. */
export function givenFiles(data: DataTransfer | null): GivenFiles {
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === "file")
  const folders = items.flatMap((item) => {
    const entry = item.webkitGetAsEntry()
    return entry?.isDirectory ? [entry.name] : []
  })
  // Beside a folder, which looks like a file here, no two have the same name.
  return { files: [...(data?.files ?? [])].filter(({ name }) => !folders.includes(name)), folders }
}
