// A JSON request to our own server that no redirect can make look like success.
import { csrfToken, hasToken, isAboutToken, renewToken } from "./csrf";

const KEEPALIVE_BYTES = 60_000; // browsers refuse more with keepalive

/** Rejects where the server cannot be reached. `urgent`: goes on when the page is left.
 * A browser may have lost the cookie that the token is held against: another one is asked
 * for, and what was refused for it goes out once more. */
export async function sendJson(
  method: string,
  url: string,
  body: unknown,
  urgent: boolean,
): Promise<Response> {
  const text = JSON.stringify(body);
  // A page that is being left has no time to ask.
  if (!urgent && !hasToken()) await renewToken();
  const response = await send(method, url, text, urgent);
  if (!(await isAboutToken(response)) || !(await renewToken())) return response;
  return send(method, url, text, urgent);
}

function send(method: string, url: string, text: string, urgent: boolean): Promise<Response> {
  return fetch(url, {
    method,
    body: text,
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRFToken": csrfToken(),
      "X-Requested-With": "fetch",
      // Somebody else may have signed in meanwhile in another window.
      "X-Person": document.body.dataset.person ?? "",
    },
    credentials: "same-origin",
    redirect: "manual",
    keepalive: urgent && new Blob([text]).size < KEEPALIVE_BYTES,
  });
}

/** A redirect can only lead to sign-in; following it would look like success. */
export function isSignedOut(response: Response): boolean {
  return response.status === 401 || response.type === "opaqueredirect";
}

/** Worth another try later. */
export function isBusy(response: Response): boolean {
  return response.status === 429 || response.status >= 500;
}
