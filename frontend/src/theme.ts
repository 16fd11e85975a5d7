// Runs before the first paint, as a file of its own: the content-security policy
// forbids inline scripts.
import { applyTheme, storedTheme } from "./theme-choice";

applyTheme(storedTheme());
