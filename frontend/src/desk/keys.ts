// The keys of the desk. They are single characters, so they rest while somebody types, and
// can be switched off (WCAG 2.1.4); the choice is kept on the device.
import { words } from "../words";
import { isTyping, make } from "./make";

type Group = keyof typeof words.desk.groups;

export interface Command {
  /** As `KeyboardEvent.key` says it: "j", "H" with Shift, "1–9" for a digit. */
  key: string;
  label: string;
  group: Group;
  run(key: string): void;
}

const SETTING = "rambla:desk-keys";
const DIGITS = "1–9";

export function areKeysOn(): boolean {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true;
  }
}

function setKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(SETTING);
    else localStorage.setItem(SETTING, "off");
  } catch {
    // A private window: they are as they are until the page is left.
  }
  document.documentElement.dataset.keys = on ? "on" : "off";
}

/** Hear the keys from now on; `commands` says which there are at the moment. */
export function startKeys(commands: () => Command[]): void {
  setKeys(areKeysOn());
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.repeat && !/^[jkxz[\]+-]$/.test(event.key)) return;
    // Not while the next project is shown and not yet taken (`ahead.ts`).
    if (!document.querySelector("main:not([inert]) [data-desk]")) return;
    // A dialog has its own keys, and a field has the characters.
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (document.documentElement.dataset.keys === "off") return;
    const key = /^[1-9]$/.test(event.key) ? DIGITS : event.key;
    const command = commands().find((one) => one.key.split(" ").includes(key));
    if (!command) return;
    event.preventDefault();
    command.run(event.key);
  });
}

/** The dialog of `?`, and of the button. */
export function showKeys(commands: Command[]): void {
  const dialog = make("dialog", "desk-dialog");
  const title = make("h2", "", words.desk.keysTitle);
  title.id = "desk-keys-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const toggle = make("label", "choice");
  const box = make("input");
  box.type = "checkbox";
  box.checked = document.documentElement.dataset.keys !== "off";
  box.addEventListener("change", () => setKeys(box.checked));
  toggle.append(box, make("span", "", words.desk.keysOn));
  dialog.append(title, make("p", "meta", words.desk.keysText), toggle);

  const lists = make("div", "desk-keys");
  for (const [group, heading] of Object.entries(words.desk.groups)) {
    const list = make("dl", "desk-keys__list");
    for (const command of commands.filter((one) => one.group === group)) {
      const row = make("div");
      const term = make("dt");
      for (const key of command.key.split(" ")) term.append(keyCap(key), " ");
      row.append(term, make("dd", "", command.label));
      list.append(row);
    }
    const section = make("section");
    section.append(make("h3", "", heading), list);
    lists.append(section);
  }
  dialog.append(lists);
  closable(dialog, words.desk.keys.close);
  document.body.append(dialog);
  dialog.showModal();
}

/** A button that closes, Escape, and nothing left behind; the focus goes back by itself. */
export function closable(dialog: HTMLDialogElement, label: string): void {
  const close = make("button", "button", label);
  close.type = "button";
  close.addEventListener("click", () => dialog.close());
  dialog.append(close);
  dialog.addEventListener("close", () => dialog.remove());
}

function keyCap(key: string): HTMLElement {
  const shift = /^[A-Z]$/.test(key);
  const cap = make("kbd", "", shift ? `Shift ${key}` : key);
  return cap;
}
