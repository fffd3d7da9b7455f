import { expect, test } from "vitest"
import { missingLibrariesSentence, parseMissing } from "./mongod-binary.ts"

test("a missing library is told with the one command that installs it", () => {
  const ldd = `\tlibcurl.so.4 => not found
\tlibssl.so.3 => /lib/x86_64-linux-gnu/libssl.so.3 (0x00007faf0bd57000)
\tlibcrypto.so.3 => not found
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007faf0b53e000)`
  expect(parseMissing(ldd)).toEqual(["libcurl.so.4", "libcrypto.so.3"])
  expect(missingLibrariesSentence(parseMissing(ldd))).toBe(
    "MongoDB needs libcurl.so.4, libcrypto.so.3, which this system does not have. Install it with:  sudo apt-get install -y libcurl4 libssl3",
  )
})

test("a library that is too old is told too, and one we know no package for has another way out", () => {
  const ldd = "mongod: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by mongod)"
  expect(missingLibrariesSentence(parseMissing(ldd))).toBe(
    "MongoDB needs GLIBC_2.34, which this system does not have. Set LIFEBOAT_MONGO_URL to a replica set that runs elsewhere.",
  )
})
