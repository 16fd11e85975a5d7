// One draft save as an HTTP request, and every way it can end.
import { csrfToken } from "../csrf";
import { words } from "../words";
import type { Answer, Values } from "./saver";

const KEEPALIVE_BYTES = 60_000; // browsers refuse more with keepalive

interface Problem {
  detail?: string;
  title?: string;
  version?: number;
  stored?: Values;
}

export async function sendDraft(
  url: string,
  baseVersion: number,
  values: Values,
  urgent: boolean,
): Promise<Answer> {
  const body = JSON.stringify({ base_version: baseVersion, values });
  const response = await fetch(url, {
    method: "PUT",
    body,
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRFToken": csrfToken(),
      "X-Requested-With": "fetch",
    },
    credentials: "same-origin",
    redirect: "manual",
    keepalive: urgent && new Blob([body]).size < KEEPALIVE_BYTES,
  });
  // A redirect can only lead to sign-in; following it would look like success.
  if (response.status === 401 || response.type === "opaqueredirect") return { kind: "signed-out" };
  if (response.status === 429 || response.status >= 500) return { kind: "busy" };
  const answer = (await response.json().catch(() => ({}))) as Problem & { saved_at?: string };
  if (response.ok) {
    if (typeof answer.version !== "number") return { kind: "busy" };
    return {
      kind: "saved",
      version: answer.version,
      savedAt: answer.saved_at ?? new Date().toISOString(),
    };
  }
  if (response.status === 409 && answer.stored && typeof answer.version === "number") {
    return { kind: "conflict", version: answer.version, stored: answer.stored };
  }
  return { kind: "refused", sentence: answer.detail ?? answer.title ?? words.refusedUnknown };
}
