import { escapeXml, xmlDocument } from "../mail-setup/xml.ts"

/** What a manifest says about its installation. */
export interface ManifestFacts {
  /** A GUID of the installation, for ever the same: Outlook knows the add-in by it. */
  readonly id: string
  /** Where browsers reach the pages, without a slash at its end. */
  readonly publicUrl: string
}

/** Raised whenever the manifest's meaning changes: Outlook takes in a deployed one by it. */
const version = "1.0.0.0"
const germanLocales = ["de-DE", "de-AT", "de-CH"]
const iconSizes = [16, 32, 80] as const

interface Text {
  readonly en: string
  readonly de: string
}

const name = "Lifeboat"
const description: Text = {
  en: "Received and sent mail of the last 90 days, also while the mail server is down: search, open, forward, have delivered again.",
  de: "Empfangene und gesendete E-Mails der letzten 90 Tage, auch wenn der Mailserver ausgefallen ist: suchen, öffnen, weiterleiten, erneut zustellen.",
}
const openTip: Text = {
  en: "Shows your mail archive beside your mail. Search it, open a mail, forward it, or have it delivered again.",
  de: "Zeigt Ihr E-Mail-Archiv neben Ihren E-Mails. Durchsuchen, öffnen, weiterleiten oder erneut zustellen lassen.",
}
const open: Text = { en: "Open archive", de: "Archiv öffnen" }

const namespaces = {
  app: "http://schemas.microsoft.com/office/appforoffice/1.1",
  basic: "http://schemas.microsoft.com/office/officeappbasictypes/1.0",
  overrides10: "http://schemas.microsoft.com/office/mailappversionoverrides",
  overrides11: "http://schemas.microsoft.com/office/mailappversionoverrides/1.1",
}

/**
 * The add-in only manifest (MS-OWEMXML) of the task pane for reading and composing mail: for Outlook without commands, with
 * commands (VersionOverrides 1.0), and with a pane that stays open (1.1).
 */
export function addinManifest({ id, publicUrl }: ManifestFacts): string {
  const pane = escapeXml(`${publicUrl}/addin/taskpane.html`)
  const icon = (size: number) => escapeXml(`${publicUrl}/addin/icon-${size}.png`)
  return xmlDocument(
    `<OfficeApp xmlns="${namespaces.app}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:bt="${namespaces.basic}" xmlns:mailappor="${namespaces.overrides10}" xsi:type="MailApp">`,
    `  <Id>${escapeXml(id)}</Id>`,
    `  <Version>${version}</Version>`,
    `  <ProviderName>${name}</ProviderName>`,
    "  <DefaultLocale>en-US</DefaultLocale>",
    `  <DisplayName DefaultValue="${name}"/>`,
    localized("  ", "Description", "", "Override", description),
    `  <IconUrl DefaultValue="${icon(64)}"/>`,
    `  <HighResolutionIconUrl DefaultValue="${icon(128)}"/>`,
    `  <SupportUrl DefaultValue="${escapeXml(publicUrl)}/"/>`,
    "  <AppDomains>",
    `    <AppDomain>${escapeXml(new URL(publicUrl).origin)}</AppDomain>`,
    "  </AppDomains>",
    "  <Hosts>",
    '    <Host Name="Mailbox"/>',
    "  </Hosts>",
    "  <Requirements>",
    "    <Sets>",
    '      <Set Name="Mailbox" MinVersion="1.3"/>',
    "    </Sets>",
    "  </Requirements>",
    "  <FormSettings>",
    '    <Form xsi:type="ItemRead">',
    `      <DesktopSettings><SourceLocation DefaultValue="${pane}"/><RequestedHeight>450</RequestedHeight></DesktopSettings>`,
    "    </Form>",
    '    <Form xsi:type="ItemEdit">',
    `      <DesktopSettings><SourceLocation DefaultValue="${pane}"/></DesktopSettings>`,
    "    </Form>",
    "  </FormSettings>",
    "  <Permissions>ReadWriteItem</Permissions>",
    '  <Rule xsi:type="RuleCollection" Mode="Or">',
    '    <Rule xsi:type="ItemIs" ItemType="Message" FormType="Read"/>',
    '    <Rule xsi:type="ItemIs" ItemType="Message" FormType="Edit"/>',
    "  </Rule>",
    "  <DisableEntityHighlighting>true</DisableEntityHighlighting>",
    overrides("1.0", pane, icon),
    "</OfficeApp>",
  )
}

/** One block of overrides; 1.0 holds 1.1, which older versions of Outlook skip. */
function overrides(level: "1.0" | "1.1", pane: string, icon: (size: number) => string): string[] {
  const inner = level === "1.0" ? "  " : "    "
  const lines = [
    `<VersionOverrides xmlns="${level === "1.0" ? namespaces.overrides10 : namespaces.overrides11}" xsi:type="VersionOverridesV${level === "1.0" ? "1_0" : "1_1"}">`,
    "  <Requirements>",
    '    <bt:Sets DefaultMinVersion="1.3">',
    `      <bt:Set Name="Mailbox" MinVersion="${level === "1.0" ? "1.3" : "1.5"}"/>`,
    "    </bt:Sets>",
    "  </Requirements>",
    "  <Hosts>",
    '    <Host xsi:type="MailHost">',
    "      <DesktopFormFactor>",
    ...surface("MessageReadCommandSurface", "Read", level === "1.1"),
    // The item changes under a pinned pane only where mail is read.
    ...surface("MessageComposeCommandSurface", "Compose", false),
    "      </DesktopFormFactor>",
    "    </Host>",
    "  </Hosts>",
    "  <Resources>",
    "    <bt:Images>",
    ...iconSizes.map((size) => `      <bt:Image id="icon${size}" DefaultValue="${icon(size)}"/>`),
    "    </bt:Images>",
    "    <bt:Urls>",
    `      <bt:Url id="paneUrl" DefaultValue="${pane}"/>`,
    "    </bt:Urls>",
    "    <bt:ShortStrings>",
    `      <bt:String id="groupLabel" DefaultValue="${name}"/>`,
    ...localized("      ", "bt:String", ' id="openLabel"', "bt:Override", open),
    "    </bt:ShortStrings>",
    "    <bt:LongStrings>",
    ...localized("      ", "bt:String", ' id="openTip"', "bt:Override", openTip),
    "    </bt:LongStrings>",
    "  </Resources>",
    ...(level === "1.0" ? overrides("1.1", pane, icon) : []),
    "</VersionOverrides>",
  ]
  return lines.map((line) => inner + line)
}

function surface(type: string, what: "Read" | "Compose", pinned: boolean): string[] {
  return [
    `        <ExtensionPoint xsi:type="${type}">`,
    '          <OfficeTab id="TabDefault">',
    `            <Group id="lifeboat${what}Group">`,
    '              <Label resid="groupLabel"/>',
    `              <Control xsi:type="Button" id="lifeboat${what}Button">`,
    '                <Label resid="openLabel"/>',
    "                <Supertip>",
    '                  <Title resid="openLabel"/>',
    '                  <Description resid="openTip"/>',
    "                </Supertip>",
    "                <Icon>",
    ...iconSizes.map((size) => `                  <bt:Image size="${size}" resid="icon${size}"/>`),
    "                </Icon>",
    '                <Action xsi:type="ShowTaskpane">',
    '                  <SourceLocation resid="paneUrl"/>',
    ...(pinned ? ["                  <SupportsPinning>true</SupportsPinning>"] : []),
    "                </Action>",
    "              </Control>",
    "            </Group>",
    "          </OfficeTab>",
    "        </ExtensionPoint>",
  ]
}

function localized(indent: string, element: string, attributes: string, override: string, text: Text): string[] {
  return [
    `${indent}<${element}${attributes} DefaultValue="${escapeXml(text.en)}">`,
    ...germanLocales.map((locale) => `${indent}  <${override} Locale="${locale}" Value="${escapeXml(text.de)}"/>`),
    `${indent}</${element}>`,
  ]
}
