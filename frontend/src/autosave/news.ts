// What was saved from elsewhere comes onto a page that stands open: `data-news="URL"` on the
// form is asked every `data-news-every` seconds while the page is seen.
import { askAgain, poll } from "../presence";
import { words } from "../words";
import { fieldsOf, labelOf } from "./fields";
import type { Saver, Values } from "./saver";

// Whoever has stopped typing for less than this is still at it.
const AT_IT = 30_000;
const SELDOM = 300;

interface News {
  version: number;
  values: Values;
  resting?: string;
}

export function followNews(form: HTMLFormElement, saver: Saver): void {
  const url = form.dataset.news;
  const every = Number(form.dataset.newsEvery ?? 60);
  if (!url) return;
  let typedAt = 0;
  form.addEventListener("input", () => {
    typedAt = Date.now();
  });
  const isBeingWritten = (name: string): boolean => {
    if (Date.now() - typedAt > AT_IT) return false;
    const focused = document.activeElement;
    return fieldsOf(form, name).some((field) => {
      // An editor stands beside its field.
      return field === focused || (field.parentElement?.contains(focused) ?? false);
    });
  };
  const once = async (): Promise<number> => {
    // What else may be the matter says the next save.
    const headers = { "If-None-Match": `"${saver.state.version}"` };
    const news = await askAgain<News>(url, { headers });
    if (!news) return every;
    const changed = saver.news(news.version, news.values, isBeingWritten);
    const isTaken = changed !== null || saver.state.version === news.version;
    if (isTaken) sayGone(form, namesGone(form, news.values));
    if (news.resting) say(form, news.resting);
    else if (changed?.length) say(form, words.cameIn(titlesOf(form, changed)));
    return news.resting ? SELDOM : every;
  };
  // The page has just come: what it shows is what is stored.
  poll(form, once, undefined, every * 1000);
}

function namesGone(form: HTMLFormElement, values: Values): string[] {
  const names = new Set(fieldsOf(form).map((field) => field.name));
  return [...names].filter((name) => !(name in values));
}

function titlesOf(form: HTMLFormElement, names: string[]): string {
  return names.map((name) => `“${labelOf(form, name)}”`).join(", ");
}

/** Beside the state, until that says something else. */
function say(form: HTMLFormElement, sentence: string): void {
  const line = form.querySelector<HTMLElement>("[data-autosave-state]");
  if (!line || line.querySelector("[data-news-said]")?.textContent === ` ${sentence}`) return;
  line.querySelector("[data-news-said]")?.remove();
  const said = document.createElement("span");
  said.dataset.newsSaid = "";
  said.textContent = ` ${sentence}`;
  line.append(said);
}

/** Before the first field: newer guidelines ask for sections that this page has not. */
export function sayAdded(form: HTMLFormElement): void {
  if (form.querySelector("[data-added]")) return;
  const notice = noticeOf(words.sectionsAdded);
  notice.dataset.added = "";
  const first = form.querySelector(".writing") ?? form.firstElementChild;
  if (first) first.before(notice);
  else form.prepend(notice);
}

/** Above each field that the guidelines no longer have: where its text is, and how to go on. */
export function sayGone(form: HTMLFormElement, names: string[]): void {
  for (const name of names) {
    const place = fieldsOf(form, name)[0]?.parentElement;
    if (!place || place.querySelector("[data-gone]")) continue;
    const notice = noticeOf(words.sectionGone);
    notice.dataset.gone = "";
    place.prepend(notice);
  }
}

function noticeOf(sentence: string): HTMLElement {
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.dataset.tone = "attention";
  notice.setAttribute("role", "status");
  const link = document.createElement("a");
  link.href = location.href.split("#")[0] ?? "";
  link.textContent = words.loadAgain;
  const line = document.createElement("p");
  line.append(sentence, " ", link);
  notice.append(line);
  return notice;
}
