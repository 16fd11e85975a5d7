// What a frame may say. It runs others' code: every message is looked at before it is used.

export type Message =
  | { kind: "ready"; savedAt: number | null; now: number | null }
  | { kind: "resize"; height: number }
  | { kind: "xapi"; statement: Record<string, unknown> }
  | { kind: "state"; dataType: string; subContentId: string; data: string | null }
  | { kind: "open"; url: string }
  | { kind: "code" }
  | { kind: "faces" }
  | { kind: "mark"; id: number | string; question: string; response: unknown };

const TALLEST = 12_000;
const LONGEST_STATEMENT = 100_000;
const LONGEST_STATE = 300_000;
const LONGEST_NAME = 200;

/** The message, or null for whatever else somebody posts to the page. */
export function readMessage(data: unknown, token: string): Message | null {
  if (!isObject(data)) return null;
  if (data.type === "rambla.mark") return data.nonce === token ? readMark(data) : null;
  if (data.from !== "h5p-frame" || data.token !== token) return null;
  switch (data.kind) {
    case "ready":
      return { kind: "ready", savedAt: instant(data.savedAt), now: instant(data.now) };
    case "resize": {
      const { height } = data;
      if (typeof height !== "number" || !Number.isFinite(height) || height < 0) return null;
      return { kind: "resize", height: Math.min(Math.ceil(height), TALLEST) };
    }
    case "xapi": {
      const { statement } = data;
      if (!isObject(statement) || lengthOf(statement) > LONGEST_STATEMENT) return null;
      return { kind: "xapi", statement };
    }
    case "state": {
      const { dataType, subContentId, data: text } = data;
      if (!isName(dataType) || !isName(subContentId)) return null;
      if (text !== null && (typeof text !== "string" || text.length > LONGEST_STATE)) return null;
      return { kind: "state", dataType, subContentId, data: text };
    }
    case "open":
      return typeof data.url === "string" ? { kind: "open", url: data.url } : null;
    case "code":
    case "faces":
      return { kind: data.kind };
    default:
      return null;
  }
}

function readMark(data: Record<string, unknown>): Message | null {
  const { id, request } = data;
  if ((typeof id !== "number" && typeof id !== "string") || !isObject(request)) return null;
  if (!isName(request.question) || lengthOf(request.response) > LONGEST_STATEMENT) return null;
  return { kind: "mark", id, question: request.question, response: request.response };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function instant(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= LONGEST_NAME;
}

function lengthOf(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? 0;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
