/** The token as it is now: a new sign-in in another tab replaces it. */
export function csrfToken(): string {
  const cookie = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  const field = document.querySelector<HTMLInputElement>('input[name="csrfmiddlewaretoken"]');
  return cookie ? decodeURIComponent(cookie) : (field?.value ?? "");
}
