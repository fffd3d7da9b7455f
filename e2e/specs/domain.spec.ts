import { createServer } from "node:net"
import { ControlPanel } from "../pages/control-panel.ts"
import { domain, operator } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

const second = "zweite.example"

test.afterEach(async ({ company }) => {
  await company.api("DELETE", `/api/domains/${second}`).catch(() => undefined)
})

async function unusedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === "object" && address !== null ? address.port : 0
}

test("create a domain, enter its mail server, test the connection: clear sentences", async ({ page, signedIn, company }) => {
  await signedIn(operator)
  await page.goto("/panel")
  const panel = new ControlPanel(page)
  const port = (await company.view()).primary?.port ?? 0
  const main = page.getByRole("main")

  await test.step("create", async () => {
    await page.getByRole("button", { name: "Domain anlegen" }).click()
    const dialog = page.getByRole("dialog", { name: "Domain anlegen" })
    await dialog.getByLabel("Domain", { exact: true }).fill("not a domain")
    await dialog.getByRole("button", { name: "Domain anlegen" }).click()
    await expect(dialog.getByText("Das ist kein gültiger Domainname.")).toBeVisible()
    await dialog.getByLabel("Domain", { exact: true }).fill(second)
    await dialog.getByRole("button", { name: "Domain anlegen" }).click()
    await expect(page.getByRole("heading", { level: 1, name: "Domain und Mailserver" })).toBeVisible()
    await expect(panel.scope).toHaveValue(second)
    expect(await company.api("GET", `/api/domains/${second}`)).toMatchObject({ primary: null })
  })
  const host = main.getByLabel("Hostname oder IP-Adresse")
  const portField = main.getByLabel("Port").first()
  await test.step("a wrong port: saved, tested, said", async () => {
    await host.fill("127.0.0.1")
    await portField.fill(String(await unusedPort()))
    await expect(page.getByText("Bitte erst speichern.")).toBeVisible()
    await expect(page.getByRole("button", { name: "Verbindung testen" })).toBeDisabled()
    await page.getByRole("button", { name: "Speichern" }).click()
    await expect(panel.notice("Gespeichert.")).toBeVisible()
    await page.getByRole("button", { name: "Verbindung testen" }).click()
    await expect(page.getByText("Der Test ist gescheitert: keine Verbindung.")).toBeVisible()
  })
  await test.step("the right one", async () => {
    await portField.fill(String(port))
    await main.getByLabel("Verschlüsselung (TLS)").selectOption({ label: "wenn möglich" })
    await page.getByRole("button", { name: "Speichern" }).click()
    await expect(page.getByText("Bitte erst speichern.")).toHaveCount(0)
    await page.getByRole("button", { name: "Verbindung testen" }).click()
    await expect(page.getByText("Der Mailserver antwortet und nimmt E-Mails an")).toBeVisible()
    expect(await company.api("GET", `/api/domains/${second}`)).toMatchObject({ primary: { host: "127.0.0.1", port, tls: "opportunistic" } })
  })
  await test.step("TLS always, with a server that has none", async () => {
    await main.getByLabel("Verschlüsselung (TLS)").selectOption({ label: "immer" })
    await page.getByRole("button", { name: "Speichern" }).click()
    await expect(page.getByText("Bitte erst speichern.")).toHaveCount(0)
    await page.getByRole("button", { name: "Verbindung testen" }).click()
    await expect(page.getByText("Der Test ist gescheitert: die Verschlüsselung kam nicht zustande.")).toBeVisible()
  })
  await test.step("the scope selector leads from one domain to the other and stays on the page", async () => {
    await panel.choose(domain)
    await expect(page.getByRole("heading", { level: 1, name: "Domain und Mailserver" })).toBeVisible()
    await expect(portField).toHaveValue(String(port))
    await page.getByRole("button", { name: "Verbindung testen" }).click()
    await expect(page.getByText("Der Mailserver antwortet und nimmt E-Mails an")).toBeVisible()
    await panel.choose(second)
  })
  await test.step("delete, asked first", async () => {
    await page.getByRole("button", { name: "Domain löschen" }).click()
    await panel.question(`${second} löschen?`).getByRole("button", { name: "Domain löschen" }).click()
    await expect(panel.scope.getByRole("option", { name: second })).toHaveCount(0)
    await expect(company.api("GET", `/api/domains/${second}`)).rejects.toThrow("404")
  })
})
