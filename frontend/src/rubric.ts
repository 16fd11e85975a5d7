// A rubric being written: the sum of its weights as one types, and moving parts by keys.
// Adding, removing and moving are buttons of the form; the page comes back from the server.

export function startRubric(form: HTMLFormElement): void {
  const weights = [...form.querySelectorAll<HTMLInputElement>("[data-weight]")];
  const total = document.querySelector<HTMLElement>("[data-weights-total]");
  const verdict = document.querySelector<HTMLElement>("[data-weights-verdict]");
  const add = (): void => {
    const sum = sumOfWeights(weights.map((field) => field.value));
    if (total) total.textContent = sum === null ? "–" : String(sum / 100);
    if (!verdict) return;
    const { whole, less, more, not } = verdict.dataset;
    verdict.dataset.tone = sum === 10_000 ? "good" : "attention";
    const words = sum === null ? not : sum === 10_000 ? whole : sum > 10_000 ? more : less;
    verdict.textContent = words ?? "";
  };
  for (const field of weights) {
    field.addEventListener("input", add);
    // Taken over from elsewhere, after a conflict or by another tab.
    field.addEventListener("rambla:written", add);
  }
  // Somebody on a slow connection has begun before this script came.
  if (weights.some((field) => field.value !== field.defaultValue)) add();

  form.addEventListener("keydown", (event) => {
    const wanted = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (!wanted || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const part = (event.target as Element).closest("[data-part]");
    const button = [...(part?.querySelectorAll<HTMLButtonElement>("[data-move]") ?? [])].find(
      (one) => one.dataset.move === wanted && one.closest("[data-part]") === part,
    );
    if (!button) return;
    event.preventDefault();
    if (!button.disabled) form.requestSubmit(button);
  });
}

/** In hundredths, so that 33.33 three times and 0.01 are 100; null when one is no number. */
export function sumOfWeights(texts: string[]): number | null {
  let sum = 0;
  for (const text of texts) {
    const trimmed = text.trim();
    if (!/^\d+(\.\d{0,2}0*)?$|^\.\d{1,2}$/.test(trimmed)) return null;
    sum += Math.round(Number(trimmed) * 100);
  }
  return sum;
}
