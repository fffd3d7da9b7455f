import { Archive, Calendar, ContactRound, File, FileCode, FileSpreadsheet, FileText, Image, Mail, Music, Presentation, TriangleAlert, Video } from "@lucide/vue"
import type { Attachment } from "@lifeboat/shared/schemas/mail"
import type { Component } from "vue"
import { riskOf } from "./risky-file.ts"

const byType: readonly (readonly [RegExp, Component])[] = [
  [/^image\//, Image],
  [/^audio\//, Music],
  [/^video\//, Video],
  [/^message\//, Mail],
  [/calendar|\/ics$/, Calendar],
  [/vcard/, ContactRound],
  [/spreadsheet|excel|\bcsv\b/, FileSpreadsheet],
  [/presentation|powerpoint/, Presentation],
  [/zip|compressed|x-(?:rar|7z|tar|gzip)|gzip/, Archive],
  [/json|xml|javascript|x-sh|yaml/, FileCode],
  [/^text\/|pdf|word|opendocument\.text|rtf/, FileText],
]

/** The picture that stands for a file of this kind. */
export function partIcon(attachment: Attachment): Component {
  if (riskOf(attachment) !== undefined) return TriangleAlert
  return byType.find(([type]) => type.test(attachment.contentType.toLowerCase()))?.[1] ?? File
}
