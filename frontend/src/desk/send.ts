// What the desk posts apart from the marks: comments at places, the bank.
import { ask, isSignedOut } from "../request";
import { words } from "../words";

export interface Sent<Body> {
  body: Body | null;
  /** Why not, for people; "" when it went well. */
  refusal: string;
  /** The stored text, where somebody changed it meanwhile. */
  stored: Record<string, unknown> | null;
}

/** Posts a form's fields; never rejects. */
export async function post<Body>(
  url: string,
  fields: Record<string, string> | FormData,
): Promise<Sent<Body>> {
  const data = fields instanceof FormData ? fields : new FormData();
  if (!(fields instanceof FormData)) {
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
  }
  const no = (refusal: string, stored: Record<string, unknown> | null = null): Sent<Body> => ({
    body: null,
    refusal,
    stored,
  });
  let answer: Response;
  try {
    answer = await ask(url, { method: "POST", body: data });
  } catch {
    return no(words.noConnection);
  }
  if (isSignedOut(answer)) return no(words.sessionEnded);
  if (answer.ok) {
    // Broken off on its way: perhaps it was stored; a comment sent again is stored once.
    const body = (await answer.json().catch(() => null)) as Body | null;
    return body ? { body, refusal: "", stored: null } : no(words.noAnswer);
  }
  if (answer.status >= 500) return no(words.failed);
  const problem = (await answer.json().catch(() => ({}))) as {
    detail?: string;
    title?: string;
    stored?: Record<string, unknown>;
  };
  return no(problem.detail ?? problem.title ?? words.refusedUnknown, problem.stored ?? null);
}
