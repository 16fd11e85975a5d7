// Two texts side by side, and a choice for each field. The page and the server keep
// both until then; a choice can be undone as long as the page is open.
import { editorOf } from "../rich";
import { words } from "../words";
import { markDifferences } from "./differences";
import { fieldsOf, isRichField, isText, labelOf, readField, wordsOf, writeField } from "./fields";
import { same, type Value } from "./saver";

/** One of the two texts; the other one is what the field says at the time. */
interface Piece {
  name: string;
  text: Value;
}

/** What the field holds now, and what it does not. */
export interface Choice {
  value: Value;
  aside?: Value;
}

interface Panel<One extends Piece> {
  form: HTMLFormElement;
  title: string;
  text: string;
  /** Whose text is in the field, and may be written on until the choice. */
  inField: "mine" | "theirs";
  pieces: One[];
  note?(piece: One): string;
  /** Without a choice where there is no field: the text is not wanted any more. */
  chosen(piece: One, choice: Choice | null): void;
  undone(piece: One, choice: Choice | null): void;
}

const REDRAW_AFTER = 300;

function make<Name extends keyof HTMLElementTagNameMap>(
  tag: Name,
  className = "",
  text = "",
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function button(label: string, press: () => void): HTMLButtonElement {
  const element = make("button", "button button--small", label);
  element.type = "button";
  element.addEventListener("click", press);
  return element;
}

function side(title: string, isRich: boolean): [HTMLElement, HTMLElement] {
  const section = make("section");
  const shown = make("div", isRich ? "compare__text prose written" : "compare__text");
  shown.dir = "auto";
  shown.tabIndex = 0;
  shown.setAttribute("role", "region");
  shown.setAttribute("aria-label", title);
  section.append(make("h4", "", title), shown);
  return [section, shown];
}

function fill(shown: HTMLElement, text: string, isRich: boolean): void {
  if (!text) shown.replaceChildren(make("p", "meta", words.emptyText));
  else if (isRich) {
    // Both are in the form the server cleans to; nothing of it can run (script-src).
    const body = new DOMParser().parseFromString(text, "text/html").body;
    shown.replaceChildren(...[...body.childNodes].map((node) => document.importNode(node, true)));
  } else shown.textContent = text;
}

export function showPanel<One extends Piece>(panel: Panel<One>): void {
  const { form, pieces } = panel;
  const root = make("section", "conflict");
  root.tabIndex = -1;
  const heading = make("h3", "", panel.title);
  heading.id = `conflict-${Math.random().toString(36).slice(2)}`;
  root.setAttribute("aria-labelledby", heading.id);
  root.append(heading, make("p", "", panel.text));

  const open = new Set<One>(pieces);
  const over = new AbortController();
  for (const piece of pieces) {
    root.append(fieldsOf(form, piece.name).length ? part(piece) : partWithoutField(piece));
  }
  const closing = make("p");
  closing.append(
    button(words.close, () => {
      over.abort();
      root.remove();
      backTo(pieces.at(-1)?.name ?? "");
    }),
  );
  closing.hidden = true;
  form.prepend(root);
  root.append(closing);
  root.scrollIntoView({ block: "start" });
  root.focus({ preventScroll: true });

  /** The text that was being written, not the top of the page. */
  function backTo(name: string): void {
    const field = fieldsOf(form, name)[0];
    if (!field) return;
    field.dispatchEvent(new CustomEvent("rambla:shown"));
    field.parentElement?.scrollIntoView({ block: "center" });
    const editor = editorOf(field);
    if (editor) editor.focus();
    else field.focus();
  }

  function group(piece: One): [HTMLElement, HTMLElement] {
    const label = labelOf(form, piece.name);
    const whole = make("div", "conflict__part stack");
    const actions = make("p", "cluster");
    actions.setAttribute("role", "group");
    actions.setAttribute("aria-label", label);
    whole.append(make("h4", "", label));
    const note = panel.note?.(piece);
    if (note) whole.append(make("p", "meta", note));
    return [whole, actions];
  }

  function settled(piece: One, isSettled: boolean): void {
    if (isSettled) open.delete(piece);
    else open.add(piece);
    closing.hidden = open.size > 0;
  }

  function part(piece: One): HTMLElement {
    const { name, text } = piece;
    const [whole, actions] = group(piece);
    const compare = make("div", "compare");
    const isRich = isRichField(form, name);
    const [ours, oursShown] = side(words.mine, isRich);
    const [others, othersShown] = side(words.theirs, isRich);
    const onlyForm = make("p", "meta", words.differInForm);
    compare.append(ours, others);
    whole.append(onlyForm, compare, actions);

    // Whoever does not choose at once goes on writing: what counts is what is there then.
    const inField = (): Value => readField(form, name);
    const both = (): { mine: Value; theirs: Value } =>
      panel.inField === "mine"
        ? { mine: inField(), theirs: text }
        : { mine: text, theirs: inField() };
    const draw = (): void => {
      const { mine, theirs } = both();
      fill(oursShown, wordsOf(form, name, mine), isRich);
      fill(othersShown, wordsOf(form, name, theirs), isRich);
      // Beside nothing every word is another.
      const differ = !mine || !theirs || markDifferences(oursShown, othersShown);
      onlyForm.hidden = !isRich || differ;
    };
    let left: Value | null = null;
    const choose = (value: Value, said: string, aside?: Value): void => {
      const before = inField();
      if (!same(value, before)) writeField(form, name, value);
      left = inField();
      actions.replaceChildren(
        make("span", "", said),
        button(words.undo, () => {
          if (!same(inField(), left ?? "")) return offerNoUndo();
          left = null;
          writeField(form, name, before);
          settled(piece, false);
          offer();
          panel.undone(piece, { value: before, aside: text });
        }),
      );
      settled(piece, true);
      panel.chosen(piece, aside === undefined ? { value } : { value, aside });
    };
    /** The choice was written on: putting back what was before would take the words away. */
    const offerNoUndo = (): void => actions.querySelector("button")?.remove();
    const offer = (): void => {
      draw();
      actions.replaceChildren(
        button(words.keepMine, () => choose(both().mine, words.choseMine, both().theirs)),
        button(words.takeTheirs, () => choose(both().theirs, words.choseTheirs, both().mine)),
      );
      if (isText(form, name)) {
        actions.append(
          button(words.keepBoth, () => {
            const { mine, theirs } = both();
            choose(isRich ? `${mine}<hr>${theirs}` : `${mine}\n\n${theirs}`, words.choseBoth);
          }),
        );
      }
    };
    let timer = 0;
    const follow = (event: Event): void => {
      if (!fieldsOf(form, name).some((field) => field === event.target)) return;
      if (left !== null) {
        if (!same(inField(), left)) offerNoUndo();
        return;
      }
      clearTimeout(timer);
      timer = window.setTimeout(() => left === null && draw(), REDRAW_AFTER);
    };
    for (const event of ["input", "change", "rambla:written"]) {
      document.addEventListener(event, follow, { signal: over.signal });
    }
    offer();
    return whole;
  }

  /** The field is gone since, and nobody else has this text. */
  function partWithoutField(piece: One): HTMLElement {
    const [whole, actions] = group(piece);
    const isRich = "rich" in form.dataset;
    const [ours, shown] = side(words.mine, isRich);
    fill(shown, wordsOf(form, piece.name, piece.text), isRich);
    const offer = (): void =>
      actions.replaceChildren(
        button(words.throwAway, () => {
          actions.replaceChildren(
            make("span", "", words.thrownAway),
            button(words.undo, () => {
              settled(piece, false);
              offer();
              panel.undone(piece, null);
            }),
          );
          settled(piece, true);
          panel.chosen(piece, null);
        }),
      );
    offer();
    whole.append(make("p", "", words.noField), ours, actions);
    return whole;
  }
}
