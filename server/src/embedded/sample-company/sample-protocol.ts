import { Type, type Static } from "typebox"
import { failures } from "@lifeboat/shared/schemas/demo"
import { OneOf } from "@lifeboat/shared/schemas/list"

/** How the sample server behaves: healthy, or failing in one of the ways a real one does. */
export const Behaviour = Type.Union([Type.Literal("healthy"), OneOf(failures)])
export type Behaviour = Static<typeof Behaviour>

/** What the control sends to the server process. */
export const SampleCommand = Type.Object({ behave: Behaviour })
export type SampleCommand = Static<typeof SampleCommand>

/** Start arguments of the server process, as one JSON argument. */
export const SampleSettings = Type.Object({
  host: Type.String(),
  port: Type.Integer(),
  outsidePort: Type.Integer(),
  folder: Type.String(),
  domain: Type.String(),
  addresses: Type.Array(Type.String()),
  behave: Behaviour,
})
export type SampleSettings = Static<typeof SampleSettings>
