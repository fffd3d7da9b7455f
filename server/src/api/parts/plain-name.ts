/**
 * A stranger's name for a person, a mail or a file, in one line and without the marks that make a text run backwards
 * (UAX #9): with them it reads as another one, or as another address.
 */
export function plainName(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, " ").replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
}
