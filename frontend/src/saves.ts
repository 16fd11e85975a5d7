// Who still has text to send before the page goes on. Kept apart from autosave itself, so
// that others can ask without fetching it.

const flushes = new Map<HTMLFormElement, () => Promise<boolean>>();

export function onFlush(form: HTMLFormElement, flush: () => Promise<boolean>): void {
  flushes.set(form, flush);
}

/** True when nothing of this page is left unsaved. */
export async function flushAll(): Promise<boolean> {
  const done = await Promise.all(
    [...flushes].filter(([form]) => form.isConnected).map(([, flush]) => flush()),
  );
  return done.every(Boolean);
}
