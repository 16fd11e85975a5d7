// Comments at places: written beside the text, found again in it, deleted and put back.
// One that is being written is kept on the device until it is stored.
import { pieceCame } from "../arrivals";
import { words } from "../words";
import { button, make, say } from "./make";
import { bankButtons } from "./marks";
import { chosenIn, rangeOf, sectionInSight, show, textsOf } from "./passages";
import type { Passage } from "./find";
import { post } from "./send";

export interface PageAnchor {
  kind: "page" | "region" | "selection" | "file";
  page?: number;
  rects?: number[][];
  quote?: string;
}

type Anchor = PageAnchor | { kind: "section" } | ({ kind: "passage" } & Passage);

export interface Place {
  section: string;
  file: string;
  anchor: Anchor;
  /** In words. */
  about: string;
}

interface Answer {
  id: number;
  said: string;
  stamp: string;
  list: string;
}

interface Begun extends Place {
  key: string;
  text: string;
}

/** What a viewer of files says and shows of the comments in the file it has open. */
export interface Viewer {
  chosen(): Place | null;
  inSight(): Place | null;
  showAnchor(file: string, anchor: PageAnchor): void;
  drawMarks(): void;
}

let viewer: Viewer | null = null;
let lastDeleted = 0;

export function hasViewer(open: Viewer | null): void {
  viewer = open;
}

function desk(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-desk]");
}

function storageKey(): string {
  return `rambla:note:${document.body.dataset.person ?? ""}:${desk()?.dataset.attempt ?? ""}`;
}

function keep(begun: Begun | null): void {
  try {
    if (begun) localStorage.setItem(storageKey(), JSON.stringify(begun));
    else localStorage.removeItem(storageKey());
  } catch {
    // A private window keeps nothing; the page still has it.
  }
}

export function startNotes(root: HTMLElement): void {
  viewer = null;
  lastDeleted = 0;
  wire(root);
  drawHighlights();
  root.querySelector(".desk__paper")?.addEventListener("click", (event) => {
    const chosen = getSelection();
    if (!chosen || chosen.isCollapsed) showNoteAt(event as MouseEvent);
  });
  if (!root.dataset.annotateUrl) return;
  try {
    const kept = localStorage.getItem(storageKey());
    if (kept) compose(JSON.parse(kept) as Begun, false);
  } catch {
    keep(null);
  }
}

/** Comment on what is chosen; without a choice on the section or page in sight. */
export function annotate(): void {
  const root = desk();
  if (!root) return;
  if (!root.dataset.annotateUrl) return say(words.desk.noButton);
  const place = viewer?.chosen() ?? placeChosen(root) ?? viewer?.inSight() ?? placeInSight(root);
  if (place) compose({ ...place, key: crypto.randomUUID(), text: "" });
  else say(words.desk.noSection);
}

export function annotatePlace(place: Place): void {
  if (desk()?.dataset.annotateUrl) compose({ ...place, key: crypto.randomUUID(), text: "" });
}

function placeChosen(root: HTMLElement): Place | null {
  const chosen = chosenIn(root);
  return (
    chosen && {
      section: chosen.section,
      file: "",
      anchor: { kind: "passage", ...chosen.passage },
      about: `“${chosen.passage.quote}”`,
    }
  );
}

function placeInSight(root: HTMLElement): Place | null {
  const section = sectionInSight(root);
  const title = document.getElementById(`read-${section}`)?.textContent ?? "";
  return section
    ? {
        section,
        file: "",
        anchor: { kind: "section" },
        about: `${title} (${words.desk.wholeSection})`,
      }
    : null;
}

export function isComposing(): boolean {
  const field = document.querySelector<HTMLTextAreaElement>("[data-composer] textarea");
  return Boolean(field?.value.trim()) || hasChangedNote();
}

function hasChangedNote(): boolean {
  return [...document.querySelectorAll<HTMLTextAreaElement>(".annotations textarea")].some(
    (field) => !field.closest("[data-composer]") && field.value !== field.defaultValue,
  );
}

function compose(begun: Begun, isNew = true): void {
  const list = document.getElementById("annotations");
  const heading = list?.querySelector("h2");
  const root = desk();
  if (!list || !heading || !root) return;
  const open = list.querySelector<HTMLElement>("[data-composer]");
  if (open) {
    const field = open.querySelector("textarea");
    if (field?.value.trim()) {
      say(words.desk.unsavedNote);
      field.focus();
      return;
    }
    open.remove();
  }
  const box = make("div", "composer stack stack--tight");
  box.dataset.composer = "";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", words.desk.composerAbout(begun.about));
  const field = make("div", "field");
  const label = make("label", "field__label", words.desk.composerText);
  const text = make("textarea");
  text.id = "composer-text";
  text.rows = 3;
  text.dir = "auto";
  text.value = begun.text;
  label.htmlFor = text.id;
  field.append(label, text, bankButtons(text));
  const error = make("p", "field__errors");
  error.setAttribute("role", "alert");
  markBegun(root, begun);
  const close = (): void => {
    keep(null);
    box.remove();
    markBegun(root, null);
    root.querySelector<HTMLElement>("#paper")?.focus({ preventScroll: true });
  };
  let isSending = false;
  const send = async (): Promise<void> => {
    if (isSending) return;
    isSending = true;
    const sent = await post<Answer>(root.dataset.annotateUrl ?? "", {
      attempt: root.dataset.attempt ?? "",
      key: begun.key,
      section: begun.section,
      file: begun.file,
      anchor: JSON.stringify(begun.anchor),
      text: text.value,
    });
    isSending = false;
    if (!sent.body) {
      error.textContent = sent.refusal;
      text.focus();
      return;
    }
    close();
    take(sent.body);
  };
  text.addEventListener("input", () => keep({ ...begun, text: text.value }));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      // Nothing written is thrown away by Escape.
      if (text.value.trim()) box.querySelector("button")?.focus();
      else close();
    }
  });
  const about = make("blockquote", "annotation__quote", shortened(begun.about));
  about.dir = "auto";
  const actions = make("p", "cluster");
  actions.append(
    button(words.desk.composerSave, () => void send(), "button--primary"),
    button(words.desk.composerCancel, close, "button--quiet"),
  );
  box.append(make("h3", "", words.desk.composer), about);
  if (!isNew) box.append(make("p", "meta", words.desk.composerKept));
  box.append(field, error, actions);
  heading.after(box);
  if (isNew) {
    box.scrollIntoView({ block: "nearest" });
    text.focus();
  }
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** The list as the server has it now. */
function take(answer: Answer): void {
  const root = desk();
  const old = document.getElementById("annotations");
  if (!root || !old) return;
  const composing = old.querySelector("[data-composer]");
  const page = new DOMParser().parseFromString(answer.list, "text/html");
  const fresh = page.getElementById("annotations");
  if (!fresh) return;
  const list = document.importNode(fresh, true);
  old.replaceWith(list);
  if (composing) list.querySelector("h2")?.after(composing);
  root.dataset.stamp = answer.stamp;
  pieceCame(list);
  wire(root);
  drawHighlights();
  viewer?.drawMarks();
  say(answer.said);
}

function wire(root: HTMLElement): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-annotation-form]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void sendForm(form);
    });
  }
  for (const link of root.querySelectorAll<HTMLAnchorElement>("[data-annotation-jump]")) {
    link.addEventListener("click", (event) => {
      const note = link.closest<HTMLElement>("[data-annotation]");
      if (note && jump(root, note)) event.preventDefault();
    });
  }
}

async function sendForm(form: HTMLFormElement): Promise<void> {
  const data = new FormData(form);
  // A form that adds one is stored once, however often it is pressed.
  form.dataset.key ??= crypto.randomUUID();
  if (data.has("place")) data.set("key", form.dataset.key);
  const sent = await post<Answer>(form.action, data);
  if (sent.body) {
    lastDeleted = /\/delete\/$/.test(form.action) ? sent.body.id : 0;
    take(sent.body);
    document.getElementById("annotations")?.focus({ preventScroll: true });
    return;
  }
  let error = form.querySelector<HTMLElement>("[role=alert]");
  if (!error) {
    error = make("div", "notice");
    error.dataset.tone = "attention";
    error.setAttribute("role", "alert");
    form.prepend(error);
  }
  error.textContent = sent.refusal;
  const stored = sent.stored?.text;
  if (typeof stored === "string") error.append(make("blockquote", "annotation__quote", stored));
}

export function undoDelete(): void {
  const form = lastDeleted
    ? document.querySelector<HTMLFormElement>(
        `form[data-annotation-restore][action$="/${lastDeleted}/restore/"]`,
      )
    : null;
  if (form) form.requestSubmit();
  else say(words.desk.noUndo);
}

export function goList(): void {
  const list = document.getElementById("annotations");
  list?.scrollIntoView({ block: "start" });
  (list?.querySelector<HTMLElement>("[data-annotation-jump]") ?? list)?.focus({
    preventScroll: true,
  });
}

function anchorOf(note: HTMLElement): Anchor {
  return JSON.parse(note.dataset.anchor ?? "{}") as Anchor;
}

function jump(root: HTMLElement, note: HTMLElement): boolean {
  const anchor = anchorOf(note);
  if (note.dataset.file) {
    const file = note.dataset.file;
    root.dispatchEvent(new CustomEvent("rambla:show-file", { detail: { file, anchor } }));
    return anchor.kind !== "file";
  }
  if (anchor.kind !== "passage") return false;
  const text = textsOf(root).find(([key]) => key === note.dataset.section)?.[1];
  const range = text && rangeOf(text, anchor);
  if (range) show(range);
  else say(words.desk.notFound);
  return Boolean(range);
}

export interface FileNote {
  id: number;
  anchor: PageAnchor;
}

/** The comments of a file, for whoever shows it. */
export function notesOfFile(file: string): FileNote[] {
  const all = document.querySelectorAll<HTMLElement>(`[data-annotation][data-file="${file}"]`);
  return [...all].map((note) => ({
    id: Number(note.dataset.annotation),
    anchor: anchorOf(note) as PageAnchor,
  }));
}

export function showNote(id: number): void {
  const note = document.getElementById(`annotation-${id}`);
  note?.scrollIntoView({ block: "nearest" });
  note?.focus({ preventScroll: true });
}

const marked = new Map<number, Range>();

/** Passages with comments are marked without touching the text. */
function drawHighlights(): void {
  const root = desk();
  marked.clear();
  if (!root || !("highlights" in CSS)) return;
  const texts = new Map(textsOf(root));
  for (const note of root.querySelectorAll<HTMLElement>("[data-annotation][data-section]")) {
    const anchor = anchorOf(note);
    const text = texts.get(note.dataset.section ?? "");
    const range = text && anchor.kind === "passage" ? rangeOf(text, anchor) : null;
    if (range) marked.set(Number(note.dataset.annotation), range);
  }
  CSS.highlights.set("annotation", new Highlight(...marked.values()));
}

/** What a comment is being written about stays marked while one writes elsewhere. */
function markBegun(root: HTMLElement, begun: Begun | null): void {
  if (!("highlights" in CSS)) return;
  const text = begun && textsOf(root).find(([key]) => key === begun.section)?.[1];
  const range = text && begun.anchor.kind === "passage" ? rangeOf(text, begun.anchor) : null;
  if (range) CSS.highlights.set("annotation-begun", new Highlight(range));
  else CSS.highlights.delete("annotation-begun");
}

function showNoteAt(event: MouseEvent): void {
  for (const [id, range] of marked) {
    const isHere = [...range.getClientRects()].some(
      (box) =>
        event.clientX >= box.left &&
        event.clientX <= box.right &&
        event.clientY >= box.top &&
        event.clientY <= box.bottom,
    );
    if (isHere) return showNote(id);
  }
}
