// Autosave on a page: ties the state machine to a form, the device and the words.
import { clockTime, dayAndTime } from "../clock";
import { renewFields } from "../csrf";
import { serverTime } from "../request";
import { flushAll, onFlush } from "../saves";
import { signInHere } from "../sign-in";
import { words } from "../words";
import { Device } from "./device";
import { fieldsOf, readField, readSent, writeField } from "./fields";
import { followNews, sayAdded, sayGone } from "./news";
import { LeftBehind } from "./orphans";
import { type Choice, showPanel } from "./panel";
import { sendDraft } from "./request";
import { type Clash, Saver, same, type State } from "./saver";
import { onNews, tellTabs } from "./tabs";

export function startAutosave(form: HTMLFormElement): void {
  const url = form.dataset.autosave;
  if (!url || form.dataset.started) return;
  form.dataset.started = "yes";
  const person = document.body.dataset.person ?? "";
  const device = new Device(person, url, crypto.randomUUID());
  // Formatted text, and a history that takes in what a writer decided against.
  const isRich = "rich" in form.dataset;
  const sent = readSent(form);
  const saver = new Saver(
    {
      send: (version, values, urgent, aside) =>
        sendDraft(url, version, values, urgent, isRich ? { aside } : null),
      keep: (copy) => device.keep(copy),
      after: (milliseconds, run) => {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      },
      now: () => new Date(),
      random: Math.random,
      changed: (state) => showState(form, state),
      hearOut: () => settle(),
      bringIn: (values) => {
        for (const [name, value] of Object.entries(values)) writeField(form, name, value);
      },
      clash: (clashes) => askAboutClashes(form, saver, clashes),
      gone: (names) => sayGone(form, names),
      // Elsewhere a page may well show some fields of a draft and not others.
      ...(form.dataset.news ? { added: () => sayAdded(form) } : {}),
      stored: (version, values) => tellTabs({ kind: "saved", person, url, version, values }),
    },
    Number(form.dataset.baseVersion ?? 0),
    sent,
  );
  // An editor may hold what was typed in the last moment.
  const settle = (): void => void form.dispatchEvent(new CustomEvent("rambla:settle"));
  onFlush(form, () => {
    settle();
    return saver.flush();
  });

  const changed = (event: Event): void => {
    const field = event.target as HTMLInputElement;
    if (fieldsOf(form, field.name).includes(field)) {
      saver.change(field.name, readField(form, field.name));
    }
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // A field may stand outside the form element and belong to it by its form attribute.
  for (const field of fieldsOf(form)) {
    if (!form.contains(field)) field.addEventListener("input", changed);
  }

  // Somebody on a slow connection has begun before this script came.
  for (const name of Object.keys(sent)) {
    const value = readField(form, name);
    if (!same(value, sent[name])) saver.change(name, value);
  }

  onNews((news) => {
    if (news.kind === "signed-in") {
      renewFields();
      saver.retryNow();
    } else if (news.person === person && news.url === url) {
      saver.hear(news.version, news.values);
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      settle();
      void saver.flush(true);
    } else saver.retryNow();
  });
  window.addEventListener("online", () => saver.retryNow());
  window.addEventListener("focus", () => {
    renewFields();
    saver.retryNow();
  });
  window.addEventListener("beforeunload", (event) => {
    if (saver.state.changes && !saver.state.keptOnDevice) event.preventDefault();
  });

  followNews(form, saver);
  savesFirst(form);
  void device.forgetOld(new Date(), serverTime);
  void device.isThere().then((isThere) => {
    form.dataset.device = isThere ? "yes" : "no";
    if (!isThere) showState(form, saver.state);
  });
  void offerOrphans(form, saver, device);
}

/** Forms that must not overtake a save: the draft's own, and those that say so. */
export function savesFirst(form: HTMLFormElement): void {
  // htmx sends it, and waits in its own way (updates.ts).
  if (form.matches("[hx-post], [hx-put], [hx-patch]")) return;
  let ready = false;
  form.addEventListener("submit", (event) => {
    if (ready) {
      ready = false;
      return;
    }
    event.preventDefault();
    const submitter = event.submitter;
    void flushAll().then((done) => {
      // All may be saved: without a connection the page would be left for an error.
      if (done && navigator.onLine) {
        ready = true;
        // With nothing to save this runs inside the submit event itself, and a
        // browser ignores a second submission until that is over.
        setTimeout(() => form.requestSubmit(submitter));
      } else sayNotSent(done ? words.noConnection : words.blocked);
    });
  });
}

function sayNotSent(sentence: string): void {
  for (const line of document.querySelectorAll("[data-autosave-state]")) {
    line.querySelector("[data-not-sent]")?.remove();
    const said = document.createElement("span");
    said.dataset.notSent = "";
    said.textContent = ` ${sentence}`;
    line.append(said);
    line.scrollIntoView({ block: "nearest" });
    window.addEventListener("online", () => said.remove(), { once: true });
  }
}

function stateLine(form: HTMLFormElement): HTMLElement | null {
  return (
    form.querySelector<HTMLElement>("[data-autosave-state]") ??
    document.querySelector<HTMLElement>("[data-autosave-state]")
  );
}

function showState(form: HTMLFormElement, state: State): void {
  // A form that has left the page says nothing in that of another project.
  if (!form.isConnected) return;
  form.dataset.baseVersion = String(state.version);
  for (const field of document.querySelectorAll<HTMLInputElement>(
    'form:is([data-autosave], [data-saves-first]) input[name="base_version"]',
  )) {
    field.value = String(state.version);
  }
  const line = stateLine(form);
  if (!line) return;
  const text = sentence(state, form.dataset.device === "no");
  line.dataset.state = state.status;
  // Screen readers speak this line: say a thing once, not at every key.
  if (line.dataset.said !== text) {
    line.dataset.said = text;
    line.textContent = text;
    if (["signed-out", "another-person"].includes(state.status)) {
      line.append(" ", signInLink());
    }
  }
}

function sentence(state: State, hasNoDevice: boolean): string {
  if (!state.keptOnDevice && state.changes) return words.notKept;
  switch (state.status) {
    case "clean":
    case "saved":
      if (state.changes) return words.saving;
      if (state.savedAt) return words.saved(clockTime(state.savedAt));
      return hasNoDevice ? words.noDevice : "";
    case "saving":
      return words.saving;
    case "offline":
      return words.offline(state.changes);
    case "waiting":
      return words.waiting(state.changes);
    case "conflict":
      return words.conflict;
    case "signed-out":
      return words.signedOut;
    case "another-person":
      return words.anotherPerson;
    case "refused":
      return words.refused(state.sentence);
  }
}

function signInLink(): HTMLAnchorElement {
  const link = document.createElement("a");
  link.textContent = words.signIn;
  signInHere(link);
  return link;
}

/** What is not chosen goes to the history, where there is one. */
function decisionOf(form: HTMLFormElement, saver: Saver) {
  return (name: string, { value, aside }: Choice): void =>
    saver.decide(name, value, "rich" in form.dataset ? aside : undefined);
}

function askAboutClashes(form: HTMLFormElement, saver: Saver, clashes: Clash[]): void {
  const decide = decisionOf(form, saver);
  showPanel({
    form,
    title: words.conflictTitle,
    text: words.conflictText,
    inField: "mine",
    pieces: clashes.map(({ name, theirs }) => ({ name, text: theirs })),
    chosen: ({ name }, choice) => choice && decide(name, choice),
    undone: ({ name }, choice) => choice && decide(name, choice),
  });
}

/** Text that a crash or a closed browser left on the device: offered, never put back silently. */
async function offerOrphans(form: HTMLFormElement, saver: Saver, device: Device): Promise<void> {
  const left = new LeftBehind(await device.orphans(), {
    hasField: (name) => fieldsOf(form, name).length > 0,
    shows: (name, text) => fieldsOf(form, name).length > 0 && same(text, readField(form, name)),
  });
  const decide = decisionOf(form, saver);
  if (left.aside.length && "rich" in form.dataset) saver.putAside(left.aside);
  for (const { key } of left.settled) void device.forget(key);
  const newest = left.texts[0];
  if (!newest) return;
  const isOneTime = left.texts.every(({ at }) => at === newest.at);
  showPanel({
    form,
    title: words.restoreTitle,
    text: words.restoreText(dayAndTime(newest.at)),
    inField: "theirs",
    pieces: left.texts,
    note: ({ at }) => (isOneTime ? "" : words.typedAt(dayAndTime(at))),
    chosen: (text, choice) => {
      if (choice) decide(text.name, choice);
      for (const { key } of left.decided(text)) void device.forget(key);
    },
    undone: (text, choice) => {
      for (const { key, copy } of left.undone(text)) void device.putBack(key, copy);
      if (choice) decide(text.name, choice);
    },
  });
}
