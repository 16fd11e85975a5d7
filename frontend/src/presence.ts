// Who else has a desk open. Asks seldom, not at all while the page is hidden, ever less
// often while nobody answers, and says when it is left. A page without it works as well.
import { ask, type Asking, isSignedOut } from "./request";

const FIRST_AFTER = 300; // a desk that is only passed through says nothing
const SELDOM = 10 * 60_000;

interface AtDesk {
  sentence: string;
  again_in: number;
}

interface OnQueue {
  there: Record<string, string>;
  again_in: number;
}

/** `[data-presence]` on a desk: the address says that it is open, and answers a sentence. */
export function startPresence(place: HTMLElement): void {
  const here = place.dataset.presence ?? "";
  const left = place.dataset.presenceLeft ?? "";
  let seen = false;
  poll(place, async () => {
    const body = await askAgain<AtDesk>(here, { method: "POST" });
    seen = true;
    if (!body) return 60;
    if (place.textContent !== body.sentence) place.textContent = body.sentence;
    return body.again_in;
  }, () => {
    if (!seen) return;
    seen = false;
    void ask(left, { method: "POST", urgent: true }).catch(() => undefined);
  });
}

/** `[data-company]` on the queue: the rows in sight, `[data-company-of]`, in one question. */
export function startCompany(table: HTMLElement): void {
  const rows = [...table.querySelectorAll<HTMLElement>("[data-company-of]")];
  if (!rows.length) return;
  const asked = rows.map((row) => `on=${row.dataset.companyOf}`).join("&");
  poll(table, async () => {
    const body = await askAgain<OnQueue>(`${table.dataset.company}?${asked}`);
    if (!body) return 60;
    for (const row of rows) {
      const sentence = body.there[row.dataset.companyOf ?? ""] ?? "";
      if (row.textContent !== sentence) row.textContent = sentence;
    }
    return body.again_in;
  });
}

/** Asks while the page is seen. `once` answers after how many seconds it wants to be asked
 * again, the first time after `first` milliseconds. `gone` is called when the page is left
 * or the place is taken off it. */
export function poll(
  place: Element,
  once: () => Promise<number>,
  gone?: () => void,
  first = FIRST_AFTER,
): void {
  let timer = 0;
  let wait = 0;
  let asking = false;
  const stop = (): void => {
    window.clearTimeout(timer);
    gone?.();
  };
  const plan = (after: number): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void run(), after);
  };
  const run = async (): Promise<void> => {
    if (asking) return;
    if (!place.isConnected) {
      stop();
      window.removeEventListener("pagehide", stop);
      document.removeEventListener("visibilitychange", changed);
      return;
    }
    if (document.hidden) return;
    asking = true;
    try {
      wait = Math.max(10, await once()) * 1000;
    } catch (problem) {
      if (problem instanceof SignedOut) return;
      wait = Math.min(SELDOM, (wait || 30_000) * 2);
    } finally {
      asking = false;
    }
    plan(wait);
  };
  const changed = (): void => {
    if (document.hidden) window.clearTimeout(timer);
    else plan(FIRST_AFTER);
  };
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) plan(FIRST_AFTER);
  });
  document.addEventListener("visibilitychange", changed);
  plan(first);
}

/** Nothing is asked again until the page is seen anew. */
export class SignedOut extends Error {}

/** One question of those that `poll` repeats. Null where nothing is new (304). */
export async function askAgain<Body>(url: string, asking: Asking = {}): Promise<Body | null> {
  const answer = await ask(url, asking);
  if (answer.status === 304) return null;
  // Not there any more for this reader, or at rest: nothing to ask again.
  if (isSignedOut(answer) || [403, 404, 409].includes(answer.status)) throw new SignedOut();
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as Body;
}
