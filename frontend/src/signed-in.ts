// The small window in which somebody has signed in again: tell the page that waits, and go.
import { tellTabs } from "./autosave/tabs";

export function startSignedIn(): void {
  tellTabs({ kind: "signed-in", person: document.body.dataset.person ?? "" });
  // Only a window that a script has opened can close itself; otherwise its words say so.
  setTimeout(() => window.close(), 400);
}
