import type { Language } from "@lifeboat/shared/schemas/session"

const twoDigits = (part: number) => String(part).padStart(2, "0")

/** A day, `2026-11-23`, as the page's language writes it in figures. */
export function dayText(day: string, language: Language): string {
  const [year, month, date] = day.split("-")
  if (year === undefined || month === undefined || date === undefined) return ""
  return [date, month, year].join(language === "de" ? "." : "/")
}

/**
 * A day that somebody typed: day, month and year in this order with any sign between them, or none; two figures of the
 * year or none at all will do, or the way of ISO 8601. Undefined for what is no day. Without a year it is the last such
 * day up to `today` (`2026-11-23`).
 */
export function readDay(text: string, today: string): string | undefined {
  const typed = text.trim()
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(typed)
  if (iso) return checked(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const parts = /^(\d{1,2})[\s./-]+(\d{1,2})(?:[\s./-]+(\d{4}|\d{2})?)?$/.exec(typed) ?? /^(\d{2})(\d{2})(\d{4}|\d{2})?$/.exec(typed)
  if (!parts) return undefined
  const [date, month] = [Number(parts[1]), Number(parts[2])]
  if (parts[3] !== undefined) return checked(Number(parts[3]) + (parts[3].length === 2 ? 2000 : 0), month, date)
  const year = Number(today.slice(0, 4))
  for (let back = 0; back < 8; back++) {
    const day = checked(year - back, month, date)
    if (day !== undefined && day <= today) return day
  }
  return undefined
}

function checked(year: number, month: number, date: number): string | undefined {
  const day = new Date(Date.UTC(year, month - 1, date))
  return day.getUTCMonth() === month - 1 && day.getUTCDate() === date && year >= 1970 ? `${year}-${twoDigits(month)}-${twoDigits(date)}` : undefined
}
