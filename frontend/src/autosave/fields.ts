// Reading and writing the fields of a form by name.
import { htmlOf, isRich, sentHtml, showHtml } from "../rich";
import type { Value, Values } from "./saver";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const IGNORED = new Set(["hidden", "file", "submit", "button", "reset", "image", "password"]);

export function fieldsOf(form: HTMLFormElement, name?: string): Field[] {
  return [...form.elements].filter(
    (element): element is Field =>
      (element instanceof HTMLInputElement ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement) &&
      element.name !== "" &&
      !IGNORED.has(element.type) &&
      !("autosaveSkip" in element.dataset) &&
      (name === undefined || element.name === name),
  );
}

/** What a field says: now, or as the server sent it. */
interface Reading {
  text(field: Field): string;
  checked(field: HTMLInputElement): boolean;
  selected(option: HTMLOptionElement): boolean;
}

const NOW: Reading = {
  text: (field) => (isRich(field) ? htmlOf(field) : field.value),
  checked: (field) => field.checked,
  selected: (option) => option.selected,
};

const AS_SENT: Reading = {
  text: (field) => {
    if (isRich(field)) return sentHtml(field);
    if (!(field instanceof HTMLSelectElement)) return field.defaultValue;
    const options = [...field.options];
    return (options.filter((option) => option.defaultSelected).at(-1) ?? options[0])?.value ?? "";
  },
  checked: (field) => field.defaultChecked,
  selected: (option) => option.defaultSelected,
};

/** Text as a string, one checkbox as a boolean, several or a multiple select as a list. */
export function readField(form: HTMLFormElement, name: string, read = NOW): Value {
  const fields = fieldsOf(form, name);
  const first = fields[0];
  if (first instanceof HTMLSelectElement && first.multiple) {
    return [...first.options].filter((one) => read.selected(one)).map((one) => one.value);
  }
  if (first instanceof HTMLInputElement && first.type === "checkbox") {
    if (fields.length === 1 && !first.hasAttribute("value")) return read.checked(first);
    return fields.filter((field) => read.checked(field as HTMLInputElement)).map((f) => f.value);
  }
  if (first instanceof HTMLInputElement && first.type === "radio") {
    return fields.find((field) => read.checked(field as HTMLInputElement))?.value ?? "";
  }
  return first ? read.text(first) : "";
}

/** Every field as the server sent it, whatever was typed since. */
export function readSent(form: HTMLFormElement): Values {
  const names = new Set(fieldsOf(form).map((field) => field.name));
  return Object.fromEntries([...names].map((name) => [name, readField(form, name, AS_SENT)]));
}

export function writeField(form: HTMLFormElement, name: string, value: Value): void {
  for (const field of fieldsOf(form, name)) {
    if (field instanceof HTMLSelectElement && field.multiple) {
      for (const option of field.options) {
        option.selected = Array.isArray(value) && value.includes(option.value);
      }
    } else if (field instanceof HTMLInputElement && field.type === "checkbox") {
      field.checked = Array.isArray(value) ? value.includes(field.value) : value === true;
    } else if (field instanceof HTMLInputElement && field.type === "radio") {
      field.checked = field.value === value;
    } else if (isRich(field)) {
      showHtml(field, String(value));
    } else {
      field.value = String(value);
    }
    // Word counts and growing fields follow; autosave tells its own writing apart.
    field.dispatchEvent(new CustomEvent("rambla:written", { bubbles: true }));
  }
}

export function labelOf(form: HTMLFormElement, name: string): string {
  const field = fieldsOf(form, name)[0];
  const group = field?.closest("fieldset")?.querySelector("legend");
  const several = fieldsOf(form, name).length > 1;
  const label = several ? group : (field?.labels?.[0] ?? group);
  const words = [...(label?.childNodes ?? [])]
    .filter((node) => !(node instanceof Element && node.classList.contains("field__optional")))
    .map((node) => node.textContent ?? "")
    .join("")
    .trim();
  return words || name;
}

/** A value as a person reads it: the labels of choices, the text itself otherwise. */
export function wordsOf(form: HTMLFormElement, name: string, value: Value): string {
  const fields = fieldsOf(form, name);
  const wanted = Array.isArray(value) ? value : [String(value)];
  const first = fields[0];
  if (first instanceof HTMLSelectElement) {
    return [...first.options]
      .filter((option) => wanted.includes(option.value))
      .map((option) => option.text)
      .join(", ");
  }
  if (first instanceof HTMLInputElement && ["checkbox", "radio"].includes(first.type)) {
    if (typeof value === "boolean") return value ? "✓" : "–";
    return fields
      .filter((field) => wanted.includes(field.value))
      .map((field) => field.labels?.[0]?.textContent?.trim() ?? field.value)
      .join(", ");
  }
  return String(value);
}

export function isText(form: HTMLFormElement, name: string): boolean {
  return fieldsOf(form, name)[0] instanceof HTMLTextAreaElement;
}

export function isRichField(form: HTMLFormElement, name: string): boolean {
  const field = fieldsOf(form, name)[0];
  return field !== undefined && isRich(field);
}
