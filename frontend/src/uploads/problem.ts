// What the server says when it does not take a request of an upload (problem+json).

export interface Problem {
  code: string;
  sentence: string;
}

/** Answers after which it may go on: a damaged part, too many at once. */
const PASSING = new Set([408, 423, 425, 429, 460]);

export function problemOf(body: string): Problem {
  try {
    const { code, detail } = JSON.parse(body) as { code?: unknown; detail?: unknown };
    return { code: String(code ?? ""), sentence: String(detail ?? "") };
  } catch {
    return { code: "", sentence: "" };
  }
}

/** Whether asking again may help; 0 is no answer. A conflict is one for good, unless two
 * requests have crossed: no room, no draft any more. */
export function isPassing(status: number, { code }: Problem): boolean {
  if (status === 409) return code === "offset_conflict" || code === "not_whole";
  return status < 400 || status >= 500 || PASSING.has(status);
}

/** Said by a proxy on the way, which gives no reason of ours: smaller pieces may pass. */
export function isTooMuchAtOnce(status: number, { code }: Problem): boolean {
  return status === 413 && code === "";
}
