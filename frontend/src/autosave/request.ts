// One draft save as an HTTP request, and every way it can end.
import { isBusy, isSignedOut, sendJson } from "../request";
import { words } from "../words";
import type { Answer, Values } from "./saver";

interface Problem {
  code?: string;
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
  rich: { aside: Values } | null = null,
): Promise<Answer> {
  const body: Record<string, unknown> = { base_version: baseVersion, values };
  if (rich) {
    body.text_format = "html";
    if (Object.keys(rich.aside).length) body.set_aside = rich.aside;
  }
  const response = await sendJson("PUT", url, body, urgent);
  if (isBusy(response)) return { kind: "busy" };
  const answer = (await response.json().catch(() => ({}))) as Problem & {
    saved_at?: string;
    values?: Values;
    gone?: string[];
  };
  if (isSignedOut(response)) {
    return { kind: "signed-out", isAnother: answer.code === "another_person" };
  }
  if (response.ok) {
    if (typeof answer.version !== "number") return { kind: "busy" };
    return {
      kind: "saved",
      version: answer.version,
      savedAt: answer.saved_at ?? new Date().toISOString(),
      ...(answer.values ? { values: answer.values } : {}),
      ...(answer.gone ? { gone: answer.gone } : {}),
    };
  }
  if (response.status === 409 && answer.stored && typeof answer.version === "number") {
    return { kind: "conflict", version: answer.version, stored: answer.stored };
  }
  return { kind: "refused", sentence: answer.detail ?? answer.title ?? words.refusedUnknown };
}
