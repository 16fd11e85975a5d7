// Counts as the server counts (lms.core.text.count_words): text written without
// spaces between words counts two characters as a word.
import { textOf } from "./rich";
import { words } from "./words";

const WORD = /[\p{L}\p{N}_]+(?:[’'-][\p{L}\p{N}_]+)*/gu;
const DENSE = /[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f\u{20000}-\u{3134f}]/gu;

export function countWords(text: string): number {
  let count = 0;
  for (const [word] of text.normalize("NFC").matchAll(WORD)) {
    const dense = word.match(DENSE)?.length ?? 0;
    count += dense ? Math.max(1, Math.floor((dense + 1) / 2)) : 1;
  }
  return count;
}

export function startWordCount(field: HTMLTextAreaElement): void {
  if (field.dataset.counted) return;
  field.dataset.counted = "yes";
  const goal = Number(field.dataset.wordGoal ?? 0);
  const line = document.createElement("p");
  line.className = "word-count";
  line.id = `${field.id || field.name}-words`;
  field.after(line);
  const described = field.getAttribute("aria-describedby");
  field.setAttribute("aria-describedby", described ? `${described} ${line.id}` : line.id);
  const show = (): void => {
    const count = countWords(textOf(field));
    line.textContent = goal ? words.wordGoal(count, goal) : words.wordCount(count);
  };
  field.addEventListener("input", show);
  field.addEventListener("rambla:written", show);
  field.addEventListener("rambla:taken-over", show);
  show();
}
