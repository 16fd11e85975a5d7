// What a piece of a page may ask for; each part is fetched only where it is used.

export function enhance(root: ParentNode): void {
  const drafts = all<HTMLFormElement>(root, "form[data-autosave]");
  if (drafts.length) {
    const waiting = all<HTMLFormElement>(root, "form[data-saves-first]:not([data-autosave])");
    void import("./autosave/start").then(({ savesFirst, startAutosave }) => {
      drafts.forEach(startAutosave);
      waiting.forEach(savesFirst);
    });
  }
  const players = all<HTMLElement>(root, "[data-h5p]");
  if (players.length) {
    void import("./h5p/player").then(({ startPlayer }) => players.forEach(startPlayer));
  }
  const counted = all<HTMLTextAreaElement>(root, "textarea[data-word-count]");
  if (counted.length) {
    void import("./word-count").then(({ startWordCount }) => counted.forEach(startWordCount));
  }
  const outlined = all<HTMLElement>(root, "[data-outline-of]");
  if (outlined.length) {
    void import("./outline").then(({ startOutline }) => outlined.forEach(startOutline));
  }
}

function all<Kind extends Element>(root: ParentNode, selector: string): Kind[] {
  const found = [...root.querySelectorAll<Kind>(selector)];
  return root instanceof Element && root.matches(selector) ? [root as Kind, ...found] : found;
}
