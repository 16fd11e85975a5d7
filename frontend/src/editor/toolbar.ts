// The buttons of the editor: one row for the whole page, for the section one writes in.
// One stop of the Tab key; arrows go along it, Escape goes back to the text.
import type { Editor } from "@tiptap/core";
import { words } from "../words";
import { isSafeAddress } from "./extensions";

interface Tool {
  label: string;
  keys?: string;
  sign: string;
  run(editor: Editor): void;
  isOn?(editor: Editor): boolean;
  can?(editor: Editor): boolean;
  inTable?: true;
}

const says = words.editor;
const chain = (editor: Editor) => editor.chain().focus();

const TOOLS: Tool[][] = [
  [
    {
      label: says.heading,
      keys: "Ctrl+Alt+3",
      sign: "H",
      run: (editor) => chain(editor).toggleHeading({ level: 3 }).run(),
      isOn: (editor) => editor.isActive("heading", { level: 3 }),
    },
    {
      label: says.subheading,
      keys: "Ctrl+Alt+4",
      sign: "h",
      run: (editor) => chain(editor).toggleHeading({ level: 4 }).run(),
      isOn: (editor) => editor.isActive("heading", { level: 4 }),
    },
  ],
  [
    {
      label: says.bold,
      keys: "Ctrl+B",
      sign: "bold",
      run: (editor) => chain(editor).toggleBold().run(),
      isOn: (editor) => editor.isActive("bold"),
    },
    {
      label: says.italic,
      keys: "Ctrl+I",
      sign: "italic",
      run: (editor) => chain(editor).toggleItalic().run(),
      isOn: (editor) => editor.isActive("italic"),
    },
    {
      label: says.link,
      keys: "Ctrl+K",
      sign: "link",
      run: () => undefined,
      isOn: (editor) => editor.isActive("link"),
    },
  ],
  [
    {
      label: says.bullets,
      keys: "Ctrl+Shift+8",
      sign: "bullets",
      run: (editor) => chain(editor).toggleBulletList().run(),
      isOn: (editor) => editor.isActive("bulletList"),
    },
    {
      label: says.numbers,
      keys: "Ctrl+Shift+7",
      sign: "numbers",
      run: (editor) => chain(editor).toggleOrderedList().run(),
      isOn: (editor) => editor.isActive("orderedList"),
    },
    {
      label: says.quote,
      keys: "Ctrl+Shift+B",
      sign: "quote",
      run: (editor) => chain(editor).toggleBlockquote().run(),
      isOn: (editor) => editor.isActive("blockquote"),
    },
    {
      label: says.table,
      sign: "table",
      run: (editor) =>
        chain(editor).insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(),
      can: (editor) => !editor.isActive("table"),
    },
  ],
  [
    {
      label: says.undo,
      keys: "Ctrl+Z",
      sign: "undo",
      run: (editor) => chain(editor).undo().run(),
      can: (editor) => editor.can().undo(),
    },
    {
      label: says.redo,
      keys: "Ctrl+Shift+Z",
      sign: "redo",
      run: (editor) => chain(editor).redo().run(),
      can: (editor) => editor.can().redo(),
    },
  ],
  [
    table(says.rowBelow, (editor) => chain(editor).addRowAfter().run()),
    table(says.columnAfter, (editor) => chain(editor).addColumnAfter().run()),
    table(says.deleteRow, (editor) => chain(editor).deleteRow().run()),
    table(says.deleteColumn, (editor) => chain(editor).deleteColumn().run()),
    table(says.deleteTable, (editor) => chain(editor).deleteTable().run()),
  ],
];

function table(label: string, run: Tool["run"]): Tool {
  return { label, sign: "", run, inTable: true };
}

// Lines on a square of 20.
const SIGNS: Record<string, string> = {
  bold: "M6 4h5a3 3 0 0 1 0 6H6zM6 10h6a3 3 0 0 1 0 6H6z",
  italic: "M8 4h6M6 16h6M11 4 9 16",
  link: "M8.5 11.5l3-3M9 6l1.5-1.5a3.2 3.2 0 0 1 4.5 4.5L13.5 10.5M11 14l-1.5 1.5A3.2 3.2 0 0 1 5 11L6.5 9.5",
  bullets: "M8 5h9M8 10h9M8 15h9M3.5 5h.01M3.5 10h.01M3.5 15h.01",
  numbers: "M8 5h9M8 10h9M8 15h9M3 3.5h1v3.5M2.8 12.5h2l-2 3.5h2",
  quote: "M4 12V9a4 4 0 0 1 3-4M4 12h3.5v3.5H4zM11.5 12V9a4 4 0 0 1 3-4M11.5 12H15v3.5h-3.5z",
  table: "M3 4h14v12H3zM3 8h14M3 12h14M8 4v12M12.5 4v12",
  undo: "M7 4 3.5 7.5 7 11M3.5 7.5H12a4.2 4.2 0 0 1 0 8.5H8",
  redo: "M13 4l3.5 3.5L13 11M16.5 7.5H8a4.2 4.2 0 0 0 0 8.5h4",
};

export class Toolbar {
  readonly element = document.createElement("div");
  private editor: Editor | null = null;
  private readonly buttons: { tool: Tool; button: HTMLButtonElement }[] = [];
  private readonly link = document.createElement("div");
  private readonly address = document.createElement("input");
  private readonly refusal = document.createElement("p");
  private unset = document.createElement("button");

  constructor() {
    const row = document.createElement("div");
    row.className = "toolbar__row";
    row.setAttribute("role", "toolbar");
    row.setAttribute("aria-label", says.toolbar);
    this.element.className = "toolbar";
    for (const group of TOOLS) {
      const part = document.createElement("div");
      part.className = "toolbar__group";
      for (const tool of group) part.append(this.buttonOf(tool));
      row.append(part);
    }
    row.addEventListener("keydown", (event) => this.walk(event));
    this.element.append(row, this.linkPart());
    this.show(null);
  }

  /** For the section that somebody writes in, called by its `title`. */
  show(editor: Editor | null, title = ""): void {
    if (editor !== this.editor) this.link.hidden = true;
    this.editor = editor;
    const row = this.element.firstElementChild as HTMLElement;
    row.setAttribute("aria-label", title ? says.toolbarOf(title) : says.toolbar);
    this.update();
  }

  update(): void {
    const { editor } = this;
    const isInTable = editor?.isActive("table") ?? false;
    for (const { tool, button } of this.buttons) {
      const can = editor !== null && (tool.can?.(editor) ?? true);
      // Not `disabled`: the focus would be lost with it.
      button.setAttribute("aria-disabled", String(!can));
      if (tool.isOn) {
        button.setAttribute("aria-pressed", String(editor !== null && tool.isOn(editor)));
      }
      button.hidden = tool.inTable === true && !isInTable;
    }
    const seen = this.seen();
    if (!seen.some((button) => button.tabIndex === 0)) {
      for (const { button } of this.buttons) button.tabIndex = -1;
      if (seen[0]) seen[0].tabIndex = 0;
    }
  }

  focus(): void {
    this.seen()
      .find((button) => button.tabIndex === 0)
      // It sticks to the edge: the text stays where it is.
      ?.focus({ preventScroll: true });
  }

  askForLink(): void {
    if (!this.editor) return;
    this.address.value = String(this.editor.getAttributes("link").href ?? "");
    this.refuseAddress("");
    this.unset.hidden = !this.editor.isActive("link");
    this.link.hidden = false;
    this.address.focus({ preventScroll: true });
    this.address.select();
  }

  private seen(): HTMLButtonElement[] {
    return this.buttons.map(({ button }) => button).filter((button) => !button.hidden);
  }

  private buttonOf(tool: Tool): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "toolbar__button";
    button.tabIndex = -1;
    if (tool.sign in SIGNS) {
      button.append(drawn(SIGNS[tool.sign] ?? ""));
      button.setAttribute("aria-label", tool.label);
    } else if (tool.sign) {
      button.textContent = tool.sign;
      button.setAttribute("aria-label", tool.label);
    } else button.textContent = tool.label;
    button.title = tool.keys ? `${tool.label} (${tool.keys})` : tool.label;
    // The text keeps its focus and selection under a pointer.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      if (!this.editor || button.getAttribute("aria-disabled") === "true") return;
      if (tool.sign === "link") this.askForLink();
      else tool.run(this.editor);
    });
    this.buttons.push({ tool, button });
    return button;
  }

  private walk(event: KeyboardEvent): void {
    const seen = this.seen();
    const at = seen.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: seen.length - 1 };
    if (event.key === "Escape") {
      event.preventDefault();
      this.backToText();
    } else if (event.key in next) {
      event.preventDefault();
      const to = next[event.key as keyof typeof next];
      const button = seen[(to + seen.length) % seen.length];
      for (const one of seen) one.tabIndex = one === button ? 0 : -1;
      button?.focus({ preventScroll: true });
    }
  }

  private linkPart(): HTMLElement {
    this.link.className = "toolbar__link";
    this.link.hidden = true;
    const label = document.createElement("label");
    label.textContent = says.address;
    // Not `url`: what is half typed here must not hold back the whole form.
    this.address.type = "text";
    this.address.inputMode = "url";
    this.address.placeholder = "https://";
    this.address.id = "toolbar-address";
    this.address.autocomplete = "off";
    label.htmlFor = this.address.id;
    const set = this.small(says.setLink, () => this.setLink());
    this.unset = this.small(says.removeLink, () => {
      if (this.editor) chain(this.editor).extendMarkRange("link").unsetLink().run();
      this.link.hidden = true;
    });
    this.link.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === this.address) {
        event.preventDefault();
        this.setLink();
      } else if (event.key === "Escape") {
        event.preventDefault();
        this.link.hidden = true;
        this.backToText();
      }
    });
    this.refusal.className = "field__errors";
    this.refusal.id = "toolbar-refusal";
    this.refusal.setAttribute("role", "alert");
    this.address.addEventListener("input", () => this.refuseAddress(""));
    this.link.append(label, this.address, set, this.unset, this.refusal);
    return this.link;
  }

  private refuseAddress(sentence: string): void {
    this.refusal.textContent = sentence;
    this.refusal.hidden = !sentence;
    if (sentence) {
      this.address.setAttribute("aria-invalid", "true");
      this.address.setAttribute("aria-describedby", this.refusal.id);
    } else {
      this.address.removeAttribute("aria-invalid");
      this.address.removeAttribute("aria-describedby");
    }
  }

  /** At once: the command waits for a frame, and the first letters would be lost. */
  private backToText(): void {
    this.editor?.view.focus();
    this.editor?.commands.scrollIntoView();
  }

  private small(label: string, press: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--small";
    button.textContent = label;
    button.addEventListener("click", press);
    return button;
  }

  private setLink(): void {
    if (!this.editor) return;
    const typed = this.address.value.trim();
    const isMail = /^[^\s@/]+@[^\s@/]+$/.test(typed);
    const href = /^[a-z]+:/i.test(typed) ? typed : `${isMail ? "mailto:" : "https://"}${typed}`;
    if (!typed || !isSafeAddress(href)) {
      this.refuseAddress(says.noAddress);
      this.address.focus({ preventScroll: true });
      return;
    }
    const { empty } = this.editor.state.selection;
    const step = chain(this.editor).extendMarkRange("link");
    if (empty && !this.editor.isActive("link")) {
      step.insertContent({ type: "text", text: typed, marks: [{ type: "link", attrs: { href } }] });
    } else step.setLink({ href });
    step.run();
    this.link.hidden = true;
    this.editor.view.focus();
  }
}

function drawn(lines: string): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const sign = document.createElementNS(space, "svg");
  sign.setAttribute("viewBox", "0 0 20 20");
  sign.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", lines);
  sign.append(path);
  return sign;
}
