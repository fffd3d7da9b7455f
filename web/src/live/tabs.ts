/** What the tabs of one browser tell each other about the session. */
const channel = new BroadcastChannel("lifeboat.session")

/** Tells the other tabs that nobody is signed in any more. */
export function tellSignedOut(): void {
  channel.postMessage("signed-out")
}

/** Called when another tab signed out. Returns how to stop. */
export function whenSignedOutElsewhere(action: () => void): () => void {
  const listener = ({ data }: MessageEvent<unknown>) => {
    if (data === "signed-out") action()
  }
  channel.addEventListener("message", listener)
  return () => channel.removeEventListener("message", listener)
}
