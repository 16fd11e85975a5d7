// The state machine of autosave, without a page: it is given the values, a way to
// send, a way to keep a copy on the device and a clock, and says what state it is in.

export type Value = string | boolean | string[];
export type Values = Record<string, Value>;

export interface Copy {
  baseVersion: number;
  values: Values;
  /** Texts decided against, on their way to the history; of a field perhaps several. */
  aside?: [string, Value][];
  at: string;
}

export type Answer =
  /** `values`: what is stored otherwise than it was sent; `gone`: fields that are no more,
   * whose text is kept elsewhere. */
  | { kind: "saved"; version: number; savedAt: string; values?: Values; gone?: string[] }
  | { kind: "conflict"; version: number; stored: Values }
  | { kind: "signed-out"; isAnother?: boolean }
  | { kind: "refused"; sentence: string }
  | { kind: "busy" }
  | { kind: "unreachable" };

export type Status =
  | "clean"
  | "saved"
  | "saving"
  | "waiting"
  | "offline"
  | "conflict"
  | "signed-out"
  | "another-person"
  | "refused";

export interface State {
  status: Status;
  version: number;
  /** Fields whose value has not reached the server. */
  changes: number;
  savedAt: string;
  sentence: string;
  keptOnDevice: boolean;
}

export interface Clash {
  name: string;
  mine: Value;
  theirs: Value;
}

export interface Surroundings {
  send(baseVersion: number, values: Values, urgent: boolean, aside: Values): Promise<Answer>;
  /** Keep a copy on the device, or with null forget it. False when that failed. */
  keep(copy: Copy | null): boolean | Promise<boolean>;
  after(milliseconds: number, run: () => void): () => void;
  now(): Date;
  random(): number;
  changed(state: State): void;
  /** Let the fields say now what they have not said yet: an editor waits a moment. */
  hearOut(): void;
  /** Fields changed elsewhere and not here: show what is stored. */
  bringIn(values: Values): void;
  clash(clashes: Clash[]): void;
  /** Fields that the server no longer has: what was sent of them is kept all the same. */
  gone?(names: string[]): void;
  /** There are fields that this page does not have. */
  added?(names: string[]): void;
  /** A save was acknowledged: other tabs of this browser may want to know. */
  stored?(version: number, values: Values): void;
}

const SEND_AFTER = 1_500;
const RETRY_FIRST = 2_000;
const RETRY_LONGEST = 60_000;

export function same(one: Value | undefined, other: Value | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => item === other[at]);
  }
  // A browser sends line breaks as CRLF, a server stores LF: the same text.
  if (typeof one === "string" && typeof other === "string") {
    return one.replaceAll("\r\n", "\n") === other.replaceAll("\r\n", "\n");
  }
  return one === other;
}

export class Saver {
  private version: number;
  private readonly stored: Values;
  private readonly current: Values;
  private sending: Values | null = null;
  private flight: Promise<void> = Promise.resolve();
  private status: Status = "clean";
  private savedAt = "";
  private sentence = "";
  private keptOnDevice = true;
  private retries = 0;
  private cancelTimer: (() => void) | null = null;
  private clashing = new Set<string>();
  private aside: [string, Value][] = [];
  private sendingAside: Values = {};

  constructor(
    private readonly around: Surroundings,
    version: number,
    values: Values,
  ) {
    this.version = version;
    this.stored = { ...values };
    this.current = { ...values };
  }

  get state(): State {
    return {
      status: this.status,
      version: this.version,
      changes: Object.keys(this.unsaved()).length,
      savedAt: this.savedAt,
      sentence: this.sentence,
      keptOnDevice: this.keptOnDevice,
    };
  }

  /** A field has a new value: keep it here at once, send it soon. */
  change(name: string, value: Value): void {
    this.current[name] = value;
    this.keepCopy();
    if (this.status === "conflict" || (this.isLockedOut() && this.isDirty())) {
      this.tell();
      return;
    }
    if (!this.isDirty()) {
      this.settle();
      return;
    }
    if (this.status === "refused") this.status = "waiting";
    if (!this.sending && !this.cancelTimer) this.sendAfter(SEND_AFTER);
    this.tell();
  }

  /** Send what is unsaved now; resolves when that is over, well or not. */
  async flush(urgent = false): Promise<boolean> {
    await this.flight;
    if (this.status === "conflict") return false;
    if (this.isDirty()) {
      this.send(urgent);
      await this.flight;
      // Something typed during the flight goes with a second one.
      if (this.isDirty() && this.status === "saving") return this.flush(urgent);
    }
    return !this.isDirty();
  }

  /** The connection or the session may be back. */
  retryNow(): void {
    const away = ["offline", "waiting"].includes(this.status) || this.isLockedOut();
    if (away && this.isDirty() && !this.sending) this.send(false);
  }

  /** Another tab of this browser has saved. What it says is met as a conflict's answer is,
   * before there is one. */
  hear(version: number, values: Values): void {
    if (this.sending || this.status === "conflict" || version !== this.version + 1) return;
    this.meet(version, values);
  }

  /** What is stored, asked for while the page stands open. Fields that nobody touches here
   * show it; with anything unsaved or under way the next save's answer tells instead, as it
   * does while `isBeingWritten` says of a field that somebody is at it. Returns the fields
   * that are shown anew; null where nothing was taken in. */
  news(version: number, stored: Values, isBeingWritten: (name: string) => boolean): string[] | null {
    this.around.hearOut();
    if (this.sending || this.status === "conflict" || this.isDirty()) return null;
    if (version <= this.version) return null;
    const changed = Object.keys(stored).filter(
      (name) => name in this.current && !same(stored[name], this.stored[name]),
    );
    if (changed.some(isBeingWritten)) return null;
    this.meet(version, stored);
    return changed;
  }

  /** Texts decided against before a crash go to the history after all. */
  putAside(texts: [string, Value][]): void {
    for (const [name, text] of texts) this.addAside(name, text);
    this.keepCopy();
    if (!this.sending && !this.cancelTimer) this.sendAfter(SEND_AFTER);
  }

  /** One clash is decided; the field now holds `value`. Saving goes on after the last.
   * `aside`: the text that was not chosen. */
  decide(name: string, value: Value, aside?: Value): void {
    if (aside !== undefined) this.addAside(name, aside);
    if (this.status !== "conflict") {
      // A choice was undone after the last one had been made.
      this.change(name, value);
      return;
    }
    this.current[name] = value;
    this.clashing.delete(name);
    this.keepCopy();
    if (this.clashing.size) {
      this.tell();
      return;
    }
    this.status = "waiting";
    if (this.isDirty()) this.send(false);
    else this.settle();
  }

  private unsaved(): Values {
    return Object.fromEntries(
      Object.entries(this.current).filter(([name, value]) => !same(value, this.stored[name])),
    );
  }

  private isDirty(): boolean {
    return Object.keys(this.unsaved()).length > 0 || this.aside.length > 0;
  }

  private addAside(name: string, text: Value): void {
    if (text === "") return;
    const isThere = this.aside.some(([other, value]) => other === name && same(value, text));
    if (!isThere) this.aside.push([name, text]);
  }

  private isLockedOut(): boolean {
    return this.status === "signed-out" || this.status === "another-person";
  }

  private keepCopy(): void {
    const copy: Copy = {
      baseVersion: this.version,
      values: this.unsaved(),
      at: this.around.now().toISOString(),
    };
    if (this.aside.length) copy.aside = [...this.aside];
    const kept = this.around.keep(this.isDirty() ? copy : null);
    if (typeof kept === "boolean") {
      this.keptOnDevice = kept;
      return;
    }
    void kept.then((isKept) => {
      if (isKept === this.keptOnDevice) return;
      this.keptOnDevice = isKept;
      this.tell();
    });
  }

  private sendAfter(milliseconds: number): void {
    this.cancelTimer?.();
    this.cancelTimer = this.around.after(milliseconds, () => {
      this.cancelTimer = null;
      this.send(false);
    });
  }

  private send(urgent: boolean): void {
    if (this.sending || this.status === "conflict" || !this.isDirty()) return;
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.sending = this.unsaved();
    // One of each field; the others go with the next save.
    this.sendingAside = Object.fromEntries([...this.aside].reverse());
    this.status = "saving";
    this.tell();
    this.flight = this.around
      .send(this.version, this.sending, urgent, this.sendingAside)
      .catch((): Answer => ({ kind: "unreachable" }))
      .then((answer) => this.receive(answer));
  }

  private receive(answer: Answer): void {
    const sent = this.sending ?? {};
    this.sending = null;
    switch (answer.kind) {
      case "saved":
        this.version = answer.version;
        for (const [name, value] of Object.entries(answer.values ?? {})) {
          // The same text in the server's form: what is typed from here on counts from it.
          if (same(this.current[name], sent[name])) this.current[name] = value;
        }
        Object.assign(this.stored, sent, answer.values);
        this.aside = this.aside.filter(([name, text]) => !same(this.sendingAside[name], text));
        if (Object.keys(sent).length) {
          this.around.stored?.(answer.version, { ...sent, ...answer.values });
        }
        if (answer.gone?.length) this.around.gone?.(answer.gone);
        this.savedAt = answer.savedAt;
        this.retries = 0;
        this.settle();
        return;
      case "conflict":
        this.meet(answer.version, answer.stored);
        return;
      case "signed-out":
        this.status = answer.isAnother ? "another-person" : "signed-out";
        break;
      case "refused":
        this.status = "refused";
        this.sentence = answer.sentence;
        break;
      case "busy":
      case "unreachable":
        this.status = answer.kind === "busy" ? "waiting" : "offline";
        this.sendAfter(this.pause());
        break;
    }
    this.keepCopy();
    this.tell();
  }

  /** A newer version is stored: what only one side changed is merged, the rest is asked. */
  private meet(version: number, stored: Values): void {
    this.around.hearOut();
    const mine = this.unsaved();
    const clashes: Clash[] = [];
    const news: Values = {};
    for (const [name, theirs] of Object.entries(stored)) {
      if (!(name in this.current)) continue;
      const own = mine[name];
      const changedThere = !same(theirs, this.stored[name]);
      if (own === undefined) {
        if (changedThere) news[name] = theirs;
      } else if (changedThere && !same(own, theirs)) {
        clashes.push({ name, mine: own, theirs });
      }
      this.stored[name] = theirs;
    }
    this.version = version;
    const added = Object.keys(stored).filter((name) => !(name in this.current));
    if (added.length) this.around.added?.(added);
    if (Object.keys(news).length) {
      Object.assign(this.current, news);
      this.around.bringIn(news);
    }
    if (clashes.length) {
      this.clashing = new Set(clashes.map((clash) => clash.name));
      this.status = "conflict";
      this.keepCopy();
      this.tell();
      this.around.clash(clashes);
      return;
    }
    // An earlier attempt had arrived after all, and only its answer was lost.
    if (!this.isDirty()) this.savedAt = this.around.now().toISOString();
    this.settle();
  }

  /** After an answer: done, or on with what was typed meanwhile. */
  private settle(): void {
    this.keepCopy();
    if (this.isDirty()) {
      this.status = "saving";
      this.sendAfter(SEND_AFTER);
    } else {
      this.cancelTimer?.();
      this.cancelTimer = null;
      if (!this.sending) this.status = this.savedAt ? "saved" : "clean";
    }
    this.tell();
  }

  private pause(): number {
    const base = Math.min(RETRY_FIRST * 2 ** this.retries, RETRY_LONGEST);
    this.retries += 1;
    // A whole room comes back online at once after a power cut: spread it out.
    return base * (0.75 + this.around.random() / 2);
  }

  private tell(): void {
    this.around.changed(this.state);
  }
}
