/** Sign-in, and back to this page. */
export function signInUrl(): string {
  const login = document.body.dataset.signIn || "/accounts/login/";
  return `${login}?next=${encodeURIComponent(location.pathname + location.search)}`;
}

/** A link to sign in again in a small window of its own; the page stays as it is and goes
 * on when the window says so (signed-in.ts). */
export function signInHere(link: HTMLAnchorElement): void {
  const login = document.body.dataset.signIn || "/accounts/login/";
  link.href = `${login}?next=${encodeURIComponent("/signed-in/")}`;
  link.target = "_blank";
  link.addEventListener("click", (event) => {
    const size = "popup,width=520,height=760";
    if (window.open(link.href, "rambla-sign-in", size)) event.preventDefault();
  });
}
