// A request to our own server that no redirect can make look like success.
import { csrfToken, hasToken, isAboutToken, renewToken } from "./csrf";

const KEEPALIVE_BYTES = 60_000; // browsers refuse more with keepalive

export interface Asking {
  method?: string;
  body?: string | FormData;
  headers?: Record<string, string>;
  /** Goes on when the page is left. */
  urgent?: boolean;
}

/** Rejects where the server cannot be reached. A browser may have lost the cookie that the
 * token is held against: another one is asked for, and what was refused for it goes out
 * once more. */
export async function ask(url: string, asking: Asking = {}): Promise<Response> {
  if ((asking.method ?? "GET") === "GET") return send(url, asking);
  // A page that is being left has no time to ask.
  if (!asking.urgent && !hasToken()) await renewToken();
  const response = await send(url, asking);
  if (!(await isAboutToken(response)) || !(await renewToken())) return response;
  return send(url, asking);
}

export function sendJson(
  method: string,
  url: string,
  body: unknown,
  urgent: boolean,
): Promise<Response> {
  const headers = { "Content-Type": "application/json" };
  return ask(url, { method, body: JSON.stringify(body), headers, urgent });
}

function send(url: string, { method = "GET", body, headers, urgent }: Asking): Promise<Response> {
  const isShort = typeof body !== "string" || new Blob([body]).size < KEEPALIVE_BYTES;
  return fetch(url, {
    method,
    ...(body === undefined ? {} : { body }),
    headers: {
      Accept: "application/json",
      ...(method === "GET" ? {} : { "X-CSRFToken": csrfToken() }),
      "X-Requested-With": "fetch",
      // Somebody else may have signed in meanwhile in another window.
      "X-Person": document.body.dataset.person ?? "",
      ...headers,
    },
    credentials: "same-origin",
    redirect: "manual",
    cache: "no-store",
    keepalive: Boolean(urgent) && isShort,
  });
}

/** Now, by the clock of the server, to the second; null where it cannot be asked. */
export async function serverTime(): Promise<Date | null> {
  const response = await ask("/health/").catch(() => null);
  const said = response?.ok ? Date.parse(response.headers.get("Date") ?? "") : Number.NaN;
  return Number.isNaN(said) ? null : new Date(said);
}

/** A redirect can only lead to sign-in; following it would look like success. */
export function isSignedOut(response: Response): boolean {
  return response.status === 401 || response.type === "opaqueredirect";
}

/** Worth another try later. */
export function isBusy(response: Response): boolean {
  return response.status === 429 || response.status >= 500;
}
