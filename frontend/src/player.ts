// A script of its own, on pages with an activity alone: nothing has to come before it.
import { startPlayer } from "./h5p/player";

document.querySelectorAll<HTMLElement>("[data-h5p]").forEach(startPlayer);
