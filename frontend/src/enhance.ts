// What a piece of a page may ask for; each part is fetched only where it is used.

export function enhance(root: ParentNode): void {
  const drafts = all<HTMLFormElement>(root, "form[data-autosave]");
  if (drafts.length) {
    const waiting = all<HTMLFormElement>(root, "form[data-saves-first]:not([data-autosave])");
    const rich = drafts.filter((form) => "rich" in form.dataset);
    const editing = rich.length ? import("./editor/start") : null;
    void import("./autosave/start").then(({ savesFirst, startAutosave }) => {
      drafts.forEach(startAutosave);
      waiting.forEach(savesFirst);
      // The text is safe from here on; the editor may take its time.
      void editing?.then(({ startEditors }) => rich.forEach(startEditors));
    });
  }
  if (root instanceof Document && root.querySelector("[data-signed-in]")) {
    void import("./signed-in").then(({ startSignedIn }) => startSignedIn());
  }
  const desks = all<HTMLElement>(root, "[data-desk]");
  if (desks.length) void import("./desk/start").then(({ startDesk }) => desks.forEach(startDesk));
  const counted = all<HTMLTextAreaElement>(root, "textarea[data-word-count]");
  if (counted.length) {
    void import("./word-count").then(({ startWordCount }) => counted.forEach(startWordCount));
  }
  const calling = all<HTMLTextAreaElement>(root, "textarea[data-mentions]");
  if (calling.length) {
    void import("./mentions").then(({ startMentions }) => calling.forEach(startMentions));
  }
  const checked = all<HTMLElement>(root, "[data-check-file]");
  if (checked.length) {
    void import("./fingerprint").then(({ startFingerprint }) => checked.forEach(startFingerprint));
  }
  const places = all<HTMLElement>(root, "[data-uploads]");
  if (places.length) {
    void import("./uploads/start").then(({ startUploads }) => places.forEach(startUploads));
  }
  const rubrics = all<HTMLFormElement>(root, "form[data-rubric]");
  if (rubrics.length) {
    void import("./rubric").then(({ startRubric }) => rubrics.forEach(startRubric));
  }
  const present = all<HTMLElement>(root, "[data-presence]");
  const accompanied = all<HTMLElement>(root, "[data-company]");
  if (present.length || accompanied.length) {
    void import("./presence").then(({ startCompany, startPresence }) => {
      present.forEach(startPresence);
      accompanied.forEach(startCompany);
    });
  }
  const folding = all<HTMLElement>(root, "[data-folds]");
  if (folding.length) void import("./folds").then(({ startFolds }) => startFolds(folding));
  const outlined = all<HTMLElement>(root, "[data-outline-of]");
  if (outlined.length) {
    void import("./outline").then(({ startOutline }) => outlined.forEach(startOutline));
  }
}

function all<Kind extends Element>(root: ParentNode, selector: string): Kind[] {
  const found = [...root.querySelectorAll<Kind>(selector)];
  return root instanceof Element && root.matches(selector) ? [root as Kind, ...found] : found;
}
