// Loaded on every page and small for that reason: the rest is fetched where used.
import { enhance } from "./enhance";
import { startThemeSwitch } from "./theme-choice";

startThemeSwitch();
enhance(document);
document.addEventListener("piece-came", ({ detail: piece }) => enhance(piece));

// htmx is the heaviest part, and a form works without it: it is fetched when somebody
// turns to a piece that uses it, at once only where a piece acts by itself.
let started = false;
const UPDATING = "[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]";
if (document.querySelector("[hx-trigger]")) {
  startUpdates();
} else if (document.querySelector(UPDATING)) {
  for (const turned of ["pointerover", "focusin"]) {
    document.addEventListener(turned, (event) => {
      if ((event.target as Element).closest?.(UPDATING)) startUpdates();
    });
  }
}

function startUpdates(): void {
  if (started) return;
  started = true;
  const load = (): void => void import("./updates").then((updates) => updates.startUpdates());
  // htmx reads its settings from the page only when the page is complete.
  if (document.readyState === "complete") load();
  else window.addEventListener("load", load, { once: true });
}

// What went wrong is the first thing to read.
document.querySelector<HTMLElement>("[data-error-summary]")?.focus();

// Where one is stays in sight on a narrow screen.
for (const bar of document.querySelectorAll<HTMLElement>(".site-nav, .tabs")) {
  const current = bar.querySelector<HTMLElement>("[aria-current]");
  if (current) {
    const room = bar.clientWidth - current.offsetWidth;
    bar.scrollLeft = current.offsetLeft - bar.offsetLeft - room / 2;
  }
}

// A folded rail stands open where there is room for it beside the text,
// and what a desk keeps beside the text.
for (const [selector, width] of [
  ["details.rail-fold", "68.75em"],
  ["details[data-opens-wide]", "62.5em"],
] as const) {
  const room = window.matchMedia(`(min-width: ${width})`);
  const unfold = (): void => {
    for (const fold of document.querySelectorAll<HTMLDetailsElement>(selector)) {
      fold.open = room.matches;
    }
  };
  unfold();
  room.addEventListener("change", unfold);
}

// A refusal page leads back to the form as it was left, with what was typed.
document.querySelector("[data-go-back]")?.addEventListener("click", (event) => {
  if (history.length > 1) {
    event.preventDefault();
    history.back();
  }
});

const menu = document.querySelector<HTMLDetailsElement>("details.menu");
document.addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target as Node)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu?.open) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
  const target = event.target as HTMLElement;
  const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector<HTMLInputElement>('input[type="search"], [data-search]');
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});
