// Where somebody is in a player, kept on the device until the server has it.

/** Part of the activity → kind of data → text, or null to forget it. */
export type State = Record<string, Record<string, string | null>>;

/**
 * `base`: when the server last saved, as far as this device knew; `at`: when the newest of it
 * was said, by the server's clock. Both in milliseconds.
 */
export interface Kept {
  at: number;
  base: number;
  state: State;
}

export interface Place {
  read(): Kept | null;
  write(kept: Kept | null): void;
}

// The server keeps no more either. What is here is in the store of all our pages: a frame, which
// runs others' code, may not fill it.
const MOST_KEPT = 600_000;

export class Unsaved {
  constructor(private readonly place: Place) {}

  get state(): State | null {
    return this.place.read()?.state ?? null;
  }

  /** What an earlier load of the page has left, unless another device has saved since. */
  newerThan(savedAt: number): State | null {
    const kept = this.place.read();
    if (kept && (Math.abs(kept.base - savedAt) < 5 || kept.at > savedAt)) {
      this.place.write({ ...kept, base: savedAt });
      return kept.state;
    }
    this.place.write(null);
    return null;
  }

  add(part: string, kind: string, text: string | null, at: number, base: number): void {
    const before = this.state ?? {};
    const state = { ...before, [part]: { ...own(before, part), [kind]: text } };
    if (JSON.stringify(state).length <= MOST_KEPT) this.place.write({ at, base, state });
  }

  /** The server has this much, saved at `base`; what was said meanwhile waits. */
  saved(sent: State, base: number): void {
    const kept = this.place.read();
    if (!kept) return;
    const parts = Object.entries(kept.state).map(([part, kinds]) => {
      const known = own(sent, part) ?? {};
      const news = Object.entries(kinds).filter(([kind, text]) => own(known, kind) !== text);
      return [part, Object.fromEntries(news)] as const;
    });
    const left = Object.fromEntries(parts.filter(([, kinds]) => Object.keys(kinds).length));
    this.place.write(Object.keys(left).length ? { at: kept.at, base, state: left } : null);
  }
}

/** The names are the frame's: `__proto__` is one like any other, never the way to what all
 *  objects of the page share. */
function own<T>(values: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
