/** Sign-in, and back to this page. */
export function signInUrl(): string {
  const login = document.body.dataset.signIn || "/accounts/login/";
  return `${login}?next=${encodeURIComponent(location.pathname + location.search)}`;
}
