// Small updates through htmx: loaded only on pages that have some.
import "htmx.org";
import { pieceCame } from "./arrivals";
import { csrfToken, hasToken, renewToken } from "./csrf";
import { flushAll } from "./saves";
import { signInUrl } from "./sign-in";
import { words } from "./words";

interface RequestDetail {
  headers: Record<string, string>;
}

interface ResponseDetail {
  xhr: XMLHttpRequest;
  elt: Element;
}

interface ConfirmDetail {
  elt: Element;
  verb: string;
  issueRequest(skipConfirmation: boolean): void;
}

export function startUpdates(): void {
  document.body.addEventListener("htmx:configRequest", (event) => {
    const { headers } = (event as CustomEvent<RequestDetail>).detail;
    headers["X-CSRFToken"] = csrfToken();
    // A session that has ended is answered with 401, not with the sign-in page.
    headers["X-Requested-With"] = "fetch";
  });
  document.body.addEventListener("htmx:confirm", (event) => {
    const { detail } = event as CustomEvent<ConfirmDetail>;
    const isSaving = document.querySelector("form[data-autosave]") !== null;
    // A browser may have lost the cookie that the token is held against.
    const isWithoutToken = detail.verb !== "get" && !hasToken();
    if (!isSaving && !isWithoutToken) return;
    event.preventDefault();
    void (async () => {
      if (isWithoutToken) await renewToken();
      // The answer may replace a draft on the page: what was typed is sent before.
      if (!isSaving || (await flushAll())) detail.issueRequest(true);
      else say(words.blocked, detail.elt);
    })();
  });
  document.body.addEventListener("htmx:load", (event) => {
    pieceCame((event as CustomEvent<{ elt: Element }>).detail.elt);
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    // The button that was pressed may be gone: go on where the answer stands.
    if (document.activeElement !== document.body) return;
    const { target } = (event as CustomEvent<{ target: HTMLElement }>).detail;
    // What asks by itself, again and again, was pressed by nobody.
    if (target.matches("[data-polls]")) return;
    const fresh = target.isConnected ? target : document.getElementById(target.id);
    const answer = fresh?.querySelector<HTMLElement>("[role=alert], [role=status]") ?? fresh;
    if (!answer) return;
    answer.tabIndex = -1;
    answer.focus({ preventScroll: true });
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    const { xhr, elt } = (event as CustomEvent<ResponseDetail>).detail;
    say(sentenceOf(xhr), elt);
  });
  document.body.addEventListener("htmx:sendError", (event) => {
    say(words.noConnection, (event as CustomEvent<ResponseDetail>).detail.elt);
  });
}

/** What the server said, whether it answered with problem+json or with a page. */
function sentenceOf(xhr: XMLHttpRequest): string {
  if (xhr.status === 401) return words.sessionEnded;
  if (xhr.status >= 500) return words.failed;
  if (xhr.getResponseHeader("Content-Type")?.includes("json")) {
    try {
      const problem = JSON.parse(xhr.responseText) as { detail?: string; title?: string };
      return problem.detail ?? problem.title ?? words.refusedUnknown;
    } catch {
      return words.refusedUnknown;
    }
  }
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  return page.querySelector("[data-refusal]")?.textContent?.trim() ?? words.refusedUnknown;
}

function say(sentence: string, near: Element): void {
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.dataset.tone = "attention";
  notice.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = sentence;
  notice.append(text);
  if (sentence === words.sessionEnded) {
    const link = document.createElement("a");
    link.href = signInUrl();
    link.target = "_blank";
    link.textContent = words.signIn;
    text.append(" ", link);
  }
  const place = near.closest("form, section, article") ?? near;
  place.querySelector(":scope > .notice[role=alert]")?.remove();
  place.prepend(notice);
}
