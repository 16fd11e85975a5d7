// What comes from Word, Google Docs or a web page, as HTML of our vocabulary: the words,
// their headings, lists, tables and emphasis, and nothing else of where they come from.

const GONE = "style, script, meta, link, title, xml, img, svg, object, iframe, button, input";
const KEPT = new Set(["href", "colspan", "rowspan"]);
const RENAMED: Record<string, string> = {
  H1: "h3",
  H2: "h3",
  H5: "h4",
  H6: "h4",
  B: "strong",
  I: "em",
  DIV: "p",
};
const NUMBERED = /^[\s(]*(?:\d+|[a-z]|[ivxlc]+)[.)]/i;

export function cleanPasted(html: string): string {
  // From an editor of ours: it has been cleaned already.
  if (html.includes("data-pm-slice")) return html;
  // The content policy refuses styles, even in a document nobody sees.
  const source = html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<!\[[^\]]*\]>/g, "")
    .replace(/<style[\s\S]*?<\/style\s*>/gi, "")
    .replace(/(<[^<>]*?\s)style\s*=/gi, "$1data-style=");
  const { body } = new DOMParser().parseFromString(source, "text/html");
  for (const part of body.querySelectorAll(GONE)) part.remove();
  // A line break between paragraphs is no paragraph, nor is Google's wrapper in bold.
  for (const wrap of body.querySelectorAll('b[id^="docs-internal-guid"]')) unwrap(wrap);
  for (const gap of body.querySelectorAll(":scope > br")) gap.remove();
  gatherWordLists(body);
  for (const part of [...body.querySelectorAll("*")]) emphasise(part);
  for (const part of [...body.querySelectorAll("*")]) settle(part);
  for (const line of body.querySelectorAll("p, h3, h4")) {
    const inCell = line.closest("td, th") && line.parentElement?.children.length === 1;
    if (!inCell && !line.textContent?.trim()) line.remove();
  }
  return body.innerHTML;
}

function styleOf(part: Element): string {
  return (part.getAttribute("data-style") ?? "").toLowerCase();
}

/** Word writes a list as paragraphs that say how deep they stand, with a typed sign. */
function gatherWordLists(body: HTMLElement): void {
  let open: { list: Element; level: number; last: Element }[] = [];
  let before: Element | null = null;
  for (const line of [...body.querySelectorAll("p, h1, h2, h3, h4, h5, h6, div, table")]) {
    const level = Number(/mso-list:\s*l\d+\s+level(\d+)/.exec(styleOf(line))?.[1] ?? 0);
    if (!level) continue;
    if (before === null || line.previousElementSibling !== before) open = [];
    const signs = [...line.querySelectorAll("[data-style]")].filter((part) =>
      /mso-list:\s*ignore/.test(styleOf(part)),
    );
    const sign = signs.map((part) => part.textContent ?? "").join("");
    for (const part of signs) part.remove();
    const item = document.createElement("li");
    const text = document.createElement("p");
    text.append(...line.childNodes);
    item.append(text);
    while (open.length && (open.at(-1)?.level ?? 0) > level) open.pop();
    const here = open.at(-1);
    if (here && here.level === level) {
      here.list.append(item);
      here.last = item;
      line.remove();
    } else {
      const list = document.createElement(NUMBERED.test(sign) ? "ol" : "ul");
      list.append(item);
      if (here) {
        here.last.append(list);
        line.remove();
      } else line.replaceWith(list);
      open.push({ list, level, last: item });
    }
    before = open[0]?.list ?? null;
  }
}

/** What a style says becomes a tag. */
function emphasise(part: Element): void {
  const style = styleOf(part);
  if (!style) return;
  // Not Word's `mso-bidi-font-weight:normal`, which it writes on whatever is bold.
  const bold = /(?<![\w-])font-weight:\s*(bold|[6-9]00)/.test(style);
  if (/^(B|STRONG)$/.test(part.tagName) && /(?<![\w-])font-weight:\s*(normal|[1-4]00)/.test(style)) {
    unwrap(part);
    return;
  }
  if (part.tagName !== "SPAN") return;
  const isLinked = part.closest("a") !== null || part.querySelector("a") !== null;
  const marks = [
    bold && !part.closest("h1, h2, h3, h4, h5, h6, th") && "strong",
    /(?<![\w-])font-style:\s*italic/.test(style) && "em",
    /text-decoration[^;]*underline/.test(style) && !isLinked && "u",
    /text-decoration[^;]*line-through/.test(style) && "s",
  ];
  for (const mark of marks) {
    if (!mark) continue;
    const around = document.createElement(mark);
    around.append(...part.childNodes);
    part.append(around);
  }
}

function settle(part: Element): void {
  // Word's own tags (o:p), fonts and spans say nothing.
  if (/^(SPAN|FONT|SECTION|ARTICLE|CENTER|SMALL|BIG)$|:/.test(part.tagName)) {
    unwrap(part);
    return;
  }
  if (part.matches("u") && part.closest("a")) {
    unwrap(part);
    return;
  }
  for (const { name } of [...part.attributes]) if (!KEPT.has(name)) part.removeAttribute(name);
  const name = RENAMED[part.tagName];
  if (!name) return;
  // A division that only holds other blocks is no paragraph.
  if (part.tagName === "DIV" && part.querySelector("p, div, ul, ol, table, h1, h2, h3, h4")) {
    unwrap(part);
    return;
  }
  const renamed = document.createElement(name);
  renamed.append(...part.childNodes);
  part.replaceWith(renamed);
}

function unwrap(part: Element): void {
  part.replaceWith(...part.childNodes);
}
