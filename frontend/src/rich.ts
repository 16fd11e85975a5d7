// Fields whose text has a form. The server sends the text of one as HTML in a
// <template data-html-of> and as plain text in the textarea: whoever is quick writes in
// the textarea, until the editor has arrived and takes it over. Everybody else asks here.

export interface RichEditor {
  html(): string;
  text(): string;
  headings(): { text: string; level: number; show(): void }[];
  show(html: string): void;
  /** Put text at the end, as one step that can be undone. */
  append(html: string): void;
  focus(): void;
}

const editors = new WeakMap<Element, RichEditor>();

export function isRich(field: Element): field is HTMLTextAreaElement {
  return field instanceof HTMLTextAreaElement && "rich" in field.dataset;
}

export function takeOver(field: HTMLTextAreaElement, editor: RichEditor): void {
  editors.set(field, editor);
}

export function editorOf(field: Element): RichEditor | undefined {
  return editors.get(field);
}

/** As the server sent it. */
export function sentHtml(field: HTMLTextAreaElement): string {
  return templateOf(field)?.innerHTML ?? "";
}

export function htmlOf(field: HTMLTextAreaElement): string {
  const editor = editors.get(field);
  if (editor) return editor.html();
  const template = templateOf(field);
  if (!template || field.value === field.defaultValue) return sentHtml(field);
  return keepingForm(template, field.defaultValue, field.value);
}

export function textOf(field: HTMLTextAreaElement): string {
  return editors.get(field)?.text() ?? field.value;
}

export function showHtml(field: HTMLTextAreaElement, html: string): void {
  const editor = editors.get(field);
  if (editor) {
    editor.show(html);
    return;
  }
  const template = templateOf(field);
  if (!template) return;
  template.innerHTML = html;
  field.defaultValue = blocksIn(template).map(plainText).join("\n\n");
  field.value = field.defaultValue;
}

/** The words of an HTML text, a line for each paragraph, item and cell. */
export function plainOfHtml(html: string): string {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  for (const line of body.querySelectorAll("br")) line.replaceWith("\n");
  const lines = [...body.querySelectorAll("p, h3, h4")];
  return lines.map((line) => line.textContent ?? "").join("\n");
}

function templateOf(field: HTMLTextAreaElement): HTMLTemplateElement | null {
  return document.querySelector(`template[data-html-of="${CSS.escape(field.name)}"]`);
}

function blocksIn(template: HTMLTemplateElement): Element[] {
  return [...template.content.children];
}

function plainText(block: Element): string {
  return plainOfHtml(block.outerHTML).replace(/\n{2,}/g, "\n");
}

/** As lms.core.rich_text.html_keeping_format: paragraphs that read as before keep their form. */
function keepingForm(template: HTMLTemplateElement, before: string, now: string): string {
  const blocks = blocksIn(template);
  const known = chunksOf(before);
  let from = 0;
  return chunksOf(now)
    .map((chunk) => {
      const place = known.length === blocks.length ? known.indexOf(chunk, from) : -1;
      if (place < 0) return paragraphOf(chunk);
      from = place + 1;
      return blocks[place]?.outerHTML ?? paragraphOf(chunk);
    })
    .join("");
}

function chunksOf(text: string): string[] {
  return text
    .replaceAll("\r\n", "\n")
    .split(/\n{2,}/)
    .map((chunk) => chunk.replace(/^\n+|\n+$/g, ""))
    .filter((chunk) => chunk.trim());
}

function paragraphOf(chunk: string): string {
  const paragraph = document.createElement("p");
  chunk.split("\n").forEach((line, number) => {
    if (number) paragraph.append(document.createElement("br"));
    paragraph.append(line);
  });
  return paragraph.outerHTML;
}
