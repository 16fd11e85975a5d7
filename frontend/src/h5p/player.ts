// The page around a player. The frame has no origin, no cookie and no way to the server:
// what it says is checked here and sent in the reader's name, about this activity only.
import { words } from "../words";
import { readMessage, type Message } from "./messages";
import { Queue, type Sent, type Store, type Waiting } from "./queue";
import { ask, outcomeOf, uuid } from "./request";

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
  private readonly token: string;
  private readonly records: boolean;
  private readonly queue: Queue;
  private state: Record<string, Record<string, string | null>> = {};
  private sendTimer = 0;
  private saveTimer = 0;
  private heard = 0;

  constructor(
    private readonly stage: HTMLElement,
    private readonly frame: HTMLIFrameElement,
  ) {
    this.url = stage.dataset.h5p ?? "";
    this.records = "records" in stage.dataset;
    this.token = new URL(frame.src).pathname.split("/").filter(Boolean).pop() ?? "";
    const person = document.body.dataset.person ?? "";
    this.queue = new Queue(deviceStore(`rambla:h5p:${person}:${this.url}`), (play, waiting) =>
      this.post(play, waiting),
    );
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
    window.addEventListener("online", () => void this.flush());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.hurry();
    });
    window.addEventListener("pagehide", () => this.hurry());
    if (this.queue.length) void this.flush();
  }

  private take(message: Message): void {
    switch (message.kind) {
      case "ready":
        this.stage.dataset.state = "ready";
        this.tell("theme");
        return;
      case "resize":
        this.frame.style.height = `${message.height}px`;
        return;
      case "mark":
        void this.mark(message.id, message.question, message.response);
        return;
      case "state":
        if (!this.records) return;
        (this.state[message.subContentId] ??= {})[message.dataType] = message.data;
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

  private tell(kind: "theme" | "hello"): void {
    const theme = document.documentElement.dataset.theme ?? "";
    this.frame.contentWindow?.postMessage({ to: "h5p-frame", token: this.token, kind, theme }, "*");
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
      this.say(words.playerWaiting);
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
    if (!Object.keys(this.state).length) return;
    const data = this.state;
    this.state = {};
    const response = await ask("PUT", `${this.url}state/`, { play: this.token, data }, urgent);
    const outcome = outcomeOf(response);
    if (outcome.kind === "taken" || outcome.kind === "refused") return;
    for (const [part, kinds] of Object.entries(data)) {
      this.state[part] = { ...kinds, ...this.state[part] };
    }
    if (outcome.kind === "signed-out") this.saySignedOut();
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
    this.say(words.playerDone);
  }

  private say(sentence: string): void {
    const line = this.stage.querySelector("[data-h5p-state]");
    if (line && line.textContent !== sentence) line.textContent = sentence;
  }

  private saySignedOut(): void {
    const link = document.createElement("a");
    link.href = `${document.body.dataset.signIn}?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = words.signIn;
    this.stage
      .querySelector("[data-h5p-state]")
      ?.replaceChildren(`${words.playerSignedOut} `, link);
  }
}

/** What waits, in this browser; in memory where it keeps nothing for us. */
function deviceStore(key: string): Store {
  let memory: Waiting[] = [];
  return {
    read: () => {
      try {
        const text = localStorage.getItem(key);
        return text ? (JSON.parse(text) as Waiting[]) : memory;
      } catch {
        return memory;
      }
    },
    write: (waiting) => {
      memory = waiting;
      try {
        if (waiting.length) localStorage.setItem(key, JSON.stringify(waiting));
        else localStorage.removeItem(key);
      } catch {
        // It is in memory as long as the page is open.
      }
    },
  };
}
