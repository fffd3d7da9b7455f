import type { DomainDocument, UserDocument } from "../store/documents.ts"

/** Whether a user is covered by the Continuity Service as domain and user are set now. */
export function isCovered(domain: Pick<DomainDocument, "continuity"> | undefined, user: Pick<UserDocument, "selected">): boolean {
  return domain !== undefined && domain.continuity.enabled && (domain.continuity.coverage === "all" || user.selected)
}
