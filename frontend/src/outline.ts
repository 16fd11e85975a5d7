// An outline that keeps up with the text it lists: what is still empty, how long the rest
// is, and the headings in it.
import { editorOf, textOf } from "./rich";
import { countWords } from "./word-count";
import { words } from "./words";

export function startOutline(row: HTMLElement): void {
  const field = document.querySelector<HTMLTextAreaElement>(
    `textarea[name="${CSS.escape(row.dataset.outlineOf ?? "")}"]`,
  );
  const note = row.querySelector<HTMLElement>("[data-outline-words]");
  if (!field || !note) return;
  const headings = document.createElement("ul");
  headings.className = "outline__headings";
  const show = (): void => {
    const text = textOf(field);
    const isEmpty = text.trim() === "";
    const ifEmpty = "required" in row.dataset ? words.outlineEmpty : words.outlineOptional;
    row.dataset.state = isEmpty ? "unmet" : "met";
    note.textContent = isEmpty ? ifEmpty : words.wordCount(countWords(text));
    const items = (editorOf(field)?.headings() ?? [])
      .filter((heading) => heading.text.trim())
      .map((heading) => {
        const item = document.createElement("li");
        const link = document.createElement("button");
        item.dataset.level = String(heading.level);
        link.type = "button";
        link.className = "outline__heading";
        link.textContent = heading.text;
        link.addEventListener("click", heading.show);
        item.append(link);
        return item;
      });
    headings.replaceChildren(...items);
    if (items.length) row.append(headings);
    else headings.remove();
  };
  for (const event of ["input", "rambla:written", "rambla:taken-over"]) {
    field.addEventListener(event, show);
  }
  show();
}
