/** How long something took: `1 h 04 min`, `4 min 09 s`, `12 s`. */
export function duration(start: string, end: string): string {
  const total = Math.max(0, Math.round((new Date(end).getTime() - new Date(start).getTime()) / 1000))
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor((total % 3600) / 60)
  const seconds = total % 60
  const two = (value: number) => String(value).padStart(2, "0")
  if (hours > 0) return `${hours} h ${two(minutes)} min`
  return minutes > 0 ? `${minutes} min ${two(seconds)} s` : `${seconds} s`
}
