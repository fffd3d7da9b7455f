import { withoutUnseen } from "@lifeboat/shared/hidden-characters"

/** Why a file deserves a word before it is saved: it is a program, an office file with macros, a web page, or an image of a disk. */
export type Risk = "program" | "macros" | "page" | "disk"

const endings: Readonly<Record<Risk, ReadonlySet<string>>> = {
  program: new Set(
    "exe com scr pif msi msp msix appx appxbundle msixbundle bat cmd ps1 psm1 psd1 vb vbs vbe js jse mjs ws wsf wsh wsc hta jar jnlp lnk url scf reg inf cpl dll sys ocx msc gadget application appref-ms chm hlp diagcab library-ms search-ms settingcontent-ms theme themepack sh bash csh command app dmg pkg mpkg workflow deb rpm appimage run apk xapk py pyw pyc pl rb php one onepkg rdp xll wll".split(" "),
  ),
  macros: new Set("docm dotm xlsm xltm xlsb xlam pptm potm ppam ppsm sldm mdb accdb accde mde ade adp".split(" ")),
  page: new Set("html htm shtml xhtml xht svg svgz mht mhtml xps oxps swf".split(" ")),
  disk: new Set("iso img vhd vhdx udf daa".split(" ")),
}

const types: readonly (readonly [RegExp, Risk])[] = [
  [/^(?:application\/(?:x-msdownload|x-msdos-program|x-dosexec|x-ms-shortcut|x-msi|java-archive|x-java-archive|hta|x-sh|vnd\.android\.package-archive|vnd\.microsoft\.portable-executable|x-executable|javascript|x-javascript)|text\/(?:javascript|vbscript))$/i, "program"],
  [/macroenabled/i, "macros"],
  [/^(?:text\/html|application\/xhtml\+xml|image\/svg\+xml)$/i, "page"],
]

/** Judges a file by its name's ending, then by its type; undefined: nothing special. What stands before the ending is there to deceive. */
export function riskOf({ name, contentType }: { readonly name: string; readonly contentType: string }): Risk | undefined {
  // Windows drops dots and spaces at the end, so that `x.exe.` is a program as well.
  const ending = /\.([\p{L}\p{N}-]{1,20})[. ]*$/u.exec(withoutUnseen(name).slice(-60))?.[1]?.toLowerCase()
  for (const [risk, known] of Object.entries(endings)) if (ending !== undefined && known.has(ending)) return risk as Risk
  return types.find(([type]) => type.test(contentType))?.[1]
}
