// Two texts side by side, and a choice for each field. The page and the server keep
// both until then; a choice can be undone as long as the page is open.
import { words } from "../words";
import { markDifferences } from "./differences";
import { isRichField, isText, labelOf, readField, wordsOf, writeField } from "./fields";
import type { Clash, Value } from "./saver";

interface Panel {
  form: HTMLFormElement;
  title: string;
  text: string;
  clashes: Clash[];
  /** `aside`: the text that was not chosen. */
  decided(name: string, value: Value, aside?: Value): void;
  closed(): void;
}

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

function side(title: string, text: string, isRich: boolean): [HTMLElement, HTMLElement] {
  const section = make("section");
  const shown = make("div", isRich ? "compare__text prose written" : "compare__text");
  shown.dir = "auto";
  shown.tabIndex = 0;
  shown.setAttribute("role", "region");
  shown.setAttribute("aria-label", title);
  if (!text) shown.append(make("p", "meta", words.emptyText));
  else if (isRich) {
    // Both are in the form the server cleans to; nothing of it can run (script-src).
    const body = new DOMParser().parseFromString(text, "text/html").body;
    shown.append(...[...body.childNodes].map((node) => document.importNode(node, true)));
  } else shown.textContent = text;
  section.append(make("h4", "", title), shown);
  return [section, shown];
}

export function showPanel(panel: Panel): void {
  const { form, clashes } = panel;
  const root = make("section", "conflict");
  root.tabIndex = -1;
  const heading = make("h3", "", panel.title);
  heading.id = `conflict-${Math.random().toString(36).slice(2)}`;
  root.setAttribute("aria-labelledby", heading.id);
  root.append(heading, make("p", "", panel.text));

  const open = new Set(clashes.map((clash) => clash.name));
  for (const clash of clashes) root.append(part(clash));
  const closing = make("p");
  closing.append(button(words.close, () => root.remove()));
  closing.hidden = true;
  root.append(closing);
  form.prepend(root);
  root.scrollIntoView({ block: "start" });
  root.focus({ preventScroll: true });

  function part({ name, mine, theirs }: Clash): HTMLElement {
    const group = make("div", "conflict__part stack");
    const compare = make("div", "compare");
    const isRich = isRichField(form, name);
    const [ours, oursShown] = side(words.mine, wordsOf(form, name, mine), isRich);
    const [others, othersShown] = side(words.theirs, wordsOf(form, name, theirs), isRich);
    compare.append(ours, others);
    // Beside nothing every word is another.
    const differ = !mine || !theirs || markDifferences(oursShown, othersShown);
    const actions = make("p", "cluster");
    actions.setAttribute("role", "group");
    actions.setAttribute("aria-label", labelOf(form, name));
    const choose = (value: Value, said: string, aside?: Value): void => {
      const before = readField(form, name);
      writeField(form, name, value);
      open.delete(name);
      actions.replaceChildren(
        make("span", "", said),
        button(words.undo, () => {
          writeField(form, name, before);
          panel.decided(name, before);
          offer();
          closing.hidden = true;
        }),
      );
      panel.decided(name, value, aside);
      if (!open.size) {
        panel.closed();
        closing.hidden = false;
      }
    };
    const offer = (): void => {
      actions.replaceChildren(
        button(words.keepMine, () => choose(mine, words.choseMine, theirs)),
        button(words.takeTheirs, () => choose(theirs, words.choseTheirs, mine)),
      );
      if (isText(form, name)) {
        actions.append(
          button(words.keepBoth, () =>
            choose(isRich ? `${mine}<hr>${theirs}` : `${mine}\n\n${theirs}`, words.choseBoth),
          ),
        );
      }
    };
    offer();
    group.append(make("h4", "", labelOf(form, name)));
    if (isRich && !differ) group.append(make("p", "meta", words.differInForm));
    group.append(compare, actions);
    return group;
  }
}
