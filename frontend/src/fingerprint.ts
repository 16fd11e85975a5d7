// Checking a file against a receipt: its SHA-256 is computed here, and the file stays here.
import { words } from "./words";

// Read whole: the browser's digest takes no parts.
const LARGEST = 512 * 1024 * 1024;

export function startFingerprint(section: HTMLElement): void {
  const drop = section.querySelector<HTMLElement>("[data-drop]");
  const input = section.querySelector<HTMLInputElement>("[data-file]");
  const form = section.querySelector("form");
  const field = form?.querySelector<HTMLInputElement>('input[name="sha256"]');
  const code = form?.querySelector<HTMLInputElement>('input[name="code"]');
  const state = section.querySelector<HTMLElement>("[data-drop-state]");
  // Only secure pages may compute; the form takes a fingerprint computed elsewhere.
  if (!drop || !input || !form || !field || !state || !globalThis.crypto?.subtle) return;
  drop.hidden = false;

  const check = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    if (file.size > LARGEST) {
      state.textContent = words.fileTooLarge;
      return;
    }
    state.textContent = words.fingerprinting;
    try {
      field.value = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    } catch {
      state.textContent = words.fileUnreadable;
      return;
    }
    if (code) code.value = "";
    form.requestSubmit();
  };

  input.addEventListener("change", () => void check(input.files?.[0]));
  for (const over of ["dragenter", "dragover"]) {
    drop.addEventListener(over, (event) => {
      event.preventDefault();
      drop.dataset.over = "";
    });
  }
  drop.addEventListener("dragleave", () => delete drop.dataset.over);
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    delete drop.dataset.over;
    void check(event.dataTransfer?.files[0]);
  });
}

export function hex(digest: ArrayBuffer): string {
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
