// What is decided on the desk: each button, link and fold names its key itself
// (`data-desk-key`), so that a step that is not possible now has none. A key leads to it and
// does nothing by itself: Enter presses the button, a fold opens at its first field.
import { flushAll } from "../saves";
import { words } from "../words";
import type { Command } from "./keys";
import { say } from "./make";

export function decisions(): Command[] {
  const found = [...document.querySelectorAll<HTMLElement>("main [data-desk-key]")];
  return found.map((one) => ({
    key: one.dataset.deskKey ?? "",
    label: nameOf(one),
    group: "deciding",
    run: () => void goTo(one),
  }));
}

function nameOf(one: HTMLElement): string {
  const named = one instanceof HTMLDetailsElement ? one.querySelector("summary") : one;
  return (named?.textContent ?? "").trim();
}

async function goTo(one: HTMLElement): Promise<void> {
  if (one instanceof HTMLAnchorElement) {
    if (await flushAll()) one.click();
    else say(words.blocked);
    return;
  }
  let target: HTMLElement | null = one;
  if (one instanceof HTMLDetailsElement) {
    one.open = true;
    target = one.querySelector<HTMLElement>("textarea, select, input:not([type=hidden]), button");
  }
  target?.scrollIntoView({ block: "nearest" });
  target?.focus({ preventScroll: true });
}
