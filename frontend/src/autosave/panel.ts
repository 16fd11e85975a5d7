// Two texts side by side, and a choice for each field. The page and the server keep
// both until then; a choice can be undone as long as the page is open.
import { words } from "../words";
import { isText, labelOf, readField, wordsOf, writeField } from "./fields";
import type { Clash, Value } from "./saver";

interface Panel {
  form: HTMLFormElement;
  title: string;
  text: string;
  clashes: Clash[];
  decided(name: string, value: Value, choice: Choice): void;
  closed(): void;
}

export type Choice = "mine" | "theirs" | "both";

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

function side(title: string, text: string): HTMLElement {
  const section = make("section");
  section.append(make("h4", "", title), make("p", "compare__text", text || words.emptyText));
  return section;
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
    compare.append(
      side(words.mine, wordsOf(form, name, mine)),
      side(words.theirs, wordsOf(form, name, theirs)),
    );
    const actions = make("p", "cluster");
    actions.setAttribute("role", "group");
    actions.setAttribute("aria-label", labelOf(form, name));
    const choose = (choice: Choice, value: Value, said: string): void => {
      const before = readField(form, name);
      writeField(form, name, value);
      open.delete(name);
      actions.replaceChildren(
        make("span", "", said),
        button(words.undo, () => {
          writeField(form, name, before);
          panel.decided(name, before, "mine");
          offer();
          closing.hidden = true;
        }),
      );
      panel.decided(name, value, choice);
      if (!open.size) {
        panel.closed();
        closing.hidden = false;
      }
    };
    const offer = (): void => {
      actions.replaceChildren(
        button(words.keepMine, () => choose("mine", mine, words.choseMine)),
        button(words.takeTheirs, () => choose("theirs", theirs, words.choseTheirs)),
      );
      if (isText(form, name)) {
        actions.append(
          button(words.keepBoth, () =>
            choose("both", `${mine}\n\n${theirs}`, words.choseBoth),
          ),
        );
      }
    };
    offer();
    group.append(make("h4", "", labelOf(form, name)), compare, actions);
    return group;
  }
}
