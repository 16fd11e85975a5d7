// Elements with words.

export function make<Name extends keyof HTMLElementTagNameMap>(
  tag: Name,
  className = "",
  text = "",
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

export function button(label: string, press: () => void, className = ""): HTMLButtonElement {
  const element = make("button", `button button--small ${className}`.trim(), label);
  element.type = "button";
  element.addEventListener("click", press);
  return element;
}

/** A sentence beside the desk's links; screen readers speak it. */
export function say(sentence: string): void {
  const place = document.querySelector<HTMLElement>("[data-desk-said]");
  if (!place) return;
  place.textContent = "";
  // The same sentence twice is news as well.
  requestAnimationFrame(() => {
    place.textContent = sentence;
  });
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName)) return true;
  if (target.getAttribute("role") === "textbox") return true;
  const untyped = ["radio", "checkbox", "button", "submit", "reset", "range", "file"];
  return target instanceof HTMLInputElement && !untyped.includes(target.type);
}

/** The words are put where the cursor is, as if they were typed. */
export function insertText(field: HTMLTextAreaElement, text: string): void {
  field.focus();
  const { selectionStart: start, selectionEnd: end, value } = field;
  const before = value.slice(0, start);
  const glue = before && !/\s$/.test(before) ? " " : "";
  field.setRangeText(glue + text, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
