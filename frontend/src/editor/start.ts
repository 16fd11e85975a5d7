// The editor of a page where people write in sections. It takes over the textareas when it
// has arrived: until then they can be written in, and what was typed comes along.
import { Editor } from "@tiptap/core";
import { editorOf, htmlOf, isRich, plainOfHtml, type RichEditor, takeOver } from "../rich";
import { words } from "../words";
import { extensions } from "./extensions";
import { cleanPasted } from "./paste";
import { Toolbar } from "./toolbar";

// An update reaches autosave, and with it the device, after at most this long.
const SETTLE_AFTER = 120;
// The editor keeps an empty line to write in; a text has none.
const EMPTY_LINES = /(^|<\/(?:p|h3|h4|ul|ol|blockquote|table)>|<hr>|<blockquote>)(?:<p><\/p>)+/g;
const AS_IT_IS = { preserveWhitespace: true } as const;

export function startEditors(form: HTMLFormElement): void {
  const fields = [...form.elements].filter(isRich).filter((field) => !editorOf(field));
  if (!fields.length) return;
  const toolbar = new Toolbar();
  form.prepend(toolbar.element);
  const focused = document.activeElement;
  for (const field of fields) startEditor(form, field, toolbar);
  const format = form.querySelector<HTMLInputElement>('input[name="text_format"]');
  if (format) format.value = "html";
  // Whoever was writing goes on where they were: at the end of what they had typed.
  if (focused && fields.includes(focused as HTMLTextAreaElement)) editorOf(focused)?.focus();
  for (const button of form.querySelectorAll<HTMLButtonElement>("button[name=insert]")) {
    button.addEventListener("click", (event) => insertAnswer(event, form, button));
  }
}

function startEditor(form: HTMLFormElement, field: HTMLTextAreaElement, toolbar: Toolbar): void {
  const label = field.labels?.[0];
  const title = label?.textContent?.trim() ?? "";
  const place = document.createElement("div");
  place.className = "editor";
  field.before(place);
  if (label && !label.id) label.id = `${field.id}-label`;

  let timer = 0;
  const settle = (): void => {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    field.value = rich.html();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const editor = new Editor({
    element: place,
    injectCSS: false,
    content: htmlOf(field),
    parseOptions: AS_IT_IS,
    extensions: extensions({
      askForLink: () => toolbar.askForLink(),
      goToToolbar: () => toolbar.focus(),
    }),
    editorProps: {
      transformPastedHTML: cleanPasted,
      attributes: {
        class: "prose written editor__text",
        role: "textbox",
        "aria-multiline": "true",
        "aria-labelledby": label?.id ?? "",
        "aria-describedby": field.getAttribute("aria-describedby") ?? "",
        dir: "auto",
        spellcheck: "true",
      },
    },
    onUpdate: () => {
      timer ||= window.setTimeout(settle, SETTLE_AFTER);
    },
    onTransaction: () => {
      if (editor.isFocused) toolbar.update();
    },
    onFocus: () => toolbar.show(editor, title),
    onBlur: settle,
  });
  const rich: RichEditor = {
    html: () => (editor.isEmpty ? "" : editor.getHTML().replace(EMPTY_LINES, "$1")),
    text: () => editor.getText({ blockSeparator: "\n" }),
    headings: () =>
      [...editor.view.dom.querySelectorAll("h3, h4")].map((heading) => ({
        text: heading.textContent ?? "",
        level: Number(heading.tagName.slice(1)),
        show: () => heading.scrollIntoView({ block: "center" }),
      })),
    show: (html) => {
      clearTimeout(timer);
      timer = 0;
      editor.commands.setContent(html, { emitUpdate: false, parseOptions: AS_IT_IS });
      field.value = rich.html();
    },
    append: (html) => {
      const end = editor.state.doc.content.size;
      const at = editor.isEmpty ? { from: 0, to: end } : end;
      editor.chain().insertContentAt(at, html, { parseOptions: AS_IT_IS }).focus("end").run();
      settle();
    },
    focus: () => editor.commands.focus("end"),
  };
  takeOver(field, rich);
  field.value = rich.html();
  field.hidden = true;
  label?.addEventListener("click", (event) => {
    event.preventDefault();
    editor.commands.focus();
  });
  // Whoever needs the last word asks for it: a save, a page that is left.
  form.addEventListener("rambla:settle", settle);
  window.addEventListener("pagehide", settle);
  field.dispatchEvent(new CustomEvent("rambla:taken-over", { bubbles: true }));
}

/** The answer from the lesson goes in at the end; the editor's undo takes it out again. */
function insertAnswer(event: Event, form: HTMLFormElement, button: HTMLButtonElement): void {
  const name = button.value.split(":")[0] ?? "";
  const field = [...form.elements].find((one) => isRich(one) && one.name === name);
  const answer = document.querySelector<HTMLTemplateElement>(
    `template[data-answer="${CSS.escape(button.value)}"]`,
  );
  const editor = field && editorOf(field);
  if (!editor || !answer) return;
  event.preventDefault();
  const has = plainOfHtml(editor.html()).includes(plainOfHtml(answer.innerHTML));
  if (!has) editor.append(answer.innerHTML);
  else editor.focus();
  const said = form.querySelector<HTMLElement>("[data-said]");
  const sentence = has ? words.editor.answerIsThere : words.editor.answerIsIn;
  if (said) said.textContent = sentence;
  // For those who see; the others have been told.
  const seen = button.parentElement?.querySelector<HTMLElement>("[data-inserted]") ?? document.createElement("span");
  seen.dataset.inserted = "";
  seen.setAttribute("aria-hidden", "true");
  seen.className = "meta";
  seen.textContent = sentence;
  button.after(seen);
}
