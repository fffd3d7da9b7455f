import { join } from "node:path"
import { Problem } from "./processes.mjs"
import { registryPackage } from "./registry-package.mjs"

const version = "24.21.0"

/** SHA-512 of the package that carries the program, by machine. */
const packages = {
  "linux-x64": "3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  "linux-arm64": "FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
}

/** Whether this Node runs TypeScript files as they are: 22.19 or newer. */
export function isNewEnough(nodeVersion) {
  const [major, minor] = nodeVersion.replace(/^v/, "").split(".").map(Number)
  return major > 22 ? major !== 23 : major === 22 && minor >= 19
}

/** Path of a Node that runs the rest: this one where it is new enough, else one from the cache, fetched at need. */
export async function ensureNode(cache) {
  if (isNewEnough(process.version)) return process.execPath
  const machine = `${process.platform}-${process.arch}`
  const sha512 = packages[machine]
  if (sha512 === undefined) {
    throw new Problem(`Lifeboat needs Node.js 22.19 or newer, this is ${process.version}, and there is none to fetch for ${machine}. Please install Node.js ${version}.`)
  }
  const folder = await registryPackage(cache, { name: `node-${machine}`, version, sha512, title: `Node.js ${version} (50 MB)` })
  return join(folder, "bin", "node")
}
