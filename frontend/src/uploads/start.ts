// Files of a project: chosen or dropped, sent in parts, shown while they are on their way.
import { flushAll } from "../saves";
import { sendJson } from "../request";
import { clockTime } from "../clock";
import { words } from "../words";
import { Row } from "./row";
import { Transfer } from "./transfer";

/** More at once would leave no connection for saving the text. */
const AT_ONCE = 2;

export function startUploads(root: HTMLElement): void {
  const { uploads: endpoint, project } = root.dataset;
  const input = root.querySelector<HTMLInputElement>('input[type="file"]');
  if (!endpoint || !project || root.dataset.started) return;
  root.dataset.started = "yes";
  new Uploads(root, input, endpoint, project);
}

class Uploads {
  private readonly rows = new Map<Transfer, Row>();
  private readonly list = document.createElement("ul");
  private readonly said = document.createElement("p");
  private readonly held = document.createElement("div");
  /** Pressed “submit when they have arrived”. */
  private submitter: HTMLButtonElement | null = null;
  private isLeaving = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly input: HTMLInputElement | null,
    private readonly endpoint: string,
    private readonly project: string,
  ) {
    this.list.className = "files files--arriving";
    this.list.hidden = true;
    // Spoken when something begins, ends or goes wrong; the bars say the rest when asked.
    this.said.className = "visually-hidden";
    this.said.setAttribute("role", "status");
    this.held.hidden = true;
    const arriving = root.querySelector("[data-uploads-arriving]") ?? root;
    arriving.append(this.list, this.held, this.said);
    for (const element of root.querySelectorAll<HTMLElement>("[data-uploads-fallback]")) {
      element.hidden = true;
    }
    if (input) {
      input.multiple = true;
      const chosen = (): void => {
        this.take([...(input.files ?? [])]);
        // Sent by us: not a second time with the form of the text.
        input.value = "";
      };
      input.addEventListener("change", chosen);
      // Somebody on a slow connection has chosen before this script came.
      if (input.files?.length) chosen();
      this.acceptDrops();
      root.querySelector("[data-uploads-hint]")?.removeAttribute("hidden");
    }
    for (const event of ["online", "focus"]) {
      window.addEventListener(event, () => this.each((transfer) => transfer.wake()));
    }
    window.addEventListener("beforeunload", (event) => {
      if (this.running().length) event.preventDefault();
    });
    this.holdSubmission();
  }

  private take(files: File[]): void {
    for (const file of files) {
      const place = {
        endpoint: this.endpoint,
        project: this.project,
        person: document.body.dataset.person ?? "",
      };
      const transfer = new Transfer(file, place, (changed) => this.show(changed));
      const row = new Row(transfer, () => this.drop(transfer));
      this.rows.set(transfer, row);
      this.list.append(row.element);
      this.list.hidden = false;
    }
    this.next();
  }

  private next(): void {
    const free = AT_ONCE - this.running().length;
    const queued = [...this.rows.keys()].filter((transfer) => transfer.state.status === "queued");
    for (const transfer of queued.slice(0, Math.max(0, free))) {
      this.say(words.uploadBegins(transfer.file.name));
      void transfer.start();
    }
  }

  private show(transfer: Transfer): void {
    const row = this.rows.get(transfer);
    if (!row) return;
    const { status, sentence } = transfer.state;
    const before = row.element.dataset.state;
    row.draw(transfer.state);
    if (transfer.url) this.hideStored(transfer.url);
    if (status === before) return;
    if (status === "attached") {
      this.say(words.uploadDone(transfer.file.name));
      this.drop(transfer);
      void this.refresh();
    } else if (status === "refused") {
      this.say(`${transfer.file.name}: ${sentence || words.refusedUnknown}`);
      this.next();
    } else if (status !== "sending") {
      this.say(`${transfer.file.name}: ${row.element.querySelector(".file__note")?.textContent ?? ""}`);
      if (status === "paused") this.next();
    }
    if (!this.open().length) this.letGo();
  }

  private drop(transfer: Transfer): void {
    // Whoever has read why one was refused decides anew what to submit.
    if (transfer.state.status === "refused") this.submitter = null;
    this.rows.get(transfer)?.element.remove();
    this.rows.delete(transfer);
    this.list.hidden = !this.rows.size;
    this.next();
    if (!this.open().length) this.letGo();
    this.input?.focus();
  }

  /** The files as the server has them now. */
  private async refresh(): Promise<void> {
    const shown = this.root.querySelector<HTMLElement>("[data-uploads-files]");
    const address = shown?.dataset.uploadsFiles;
    if (!shown || !address) return;
    try {
      const response = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
      if (response.ok) shown.innerHTML = await response.text();
    } catch {
      // It is attached all the same; the page shows it when it is opened again.
    }
  }

  /** An unfinished upload that the server has listed goes on here. */
  private hideStored(url: string): void {
    for (const item of this.root.querySelectorAll<HTMLElement>("[data-upload]")) {
      if (url.includes(item.dataset.upload ?? "?")) item.remove();
    }
  }

  private acceptDrops(): void {
    let depth = 0;
    const drag = (change: number) => (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      depth = Math.max(0, depth + change);
      this.root.toggleAttribute("data-dragging", depth > 0);
    };
    this.root.addEventListener("dragenter", drag(1));
    this.root.addEventListener("dragover", drag(0));
    this.root.addEventListener("dragleave", drag(-1));
    this.root.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      this.root.removeAttribute("data-dragging");
      this.take([...(event.dataTransfer?.files ?? [])]);
    });
  }

  /** “Check and submit” leads away from this page, and from the files it is sending. */
  private holdSubmission(): void {
    document.addEventListener(
      "submit",
      (event) => {
        const submitter = event.submitter as HTMLButtonElement | null;
        if (submitter?.value !== "submit" || this.isLeaving || !this.open().length) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        this.ask(submitter);
      },
      true,
    );
  }

  private ask(submitter: HTMLButtonElement): void {
    const wait = this.choice(words.submitAfter, () => void this.declare(submitter));
    const now = this.choice(words.submitWithout, () => this.submit(submitter));
    this.hold(words.stillUploading(this.open().length), wait, now);
    wait.focus();
  }

  private async declare(submitter: HTMLButtonElement): Promise<void> {
    const form = submitter.form;
    if (!form || !(await flushAll())) return;
    const body = { base_version: Number(form.dataset.baseVersion ?? 0) };
    let response: Response;
    try {
      response = await sendJson("POST", this.root.dataset.intent ?? "", body, false);
    } catch {
      return this.hold(words.noConnection, this.choice(words.again, () => void this.declare(submitter)));
    }
    const answer = (await response.json()) as { until_at?: string; detail?: string };
    if (!response.ok) {
      return this.hold(answer.detail ?? words.failed, this.choice(words.submitWithout, () => this.submit(submitter)));
    }
    this.submitter = submitter;
    this.hold(words.submitNoted(clockTime(answer.until_at ?? "")));
    if (!this.open().length) this.letGo();
  }

  private hold(sentence: string, ...choices: HTMLElement[]): void {
    const text = document.createElement("p");
    text.textContent = sentence;
    const actions = document.createElement("p");
    actions.className = "cluster";
    actions.append(...choices);
    this.held.className = "notice";
    this.held.dataset.tone = "attention";
    this.held.setAttribute("role", "status");
    this.held.replaceChildren(text, actions);
    this.held.hidden = false;
    this.held.scrollIntoView({ block: "nearest" });
  }

  private letGo(): void {
    const { submitter } = this;
    if (!submitter) {
      this.held.hidden = true;
      return;
    }
    if (this.isLeaving) return;
    const refused = [...this.rows.keys()].filter((one) => one.state.status === "refused");
    if (!refused.length) return this.submit(submitter);
    const sentences = refused.map(
      ({ file, state }) => `${file.name}: ${state.sentence || words.refusedUnknown}`,
    );
    const without = this.choice(words.submitWithout, () => this.submit(submitter));
    this.hold(words.submitRefused(sentences.join(" ")), without);
  }

  private submit(submitter: HTMLButtonElement): void {
    this.isLeaving = true;
    submitter.form?.requestSubmit(submitter);
  }

  private choice(label: string, press: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--small";
    button.textContent = label;
    button.addEventListener("click", press);
    return button;
  }

  private each(act: (transfer: Transfer) => void): void {
    for (const transfer of this.rows.keys()) act(transfer);
  }

  private open(): Transfer[] {
    return [...this.rows.keys()].filter((transfer) => transfer.isOpen);
  }

  private running(): Transfer[] {
    return [...this.rows.keys()].filter((transfer) => transfer.isRunning);
  }

  private say(sentence: string): void {
    this.said.textContent = sentence;
  }
}
