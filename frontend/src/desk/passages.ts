// Passages of the section texts: from what is chosen on the page to an anchor and back.
import { findPassage, type Passage, passageIn, sentencesOf } from "./find";

export interface Chosen {
  section: string;
  passage: Passage;
}

const PREFIX = "read-";

/** The written text of a section, and its key. */
export function textsOf(desk: HTMLElement): [string, HTMLElement][] {
  return [...desk.querySelectorAll<HTMLElement>(`[aria-labelledby^="${PREFIX}"]`)].flatMap(
    (section) => {
      const text = section.querySelector<HTMLElement>(".written");
      const key = section.getAttribute("aria-labelledby")?.slice(PREFIX.length) ?? "";
      return text ? [[key, text] as [string, HTMLElement]] : [];
    },
  );
}

/** What is chosen with mouse, touch or keys, where it lies in one section. */
export function chosenIn(desk: HTMLElement): Chosen | null {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  for (const [section, text] of textsOf(desk)) {
    if (!text.contains(range.startContainer) && !range.intersectsNode(text)) continue;
    const start = text.contains(range.startContainer)
      ? offsetOf(text, range.startContainer, range.startOffset)
      : 0;
    const whole = text.textContent ?? "";
    const end = text.contains(range.endContainer)
      ? offsetOf(text, range.endContainer, range.endOffset)
      : whole.length;
    if (!whole.slice(start, end).trim()) continue;
    return { section, passage: trimmed(whole, start, end) };
  }
  return null;
}

export function rangeOf(text: HTMLElement, passage: Passage): Range | null {
  const found = findPassage(text.textContent ?? "", passage);
  return found && rangeBetween(text, ...found);
}

/** Choose the sentence after, or before, what is chosen in the text one reads. */
export function chooseSentence(desk: HTMLElement, step: 1 | -1): boolean {
  const texts = textsOf(desk);
  const all = texts.flatMap(([, text]) =>
    sentencesOf(text.textContent ?? "").map((place) => ({ text, place })),
  );
  if (!all.length) return false;
  const at = all.findIndex(({ text, place }) => isChosen(text, place));
  let next = at + step;
  if (at < 0) {
    // From what is in sight.
    const seen = all.findIndex(({ text, place }) => {
      const box = rangeBetween(text, ...place)?.getBoundingClientRect();
      return box !== undefined && box.top >= desk.getBoundingClientRect().top;
    });
    next = Math.max(0, seen);
  }
  const chosen = all[Math.min(Math.max(next, 0), all.length - 1)];
  const range = chosen && rangeBetween(chosen.text, ...chosen.place);
  if (!range) return false;
  show(range);
  return true;
}

/** Choose a range and bring it into sight. */
export function show(range: Range): void {
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
  const start = range.startContainer;
  const element = start instanceof Element ? start : start.parentElement;
  element?.scrollIntoView({ block: "center" });
}

/** The section one is reading: where the choice is, or the last that begins in sight. */
export function sectionInSight(desk: HTMLElement): string {
  const chosen = chosenIn(desk);
  if (chosen) return chosen.section;
  const paper = desk.querySelector(".desk__paper") ?? desk;
  const pane = paper.getBoundingClientRect();
  const middle = Math.max(pane.top, 0) + Math.min(pane.height, innerHeight) / 2;
  const texts = textsOf(desk);
  const above = texts.filter(([, text]) => text.getBoundingClientRect().top < middle);
  return (above.at(-1) ?? texts[0])?.[0] ?? "";
}

function isChosen(text: HTMLElement, [start, end]: [number, number]): boolean {
  const range = getSelection()?.rangeCount ? getSelection()?.getRangeAt(0) : null;
  if (!range || range.collapsed || !text.contains(range.startContainer)) return false;
  const from = offsetOf(text, range.startContainer, range.startOffset);
  return from >= start && from < end;
}

function trimmed(whole: string, start: number, end: number): Passage {
  const quote = whole.slice(start, end);
  const first = start + quote.length - quote.trimStart().length;
  return passageIn(whole, first, first + quote.trim().length);
}

function offsetOf(root: HTMLElement, node: Node, offset: number): number {
  const before = document.createRange();
  before.selectNodeContents(root);
  before.setEnd(node, offset);
  return before.toString().length;
}

function rangeBetween(root: HTMLElement, start: number, end: number): Range | null {
  const range = document.createRange();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let passed = 0;
  let isBegun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.nodeValue?.length ?? 0;
    if (!isBegun && start < passed + length) {
      range.setStart(node, start - passed);
      isBegun = true;
    }
    if (isBegun && end <= passed + length) {
      range.setEnd(node, end - passed);
      return range;
    }
    passed += length;
  }
  return null;
}
