// Requests of the page around a player, and every way they can end.
import { isBusy, isSignedOut, sendJson } from "../request";
import type { Sent } from "./queue";

export async function ask(
  method: string,
  url: string,
  body: unknown,
  urgent = false,
): Promise<Response | null> {
  return sendJson(method, url, body, urgent).catch(() => null);
}

export function outcomeOf(response: Response | null): Sent {
  if (!response) return { kind: "busy" };
  if (isSignedOut(response)) return { kind: "signed-out" };
  if (response.ok) return { kind: "taken", done: false };
  if (isBusy(response)) return { kind: "busy" };
  return { kind: "refused" };
}

export function uuid(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  // Only pages that came over HTTPS (or from this computer) have it.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
