// A long form on a phone: its parts stand folded under their headings, the first one that is
// still to be written open. Wide screens, paper and pages without scripts show everything.

const TROUBLE = ".field__errors, [aria-invalid='true'], .writing__stored";

export function startFolds(parts: HTMLElement[]): void {
  for (const part of parts) fold(part);
  const next = parts.find((part) => noteOf(part)?.closest("[data-required][data-state='unmet']"));
  if (next) open(next);
  reveal(location.hash);
  window.addEventListener("hashchange", () => reveal(location.hash));
  // Before anything else scrolls to what is named: it must be there to be seen.
  document.addEventListener(
    "click",
    (event) => {
      const turned = event.target as Element;
      reveal(turned.closest?.<HTMLAnchorElement>("a[href^='#']")?.hash ?? "");
      const listed = turned.closest?.<HTMLElement>("[data-outline-of]");
      if (listed) reveal(`#section-${listed.dataset.outlineOf ?? ""}`);
    },
    true,
  );
}

function fold(part: HTMLElement): void {
  const heading = part.querySelector<HTMLElement>(":scope > :first-child");
  if (!heading) return;
  const name = heading.firstElementChild ?? heading;
  name.id ||= `${part.id}-name`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fold";
  button.id = `${part.id}-fold`;
  button.setAttribute("aria-labelledby", `${name.id} ${button.id}`);
  button.addEventListener("click", () => show(part, "folded" in part.dataset));
  heading.append(button);
  part.dataset.folding = "";
  show(part, part.querySelector(TROUBLE) !== null);
  for (const kind of ["invalid", "rambla:shown"]) {
    part.addEventListener(kind, () => open(part), true);
  }
  const note = noteOf(part);
  if (!note) return;
  const copy = (): void => {
    button.textContent = note.textContent;
  };
  copy();
  new MutationObserver(copy).observe(note, { childList: true });
}

function noteOf(part: HTMLElement): HTMLElement | null {
  const name = part.id.replace(/^section-/, "");
  return document.querySelector(`[data-outline-of="${CSS.escape(name)}"] [data-outline-words]`);
}

function reveal(hash: string): void {
  const named = hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
  const part = named?.closest<HTMLElement>("[data-folding]");
  if (part) open(part);
}

const open = (part: HTMLElement): void => show(part, true);

function show(part: HTMLElement, isShown: boolean): void {
  part.toggleAttribute("data-folded", !isShown);
  part.querySelector(".fold")?.setAttribute("aria-expanded", String(isShown));
}
