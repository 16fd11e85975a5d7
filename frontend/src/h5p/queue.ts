// Statements on their way: kept on the device until the server has them, sent in their
// order, and each known by its id so that a second try changes nothing.

export interface Waiting {
  id: string;
  play: string;
  statement: Record<string, unknown>;
}

export type Sent =
  | { kind: "taken"; done: boolean }
  | { kind: "signed-out" }
  | { kind: "busy" }
  | { kind: "refused" };

export interface Store {
  read(): Waiting[];
  write(waiting: Waiting[]): void;
}

const MOST_KEPT = 500;
const MOST_CHARACTERS = 1_000_000;
const MOST_AT_ONCE = 40;

export class Queue {
  private sending = false;

  constructor(
    private readonly store: Store,
    private readonly send: (play: string, statements: Waiting[]) => Promise<Sent>,
  ) {}

  get length(): number {
    return this.store.read().length;
  }

  add(waiting: Waiting): void {
    const kept = this.store.read();
    // Should somebody's code fill it, the oldest stay: they are a person's work.
    const next = [...kept, waiting];
    const fits = next.length <= MOST_KEPT && JSON.stringify(next).length <= MOST_CHARACTERS;
    // One is always kept: it is no longer than a message may be.
    if (fits || !kept.length) this.store.write(next);
  }

  /** Send what waits. Says how it ended: "taken" when nothing is left. */
  async flush(): Promise<Sent> {
    if (this.sending) return { kind: "busy" };
    this.sending = true;
    let done = false;
    try {
      for (;;) {
        const batch = this.nextBatch();
        if (!batch[0]) return { kind: "taken", done };
        const sent = await this.send(batch[0].play, batch);
        if (sent.kind === "signed-out" || sent.kind === "busy") return sent;
        if (sent.kind === "taken") {
          done ||= sent.done;
          this.forget(batch);
          continue;
        }
        // One of them is wrong; the others are not to be lost with it.
        for (const each of batch) {
          const alone = batch.length > 1 ? await this.send(each.play, [each]) : sent;
          if (alone.kind === "signed-out" || alone.kind === "busy") return alone;
          if (alone.kind === "taken") done ||= alone.done;
          this.forget([each]);
        }
      }
    } finally {
      this.sending = false;
    }
  }

  /** The oldest, and those after it of the same load of the player. */
  private nextBatch(): Waiting[] {
    const kept = this.store.read();
    const end = kept.findIndex((each) => each.play !== kept[0]?.play);
    return kept.slice(0, Math.min(end < 0 ? kept.length : end, MOST_AT_ONCE));
  }

  private forget(sent: Waiting[]): void {
    const ids = new Set(sent.map((each) => each.id));
    this.store.write(this.store.read().filter((each) => !ids.has(each.id)));
  }
}
