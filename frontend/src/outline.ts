// An outline that keeps up with the text it lists: what is still empty, how long the rest is.
import { countWords } from "./word-count";
import { words } from "./words";

export function startOutline(row: HTMLElement): void {
  const field = document.querySelector<HTMLTextAreaElement>(
    `textarea[name="${CSS.escape(row.dataset.outlineOf ?? "")}"]`,
  );
  const note = row.querySelector<HTMLElement>("[data-outline-words]");
  if (!field || !note) return;
  const show = (): void => {
    const isEmpty = field.value.trim() === "";
    row.dataset.state = isEmpty && "required" in row.dataset ? "unmet" : "met";
    note.textContent = isEmpty ? words.outlineEmpty : words.wordCount(countWords(field.value));
  };
  field.addEventListener("input", show);
  field.addEventListener("rambla:written", show);
  show();
}
