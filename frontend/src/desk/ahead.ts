// The next project is fetched while one marks this one, so that going on takes a moment.
// Fetching takes nothing: no lease, no marking is begun. Going on takes it, in the queue's
// own way, and the server says whether what was fetched is still so; whatever was typed
// here stays here.
import { pieceCame } from "../arrivals";
import { flushAll } from "../saves";
import { words } from "../words";
import { say } from "./make";
import { isComposing } from "./notes";
import { post } from "./send";

interface Fetched {
  url: string;
  title: string;
  main: HTMLElement;
  stamp: string;
}

let ahead: Promise<Fetched | null> = Promise.resolve(null);
let isMoving = false;
let hasMoved = false;
const TRAIL = "rambla:desk-trail";
const HEADERS = { "X-Requested-With": "fetch", "X-Preload": "desk" };

export function startAhead(desk: HTMLElement): void {
  remember(location.pathname);
  const fetchNow = (): void => {
    ahead = fetchNext(desk).catch(() => null);
  };
  // The page one looks at comes first.
  if ("requestIdleCallback" in window) requestIdleCallback(fetchNow, { timeout: 1_000 });
  else setTimeout(fetchNow, 300);
  document.querySelector<HTMLElement>("[data-desk-next]")?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    void goNext();
  });
}

async function fetchNext(desk: HTMLElement): Promise<Fetched | null> {
  const answer = await fetch(desk.dataset.aheadUrl ?? "", {
    headers: { ...HEADERS, Accept: "application/json" },
    redirect: "manual",
  });
  if (!answer.ok) return null;
  const { next } = (await answer.json()) as { next: string };
  return next ? fetchDesk(next) : null;
}

async function fetchDesk(url: string): Promise<Fetched | null> {
  const answer = await fetch(url, { headers: HEADERS, redirect: "manual", cache: "no-store" });
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const desk = page.querySelector<HTMLElement>("[data-desk]");
  const isMine = page.body.dataset.person === document.body.dataset.person;
  if (!desk || !isMine) return null;
  const main = page.querySelector("main");
  if (!main) return null;
  // Made ready now, so that going on is one move.
  return {
    url,
    title: page.title,
    main: document.adoptNode(main),
    stamp: desk.dataset.stamp ?? "",
  };
}

/** Take the next project. What was fetched is shown at once, to be read and not to be
 * touched, while the queue is asked for it. It may be another one, when somebody else has
 * taken that meanwhile; or it may have changed: then it is fetched anew. */
export async function goNext(): Promise<void> {
  const desk = document.querySelector<HTMLElement>("[data-desk]");
  await leave(async () => {
    const fetched = await ahead;
    const here = fetched && show(fetched);
    const sent = await post<{ next: string; stamp: string }>(desk?.dataset.goOnUrl ?? "", {});
    const { next, stamp } = sent.body ?? { next: "", stamp: "" };
    if (fetched && here && fetched.url === next && fetched.stamp === stamp) return settle(fetched);
    if (next) return location.assign(next);
    if (fetched && here) fetched.main.replaceWith(here);
    say(sent.body ? words.desk.noNext : sent.refusal);
  });
}

export async function goPrevious(): Promise<void> {
  const trail = read();
  const here = trail.lastIndexOf(location.pathname);
  const before = here > 0 ? trail[here - 1] : undefined;
  if (!before) return say(words.desk.noPrevious);
  await leave(async () => {
    write(trail.slice(0, here));
    location.assign(before);
  });
}

/** Only when all that was typed here is stored. */
async function leave(go: () => Promise<void>): Promise<void> {
  if (isMoving) return;
  if (isComposing()) return say(words.desk.unsavedNote);
  isMoving = true;
  try {
    if (await flushAll()) await go();
    else say(words.blocked);
  } finally {
    isMoving = false;
  }
}

/** Put it in the place of the project one leaves, which is handed back. */
function show(next: Fetched): HTMLElement | null {
  const old = document.querySelector("main");
  next.main.inert = true;
  old?.replaceWith(next.main);
  return old;
}

/** It is ours: now it can be worked on. */
function settle(next: Fetched): void {
  ahead = Promise.resolve(null);
  next.main.inert = false;
  document.title = next.title;
  history.pushState({ desk: true }, "", next.url);
  remember(location.pathname); // before its scripts start: whoever presses p at once goes back
  hasMoved = true;
  scrollTo(0, 0);
  next.main.focus({ preventScroll: true });
  say(next.title);
  // The words are seen first; what is typed before the scripts have come is saved as well.
  const start = (): void => pieceCame(next.main);
  if (document.hidden) start();
  else requestAnimationFrame(() => setTimeout(start));
}

// The page that the browser's own buttons lead back to is as it is now.
window.addEventListener("popstate", () => {
  if (hasMoved) location.reload();
});

function read(): string[] {
  try {
    return JSON.parse(sessionStorage.getItem(TRAIL) ?? "[]") as string[];
  } catch {
    return [];
  }
}

function write(trail: string[]): void {
  try {
    sessionStorage.setItem(TRAIL, JSON.stringify(trail.slice(-50)));
  } catch {
    // A private window has no way back but the browser's.
  }
}

function remember(path: string): void {
  const trail = read();
  if (trail.at(-1) !== path) write([...trail, path]);
}
