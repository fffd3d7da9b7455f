import { expect, test } from "vitest"
import { readConfig } from "../config.ts"
import { explainWildDuck, wildDuckListeners } from "./wildduck-process.ts"
import { wildDuckMongoUrl, wildDuckToml } from "./wildduck-settings.ts"

test.each([
  ["mongodb://127.0.0.1:27017/?replicaSet=rs0", "mongodb://127.0.0.1:27017/wildduck?replicaSet=rs0&w=majority&journal=true"],
  ["mongodb://127.0.0.1:27017", "mongodb://127.0.0.1:27017/wildduck?w=majority&journal=true"],
  ["mongodb://a:1,b:2,c:3/lifeboat?w=1&tls=true", "mongodb://a:1,b:2,c:3/wildduck?w=majority&tls=true&journal=true"],
  ["mongodb://u:p%40ss@a:1/lifeboat", "mongodb://u:p%40ss@a:1/wildduck?authSource=lifeboat&w=majority&journal=true"],
  ["mongodb+srv://u:p@cluster.example.com", "mongodb+srv://u:p@cluster.example.com/wildduck?authSource=admin&w=majority&journal=true"],
  ["mongodb://u:p@a:1/lifeboat?authSource=users", "mongodb://u:p@a:1/wildduck?authSource=users&w=majority&journal=true"],
])("%s becomes WildDuck's own durable database", (given, expected) => {
  expect(wildDuckMongoUrl(given)).toBe(expected)
})

test("the settings file quotes what comes from outside and knows all of Redis' address", () => {
  const config = readConfig({ LIFEBOAT_HOSTNAME: 'mail."x\\y' })
  const toml = wildDuckToml(config, {
    mongoUrl: "mongodb://127.0.0.1:1/wildduck",
    redisUrl: "rediss://user:p%40ss@redis.example.com:6390/2",
    certificate: { certFile: "/c.pem", keyFile: "/k.pem" },
    accessToken: "secret",
    apiPort: 12345,
  })
  expect(toml).toContain('emailDomain = "mail.\\"x\\\\y"')
  expect(toml).toContain('host = "redis.example.com"\nport = 6390\ndb = 2\nusername = "user"\npassword = "p@ss"\n\n[dbs.redis.tls]')
  expect(toml).toContain('[api]\nenabled = true\nhost = "127.0.0.1"\nport = 12345\nsecure = false\naccessToken = "secret"')
})

test("a port that somebody took meanwhile is told by its setting", () => {
  const log = "ERR! App Failed to start IMAP server. listen EADDRINUSE: address already in use 127.0.0.1:2993\n"
  expect(explainWildDuck(log, wildDuckListeners(readConfig({})))).toBe(
    "Port 2993 on 127.0.0.1 is taken by another program. Stop that program, or set LIFEBOAT_IMAPS_PORT to another port.",
  )
  expect(explainWildDuck("ERR! something else", wildDuckListeners(readConfig({})))).toBeUndefined()
})
