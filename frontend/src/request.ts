// A JSON request to our own server that no redirect can make look like success.
import { csrfToken } from "./csrf";

const KEEPALIVE_BYTES = 60_000; // browsers refuse more with keepalive

/** Rejects where the server cannot be reached. `urgent`: goes on when the page is left. */
export function sendJson(
  method: string,
  url: string,
  body: unknown,
  urgent: boolean,
): Promise<Response> {
  const text = JSON.stringify(body);
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
