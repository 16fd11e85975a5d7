// What is of one load of a player stands in the name of its frame (h5p/frame/start.js): the
// document in the frame is the same for every load, and the browser keeps it.
import type { State } from "./unsaved";

export interface Load {
  token: string;
  state: Record<string, Record<string, string>>;
  savedAt: number | null;
  now: number | null;
  brings?: boolean; // this page hands over the code
  kept?: State; // what the device has and the server has not
}

const MARK = "h5p-frame ";

export function loadIn(name: string): Load | null {
  if (!name.startsWith(MARK)) return null;
  try {
    return JSON.parse(name.slice(MARK.length)) as Load;
  } catch {
    return null;
  }
}

export function named(load: Load): string {
  return MARK + JSON.stringify(load);
}

/** Whether this page came out of the browser's cache, as it does on the way back. */
export function isOldPage(): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  // Older browsers do not say how much was sent.
  return entry?.transferSize === undefined
    ? entry?.type === "back_forward"
    : entry.transferSize === 0;
}
