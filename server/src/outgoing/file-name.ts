/** A file's name without what breaks lines, and without marks that turn the direction of writing, behind which an ending can be hidden. */
export function plainName(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, " ").replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
}
