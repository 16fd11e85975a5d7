// The bank of comments beside the desk: fetched once, searched as one types.
import { words } from "../words";
import { closable } from "./keys";
import { make, say } from "./make";
import { currentField, putIntoComment, titleOf } from "./marks";
import { post } from "./send";

export interface Snippet {
  id: number;
  criterion: string;
  text: string;
  is_shared: boolean;
  is_own: boolean;
  uses: number;
}

interface Rows {
  snippets: Snippet[];
}

let kept: Snippet[] | null = null;

function bankUrl(): string {
  return document.querySelector<HTMLElement>("[data-desk]")?.dataset.bankUrl ?? "";
}

/** Null where it did not come. */
export async function fetchBank(): Promise<Snippet[] | null> {
  if (kept) return kept;
  try {
    const answer = await fetch(`${bankUrl()}rows/`, {
      headers: { Accept: "application/json", "X-Requested-With": "fetch" },
      redirect: "manual",
    });
    if (!answer.ok) return null;
    kept = ((await answer.json()) as Rows).snippets;
  } catch {
    return null;
  }
  return kept;
}

/** Those that have all the words, beginnings of words before their middles, the criterion's
 * own before the others, the often used before the seldom. */
export function search(snippets: Snippet[], typed: string, criterion: string): Snippet[] {
  const wanted = fold(typed).split(/\s+/).filter(Boolean);
  const scored = snippets.flatMap((snippet) => {
    const text = fold(snippet.text);
    if (!wanted.every((word) => text.includes(word))) return [];
    const begins = wanted.filter((word) => ` ${text}`.includes(` ${word}`)).length;
    const about = snippet.criterion === criterion && criterion ? 1 : 0;
    const other = snippet.criterion && snippet.criterion !== criterion ? 1 : 0;
    return [{ snippet, rank: [about, -other, begins, snippet.uses] }];
  });
  scored.sort((one, other) => {
    for (const [at, value] of one.rank.entries()) {
      const difference = (other.rank[at] ?? 0) - value;
      if (difference) return difference;
    }
    return 0;
  });
  return scored.map(({ snippet }) => snippet);
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function criterionOf(field: Element | null): string {
  return field?.closest("fieldset.criterion")?.id.replace(/^criterion-/, "") ?? "";
}

function nameOf(field: HTMLTextAreaElement): string {
  const criterion = field.closest("fieldset.criterion");
  return criterion ? titleOf(criterion) : (field.labels?.[0]?.textContent?.trim() ?? "");
}

/** Opens at once, so that what is typed next is typed into it, and fills when it has come. */
export function openBank(into: HTMLTextAreaElement | null = currentField()): void {
  if (!into) return say(words.desk.noCriterion);
  let snippets: Snippet[] = kept ?? [];
  const criterion = criterionOf(into);
  const dialog = make("dialog", "desk-dialog");
  const title = make("h2", "", words.desk.bankTitle);
  title.id = "desk-bank-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const field = make("div", "field");
  const label = make("label", "field__label", words.desk.bankSearch);
  const input = make("input");
  input.type = "search";
  input.id = "desk-bank-search";
  input.autocomplete = "off";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "desk-bank-list");
  label.htmlFor = input.id;
  field.append(label, input);
  const list = make("ul", "desk-bank__list");
  list.id = "desk-bank-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-labelledby", title.id);
  const none = make("p", "meta");
  none.setAttribute("role", "status");
  dialog.append(title, make("p", "meta", words.desk.bankFor(nameOf(into))), field, list, none);
  closable(dialog, words.desk.keys.close);

  let found: Snippet[] = [];
  let at = 0;
  let isHere = kept !== null;
  let hasFailed = false;
  const loading = fetchBank().then((rows) => {
    [snippets, isHere, hasFailed] = [rows ?? [], true, rows === null];
    look();
  });
  const take = (snippet: Snippet | undefined): void => {
    if (!snippet) return;
    dialog.close();
    putIntoComment(into, snippet.text);
    snippet.uses += 1;
    void post(`${bankUrl()}${snippet.id}/use/`, {});
  };
  const draw = (): void => {
    at = Math.min(Math.max(at, 0), Math.max(found.length - 1, 0));
    none.textContent = snippets.length ? words.desk.bankEmpty : words.desk.bankNone;
    if (hasFailed) none.textContent = words.noConnection;
    none.hidden = found.length > 0 || !isHere;
    list.replaceChildren(
      ...found.map((snippet, place) => {
        const item = make("li", "desk-bank__item", snippet.text);
        item.id = `desk-bank-${snippet.id}`;
        item.dir = "auto";
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(place === at));
        if (snippet.is_shared) item.append(" ", make("span", "meta", words.desk.shared));
        item.addEventListener("click", () => take(snippet));
        return item;
      }),
    );
    const chosen = list.children[at];
    input.setAttribute("aria-activedescendant", chosen?.id ?? "");
    chosen?.scrollIntoView({ block: "nearest" });
  };
  const look = (): void => {
    found = search(snippets, input.value, criterion).slice(0, 50);
    at = 0;
    draw();
  };
  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      void loading.then(() => take(found[at]));
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at += event.key === "ArrowDown" ? 1 : -1;
      draw();
    }
  });
  document.body.append(dialog);
  look();
  dialog.showModal();
  input.focus();
}

/** The comment as it stands is kept, to be used again. */
export async function keepComment(field: HTMLTextAreaElement | null = currentField()): Promise<void> {
  const text = field?.value.trim() ?? "";
  if (!text) return say(words.desk.nothingToKeep);
  const sent = await post<Rows>(bankUrl(), { text, criterion: criterionOf(field) });
  if (sent.body) kept = sent.body.snippets;
  say(sent.body ? words.desk.keptInBank : sent.refusal);
}
