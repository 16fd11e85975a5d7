// A frame without an origin has no lasting cache: it would fetch the fonts of the site at every
// load. This page has them: a frame that looks like the page is given what the page is set in.
import { fetchBytes } from "./code";

interface Described {
  family: string;
  style: string;
  weight: string;
  unicodeRange: string;
}

export interface Face extends Described {
  bytes: ArrayBuffer;
}

const ROLES = { serif: "Page serif", sans: "Page sans" };

/** The faces that this page has in use, when it has them all; called by what they are for. */
export async function facesInUse(): Promise<Face[]> {
  const { fonts } = document;
  await fonts.ready;
  const roles = rolesOfFamilies();
  const used = new Set([...fonts].filter(({ status }) => status === "loaded").map(keyOf));
  const faces = await Promise.all(
    rules().map(async ({ style, parentStyleSheet }) => {
      const face = described(style);
      const url = /url\("?([^")]+)"?\)/.exec(style.getPropertyValue("src"))?.[1];
      const family = roles.get(face.family);
      if (!url || !family || !used.has(keyOf(face))) return null;
      const bytes = await fetchBytes(new URL(url, parentStyleSheet?.href ?? document.baseURI).href);
      return bytes && { ...face, family, bytes };
    }),
  );
  return faces.filter((face) => face !== null);
}

/** As our tokens have it: the first of each list. */
function rolesOfFamilies(): Map<string, string> {
  const tokens = getComputedStyle(document.documentElement);
  return new Map(
    Object.entries(ROLES).map(([token, role]) => [
      unquoted(tokens.getPropertyValue(`--${token}`).split(",")[0] ?? ""),
      role,
    ]),
  );
}

/** Of our own stylesheets: those of others may not be read. */
function rules(): CSSFontFaceRule[] {
  return [...document.styleSheets]
    .filter(({ href }) => href && new URL(href).origin === location.origin)
    .flatMap(({ cssRules }) => [...cssRules])
    .filter((rule) => rule instanceof CSSFontFaceRule);
}

function described(style: CSSStyleDeclaration): Described {
  return {
    family: unquoted(style.getPropertyValue("font-family")),
    style: style.getPropertyValue("font-style") || "normal",
    weight: style.getPropertyValue("font-weight") || "400",
    unicodeRange: style.getPropertyValue("unicode-range") || "U+0-10FFFF",
  };
}

/** Of a range the beginning: browsers do not write the whole of it alike. */
function keyOf({ family, style, weight, unicodeRange }: Described): string {
  const from = Number.parseInt(/U\+([\da-f]+)/i.exec(unicodeRange)?.[1] ?? "0", 16);
  return [unquoted(family), style, weight, from].join("|");
}

function unquoted(family: string): string {
  return family.replaceAll('"', "").trim();
}
