// The list of people under an @ in a text. The field stays a plain text field: the name
// is put into the words, and the server reads it there.
import { words } from "./words";

interface Person {
  name: string;
  city: string;
  insert: string;
}

const BEGUN = /(?:^|[^\p{L}\p{N}_/@.])@([\p{L}\p{N}_][^@\n]{0,40}|)$/u;
const PAUSE = 180;

/** What stands after the last @ before the cursor, where a name may be meant. */
export function nameBegun(text: string): string | null {
  const found = BEGUN.exec(text);
  if (!found) return null;
  const begun = found[1] ?? "";
  return begun.split(/\s+/).length <= 3 ? begun : null;
}

let lists = 0;

export function startMentions(field: HTMLTextAreaElement): void {
  const address = field.dataset.mentions;
  if (!address || field.dataset.callsPeople) return;
  field.dataset.callsPeople = "yes";
  const place = document.createElement("div");
  place.className = "mention-place";
  const list = document.createElement("ul");
  list.className = "mention-list";
  list.id = `people-${++lists}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.mentions);
  list.hidden = true;
  const told = document.createElement("p");
  told.className = "visually-hidden";
  told.setAttribute("role", "status");
  place.append(list, told);
  field.after(place);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);

  let people: Person[] = [];
  let chosen = 0;
  let asked = 0;
  let wait: number | undefined;

  const close = (): void => {
    asked += 1;
    window.clearTimeout(wait);
    list.hidden = true;
    list.replaceChildren();
    people = [];
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (at: number): void => {
    chosen = (at + people.length) % people.length;
    [...list.children].forEach((item, number) => {
      item.setAttribute("aria-selected", String(number === chosen));
    });
    const item = list.children[chosen];
    if (item) {
      field.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    }
  };
  const insert = (): void => {
    const person = people[chosen];
    if (!person) return;
    const cursor = field.selectionStart;
    const before = field.value.slice(0, cursor);
    const begun = nameBegun(before);
    if (begun === null) return close();
    field.setRangeText(`${person.insert} `, cursor - begun.length, cursor, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const show = (found: Person[]): void => {
    people = found;
    told.textContent = found.length ? words.mentionsFound(found.length) : words.mentionsNone;
    list.replaceChildren(
      ...found.map((person, number) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${number}`;
        item.setAttribute("role", "option");
        item.dir = "auto";
        item.textContent = person.city ? `${person.name} · ${person.city}` : person.name;
        // Before the field loses the focus.
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          choose(number);
          insert();
        });
        return item;
      }),
    );
    list.hidden = !found.length;
    if (found.length) choose(0);
    else field.removeAttribute("aria-activedescendant");
  };
  const look = async (begun: string): Promise<void> => {
    const mine = ++asked;
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(begun.trim())}`, {
        headers: { Accept: "application/json", "X-Requested-With": "fetch" },
        credentials: "same-origin",
        redirect: "manual",
      });
      if (!answer.ok || mine !== asked) return;
      const { people: found } = (await answer.json()) as { people: Person[] };
      if (mine === asked) show(found);
    } catch {
      // Without a connection the name is typed in full; the server reads it all the same.
    }
  };

  const follow = (): void => {
    const begun = nameBegun(field.value.slice(0, field.selectionStart));
    if (begun === null) {
      if (!list.hidden || wait) close();
      return;
    }
    window.clearTimeout(wait);
    wait = window.setTimeout(() => void look(begun), PAUSE);
  };
  field.addEventListener("input", follow);
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter" || event.key === "Tab") insert();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  field.addEventListener("blur", close);
  // A name may have been begun before this script came.
  if (document.activeElement === field) follow();
}
