// What is seen of one transfer: its name, how far it is, and what can be done with it.
import { signInHere } from "../sign-in";
import { words } from "../words";
import type { State, Transfer } from "./transfer";

export class Row {
  readonly element = document.createElement("li");
  private readonly bar = document.createElement("progress");
  private readonly note = document.createElement("span");
  private readonly actions = document.createElement("span");
  private drawn = "";

  constructor(
    private readonly transfer: Transfer,
    private readonly dropped: () => void,
  ) {
    this.element.className = "file file--arriving";
    const name = document.createElement("span");
    name.className = "file__name";
    const isolated = document.createElement("bdi");
    isolated.textContent = transfer.file.name;
    name.append(isolated);
    this.bar.className = "progress__bar";
    this.bar.max = 100;
    this.bar.setAttribute("aria-label", words.uploadOf(transfer.file.name));
    this.note.className = "file__note";
    this.actions.className = "cluster file__actions";
    this.element.append(name, this.bar, this.note, this.actions);
    this.draw(transfer.state);
  }

  draw(state: State): void {
    const size = this.transfer.file.size;
    const percent = size ? Math.floor((state.sent * 100) / size) : 0;
    this.bar.value = percent;
    this.bar.setAttribute("aria-valuetext", words.percent(percent));
    this.bar.hidden = state.status === "refused";
    this.element.dataset.state = state.status;
    this.note.textContent = sentence(state, percent, size);
    // Buttons stay as they are, with the focus on them, while only the number changes.
    if (this.drawn === state.status) return;
    this.drawn = state.status;
    const had = this.actions.contains(document.activeElement);
    this.actions.replaceChildren(...this.offered(state));
    if (had) this.actions.querySelector<HTMLElement>("button, a")?.focus();
  }

  private offered(state: State): HTMLElement[] {
    const { transfer } = this;
    const cancel = this.button(words.cancelUpload, () => {
      void transfer.cancel();
      this.dropped();
    });
    switch (state.status) {
      case "attached":
        return [];
      case "refused":
        return [this.button(words.close, () => this.dropped())];
      case "paused":
        return [this.button(words.resume, () => void transfer.start()), cancel];
      case "signed-out": {
        const link = document.createElement("a");
        signInHere(link); // this page holds the file
        link.textContent = words.signIn;
        return [link, cancel];
      }
      case "queued":
      case "storing":
        return [cancel];
      default:
        return [this.button(words.pause, () => transfer.pause()), cancel];
    }
  }

  private button(label: string, press: () => void): HTMLButtonElement {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "button button--quiet button--small";
    const name = document.createElement("span");
    name.className = "visually-hidden";
    name.textContent = ` ${this.transfer.file.name}`;
    element.append(label, name);
    element.addEventListener("click", press);
    return element;
  }
}

function sentence(state: State, percent: number, size: number): string {
  switch (state.status) {
    case "queued":
      return words.uploadQueued;
    case "sending":
      return state.sent >= size ? words.uploadChecking : words.uploadSending(percent, state.sent, size);
    case "paused":
      return words.uploadPaused(percent);
    case "offline":
      return words.uploadOffline(percent);
    case "retrying":
      return words.uploadRetrying(percent);
    case "signed-out":
      return words.uploadSignedOut(percent);
    case "storing":
      return state.sentence || words.uploadStoring;
    case "refused":
      return state.sentence || words.refusedUnknown;
    case "attached":
      return words.uploadAttached;
  }
}
