// The page around a player. The frame has no origin, no cookie and no way to the server:
// what it says is checked here and sent in the reader's name, about this activity only.
import { playerWords as words } from "../words";
import { readMessage, type Message } from "./messages";
import { bringCode, type Brought } from "./code";
import { facesInUse } from "./faces";
import { isOldPage, loadIn, named } from "./load";
import { openOutside } from "./outside";
import { clearDrawers, drawer } from "./device";
import { Queue, type Sent, type Waiting } from "./queue";
import { ask, outcomeOf, uuid } from "./request";
import { Unsaved, type Kept } from "./unsaved";

const SEND_AFTER = 300;
const SAVE_AFTER = 800;
const TRY_AGAIN_AFTER = 15_000;
const MOST_MESSAGES = 300; // in ten seconds: sizes and states come often, floods do not

export function startPlayer(stage: HTMLElement): void {
  const frame = stage.querySelector("iframe");
  if (frame) new Player(stage, frame).start();
}

class Player {
  private readonly url: string;
  private token: string;
  private readonly records: boolean;
  private readonly queue: Queue;
  private readonly unsaved: Unsaved;
  private savedAt = 0; // by the server's clock, as far as we know
  private clockOffset = 0; // what the server's clock is ahead of ours
  private isBegun = false;
  private isRenewing = false;
  private sendTimer = 0;
  private saveTimer = 0;
  private heard = 0;
  private asked: HTMLIFrameElement | null = null; // the frame that has asked for its code
  private dressed: HTMLIFrameElement | null = null; // the frame that has asked for fonts

  constructor(
    private readonly stage: HTMLElement,
    private frame: HTMLIFrameElement,
  ) {
    this.url = stage.dataset.h5p ?? "";
    this.records = "records" in stage.dataset;
    this.token = loadIn(frame.name)?.token ?? "";
    const person = document.body.dataset.person ?? "";
    const waiting = drawer<Waiting[]>(`rambla:h5p:${person}:${this.url}`);
    this.queue = new Queue(
      {
        read: () => waiting.read() ?? [],
        write: (kept) => waiting.write(kept.length ? kept : null),
      },
      (play, batch) => this.post(play, batch),
    );
    // Of one person and one version: another one has no use for it, and no right to it.
    const states = `rambla:h5p-state:${person}:${this.url}:`;
    const own = states + (stage.dataset.version ?? "");
    this.unsaved = new Unsaved(drawer<Kept>(own));
    clearDrawers(states, own);
  }

  start(): void {
    window.addEventListener("message", (event) => {
      // A frame without an origin says "null": the window and the token tell who it is.
      if (event.source !== this.frame.contentWindow || ++this.heard > MOST_MESSAGES) return;
      const message = readMessage(event.data, this.token);
      if (message) this.take(message);
    });
    window.setInterval(() => (this.heard = 0), 10_000);
    new MutationObserver(() => this.tell("theme")).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
    // It may have been ready before this script was.
    this.tell("theme");
    this.tell("hello");
    if (!this.records) return;
    if (isOldPage()) void this.renew();
    window.addEventListener("online", () => {
      void this.save(false);
      void this.flush();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.hurry();
    });
    window.addEventListener("pagehide", () => this.hurry());
    if (this.queue.length) void this.flush();
  }

  private take(message: Message): void {
    switch (message.kind) {
      case "ready":
        this.tell("theme");
        if (this.isRenewing) return;
        if (this.isBegun || !this.goOnFromDevice(message.savedAt, message.now)) {
          this.stage.dataset.state = "ready";
        }
        return;
      case "code":
        this.handOver();
        return;
      case "faces":
        void this.handFaces();
        return;
      case "resize":
        this.frame.style.height = `${message.height}px`;
        return;
      case "mark":
        void this.mark(message.id, message.question, message.response);
        return;
      case "open":
        openOutside(this.stage, message.url);
        return;
      case "state":
        // Before it has begun it says again what the server knows.
        if (!this.records || !this.isBegun) return;
        this.unsaved.add(
          message.subContentId,
          message.dataType,
          message.data,
          Date.now() + this.clockOffset,
          this.savedAt,
        );
        window.clearTimeout(this.saveTimer);
        if (document.visibilityState === "hidden") void this.save(true);
        else this.saveTimer = window.setTimeout(() => void this.save(false), SAVE_AFTER);
        return;
      case "xapi": {
        if (!this.records) return;
        const id = uuid();
        this.queue.add({ id, play: this.token, statement: { ...message.statement, id } });
        window.clearTimeout(this.sendTimer);
        this.sendTimer = window.setTimeout(() => void this.flush(), SEND_AFTER);
      }
    }
  }

  /** True where the player is loaded anew, with what only this device has. */
  private goOnFromDevice(savedAt: number | null, now: number | null): boolean {
    this.isBegun = true;
    if (!this.records) return false;
    if (now !== null) this.clockOffset = now - Date.now();
    this.savedAt = savedAt ?? 0;
    const state = this.unsaved.newerThan(this.savedAt);
    if (!state) return false;
    const load = loadIn(this.frame.name);
    if (load) this.load(named({ ...load, kept: state }));
    void this.save(false);
    return true;
  }

  private load(name: string): void {
    const again = this.frame.cloneNode() as HTMLIFrameElement;
    // A name of a window is known in it from the start, whatever its origin.
    again.name = name;
    this.frame.replaceWith(again);
    this.frame = again;
  }

  /** The page is one that the browser had kept: in it stands where its reader was then. */
  private async renew(): Promise<void> {
    this.isRenewing = true;
    const response = await fetch(`${this.url}state/`).catch(() => null);
    const now = response?.ok
      ? ((await response.json().catch(() => null)) as { name: string; version: number } | null)
      : null;
    this.isRenewing = false;
    const load = now && loadIn(now.name);
    if (!load) {
      this.tell("hello");
    } else if (String(now.version) !== this.stage.dataset.version) {
      location.reload();
    } else {
      this.token = load.token;
      this.load(named({ ...load, brings: loadIn(this.frame.name)?.brings ?? false }));
    }
  }

  private tell(kind: "theme" | "hello"): void {
    const theme = document.documentElement.dataset.theme ?? "";
    this.frame.contentWindow?.postMessage({ to: "h5p-frame", token: this.token, kind, theme }, "*");
  }

  /** The frame's code, each file as it comes. */
  private handOver(): void {
    // It asks when it is there, and again when it hears of this page.
    const { frame } = this;
    if (this.asked === frame) return;
    this.asked = frame;
    const links = [...this.stage.querySelectorAll<HTMLLinkElement>("link[as=fetch]")];
    const coming = links.map(({ href }) => href);
    const give = (files: Brought[]): void =>
      frame.contentWindow?.postMessage(
        { to: "h5p-frame", token: this.token, kind: "code", coming, files },
        "*",
        files.flatMap(({ bytes }) => bytes ?? []),
      );
    give([]);
    for (const file of bringCode(links)) void file.then((brought) => give([brought]));
  }

  /** What a frame that looks like this page is set in. */
  private async handFaces(): Promise<void> {
    const { frame } = this;
    if (this.dressed === frame) return;
    this.dressed = frame;
    const faces = await facesInUse();
    frame.contentWindow?.postMessage(
      { to: "h5p-frame", token: this.token, kind: "faces", faces },
      "*",
      faces.map(({ bytes }) => bytes),
    );
  }

  private hurry(): void {
    void this.save(true);
    void this.flush();
  }

  private async flush(): Promise<void> {
    const sent = await this.queue.flush();
    if (sent.kind === "taken") {
      if (sent.done) await this.showDone();
      else this.say("");
    } else if (sent.kind === "signed-out") {
      this.saySignedOut();
    } else if (this.queue.length) {
      this.say(words.waiting);
      window.clearTimeout(this.sendTimer);
      this.sendTimer = window.setTimeout(() => void this.flush(), TRY_AGAIN_AFTER);
    }
  }

  private async post(play: string, waiting: Waiting[]): Promise<Sent> {
    const statements = waiting.map((each) => each.statement);
    const address = `${this.url}statements/?play=${encodeURIComponent(play)}`;
    const hidden = document.visibilityState === "hidden";
    const response = await ask("POST", address, statements, hidden);
    const outcome = outcomeOf(response);
    if (outcome.kind !== "taken") return outcome;
    const body = (await response?.json().catch(() => ({}))) as { status?: string };
    return { kind: "taken", done: body.status === "done" };
  }

  private async save(urgent: boolean): Promise<void> {
    window.clearTimeout(this.saveTimer);
    const data = this.isBegun ? this.unsaved.state : null;
    if (!data) return;
    const response = await ask("PUT", `${this.url}state/`, { play: this.token, data }, urgent);
    const outcome = outcomeOf(response);
    if (outcome.kind === "taken" || outcome.kind === "refused") {
      const body = (await response?.json().catch(() => ({}))) as { saved_at?: string };
      if (body.saved_at) this.savedAt = Date.parse(body.saved_at);
      this.unsaved.saved(data, this.savedAt);
      if (outcome.kind === "taken" && !this.queue.length) this.unsay(words.waiting);
      return;
    }
    if (outcome.kind === "signed-out") this.saySignedOut();
    else this.say(words.waiting);
    window.clearTimeout(this.saveTimer);
    this.saveTimer = window.setTimeout(() => void this.save(false), TRY_AGAIN_AFTER);
  }

  private async mark(id: number | string, question: string, response: unknown): Promise<void> {
    const body = { play: this.token, id: uuid(), question, response };
    let answer = await ask("POST", `${this.url}mark/`, body);
    // Sent again with the same id, it is the same answer.
    if (!answer) answer = await ask("POST", `${this.url}mark/`, body);
    const outcome = outcomeOf(answer);
    let result: unknown;
    if (outcome.kind === "taken") {
      const said = (await answer?.json().catch(() => ({}))) as {
        result?: unknown;
        standing?: { status?: string } | null;
      };
      result = said.result;
      if (said.standing?.status === "done") void this.showDone();
    } else if (outcome.kind === "signed-out") {
      this.saySignedOut();
    }
    const reply = { type: "rambla.marked", nonce: this.token, id };
    this.frame.contentWindow?.postMessage(result ? { ...reply, result } : reply, "*");
  }

  /** The end of the page as it is now that the activity is done. The player stays. */
  private async showDone(): Promise<void> {
    if (this.stage.dataset.done === "true") return;
    this.stage.dataset.done = "true";
    const response = await fetch(location.pathname, { redirect: "manual" }).catch(() => null);
    if (!response?.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const id of ["done", "rail", "rail-summary"]) {
      const piece = fresh.getElementById(id);
      if (piece) document.getElementById(id)?.replaceWith(document.importNode(piece, true));
    }
    this.say(words.done);
  }

  private say(sentence: string): void {
    const line = this.stage.querySelector("[data-h5p-state]");
    if (line && line.textContent !== sentence) line.textContent = sentence;
  }

  private unsay(sentence: string): void {
    if (this.stage.querySelector("[data-h5p-state]")?.textContent === sentence) this.say("");
  }

  private saySignedOut(): void {
    const link = document.createElement("a");
    link.href = `${document.body.dataset.signIn}?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = words.signIn;
    this.stage
      .querySelector("[data-h5p-state]")
      ?.replaceChildren(`${words.signedOut} `, link);
  }
}
