/** Text without the characters that have no shape of their own, and could stand within an address or before a file's ending so that it is not found. */
export function withoutUnseen(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, "")
}

/** Text without the marks that make it run backwards (UAX #9, embeddings, overrides and isolates): with them it reads as another one. */
export function withoutTurning(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
}

/** Text in one line, without control characters. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
}

/** A stranger's name for a person, a mail, a folder or a file, in one line and without marks that make it run backwards. */
export function plainName(name: string): string {
  return withoutTurning(oneLine(name))
}

/** The same for a file, whose ending is what counts: not even marks that move what stands beside them. */
export function plainFileName(name: string): string {
  return plainName(name).replace(/[\u061c\u200e\u200f]/g, "")
}
