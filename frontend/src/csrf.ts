/** The code of a refusal that is about the token alone. */
export const TOKEN_REFUSED = "csrf_failed";

function tokenCookie(): string | undefined {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1];
}

export function hasToken(): boolean {
  return tokenCookie() !== undefined;
}

/** The token as it is now: a new sign-in in another tab replaces it. */
export function csrfToken(): string {
  const cookie = tokenCookie();
  const field = document.querySelector<HTMLInputElement>('input[name="csrfmiddlewaretoken"]');
  return cookie ? decodeURIComponent(cookie) : (field?.value ?? "");
}

/** Whether somebody else has signed in in this browser since the page came (last_person.py). */
function isOfAnother(): boolean {
  const last = /(?:^|;\s*)person="?(\d+):/.exec(document.cookie)?.[1];
  const own = document.body.dataset.person;
  return Boolean(last && own && last !== own);
}

/** The forms of the page are sent with the token as it is now; never in somebody else's name. */
export function renewFields(token = csrfToken()): void {
  if (isOfAnother()) return;
  for (const field of document.querySelectorAll<HTMLInputElement>(
    'input[name="csrfmiddlewaretoken"]',
  )) {
    field.value = token;
  }
}

/** Whether a refusal is about the token alone. */
export async function isAboutToken(response: Response): Promise<boolean> {
  if (response.status !== 403) return false;
  const said = (await response.clone().json().catch(() => null)) as { code?: string } | null;
  return said?.code === TOKEN_REFUSED;
}

/** Asks for another one. False where there was none to be had. */
export async function renewToken(): Promise<boolean> {
  const response = await fetch("/form-token/", {
    headers: { Accept: "application/json", "X-Requested-With": "fetch" },
    credentials: "same-origin",
    redirect: "manual",
    cache: "no-store",
  }).catch(() => null);
  if (!response?.ok) return false;
  const { token } = (await response.json().catch(() => ({}))) as { token?: string };
  if (!token) return false;
  renewFields(token);
  return true;
}
