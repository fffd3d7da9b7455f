import type { ReadableMail } from "@lifeboat/shared/schemas/mail"

/** Whether pictures from outside come by themselves. `trustedNow`: its sender was trusted since the mail was asked for. Who only pretends to be trusted learns nothing, also once that is found out later. */
export function comeByThemselves({ senderTrusted }: Pick<ReadableMail, "senderTrusted">, authentication: ReadableMail["authentication"], trustedNow: boolean): boolean {
  return (senderTrusted || trustedNow) && authentication?.result !== "fail"
}
