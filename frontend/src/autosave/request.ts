// One draft save as an HTTP request, and every way it can end.
import { isBusy, isSignedOut, sendJson } from "../request";
import { words } from "../words";
import type { Answer, Values } from "./saver";

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
  const body = { base_version: baseVersion, values };
  const response = await sendJson("PUT", url, body, urgent);
  if (isSignedOut(response)) return { kind: "signed-out" };
  if (isBusy(response)) return { kind: "busy" };
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
