// The rubric by keys: one criterion is “here”; it has the focus, or had it last.
import { flushAll } from "../saves";
import { words } from "../words";
import { insertText, make, say } from "./make";

let here = "";

function criteria(): HTMLFieldSetElement[] {
  return [...document.querySelectorAll<HTMLFieldSetElement>("[data-desk] form fieldset.criterion")];
}

/** The criterion that has the focus, or was left last. */
export function currentCriterion(): HTMLFieldSetElement | null {
  const focused = document.activeElement?.closest<HTMLFieldSetElement>("fieldset.criterion");
  return focused ?? criteria().find((one) => one.id === here) ?? null;
}

export function goCriterion(step: 1 | -1): void {
  const all = criteria();
  if (!all.length) return say(words.desk.noCriterion);
  const current = currentCriterion();
  const at = current ? all.indexOf(current) + step : 0;
  const next = all[Math.min(Math.max(at, 0), all.length - 1)];
  if (next) enter(next);
}

function enter(criterion: HTMLFieldSetElement): void {
  here = criterion.id;
  criterion.tabIndex = -1;
  criterion.focus({ preventScroll: true });
  criterion.scrollIntoView({ block: "nearest" });
}

export function chooseLevel(key: string): void {
  const criterion = currentCriterion() ?? criteria()[0];
  if (!criterion) return say(words.desk.noCriterion);
  enter(criterion);
  const level = criterion.querySelectorAll<HTMLInputElement>("input[type=radio]")[Number(key) - 1];
  if (!level) return say(words.desk.noLevel);
  // As if it was clicked: what saves itself hears of it. The focus stays on the criterion,
  // so that the next digit is a level again and arrows change nothing.
  if (!level.checked) level.click();
  criterion.focus({ preventScroll: true });
  say(`${titleOf(criterion)}: ${level.closest("label")?.querySelector(".level__title")?.textContent ?? ""}`);
}

export function titleOf(criterion: Element): string {
  return criterion.querySelector("legend")?.firstChild?.textContent?.trim() ?? "";
}

export function goComment(): void {
  const criterion = currentCriterion() ?? criteria()[0];
  const field = criterion?.querySelector("textarea");
  if (!criterion || !field) return say(words.desk.noCriterion);
  enter(criterion);
  toEnd(field);
}

export function goOverall(): void {
  const field = document.querySelector<HTMLTextAreaElement>("[data-desk] form #overall");
  if (field) toEnd(field);
  else say(words.desk.noCriterion);
}

function toEnd(field: HTMLTextAreaElement): void {
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  field.scrollIntoView({ block: "nearest" });
}

let lastField: HTMLTextAreaElement | null = null;

/** The comment one is writing or wrote last; that of the present criterion otherwise. */
export function currentField(): HTMLTextAreaElement | null {
  const focused = document.activeElement;
  if (focused instanceof HTMLTextAreaElement && isComment(focused)) return focused;
  const composing = document.querySelector<HTMLTextAreaElement>("[data-composer] textarea");
  if (composing) return composing;
  const criterion = document.activeElement?.closest("fieldset.criterion");
  const own = criterion?.querySelector("textarea");
  if (own) return own;
  if (lastField?.isConnected) return lastField;
  return currentCriterion()?.querySelector("textarea") ?? null;
}

function isComment(field: HTMLTextAreaElement): boolean {
  return field.closest("[data-desk]") !== null && field.closest("form, [data-composer]") !== null;
}

export function putIntoComment(field: HTMLTextAreaElement, text: string): void {
  field.setSelectionRange(field.value.length, field.value.length);
  insertText(field, text);
}

export async function saveNow(): Promise<void> {
  say((await flushAll()) ? words.desk.saved : words.desk.notSaved);
}

/** Press a button of the desk, if it is there. */
export function press(selector: string): void {
  const found = document.querySelector<HTMLButtonElement>(`[data-desk] ${selector}`);
  if (found) found.click();
  else say(words.desk.noButton);
}

/** Follow what one marks: the last field, the criterion; Escape leads out of a field. */
export function followMarks(desk: HTMLElement): void {
  here = "";
  lastField = null;
  desk.addEventListener("focusin", (event) => {
    const target = event.target as HTMLElement;
    const criterion = target.closest<HTMLElement>("fieldset.criterion");
    if (criterion) here = criterion.id;
    if (target instanceof HTMLTextAreaElement && isComment(target)) lastField = target;
  });
  desk.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const field = event.target as HTMLElement;
    const criterion = field.closest<HTMLFieldSetElement>("fieldset.criterion");
    if (!field.matches("textarea, input, select")) return;
    event.preventDefault();
    if (criterion) enter(criterion);
    else desk.querySelector<HTMLElement>("#rubric")?.focus({ preventScroll: true });
  });
  for (const field of desk.querySelectorAll<HTMLTextAreaElement>("form[data-autosave] textarea")) {
    field.parentElement?.append(bankButtons(field));
  }
}

/** Beside a comment: from the bank, into the bank. What they do is wired by `start.ts`. */
export function bankButtons(field: HTMLTextAreaElement): HTMLElement {
  const group = make("p", "cluster desk-bank");
  for (const [name, label] of [
    ["open", words.desk.fromBank],
    ["keep", words.desk.keepInBank],
  ] as const) {
    const one = make("button", "button button--small button--quiet", label);
    one.type = "button";
    one.addEventListener("click", () => {
      field.dispatchEvent(new CustomEvent(`rambla:bank-${name}`, { bubbles: true }));
    });
    group.append(one);
  }
  return group;
}
