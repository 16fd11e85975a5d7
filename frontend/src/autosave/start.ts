// Autosave on a page: ties the state machine to a form, the device and the words.
import { clockTime, dayAndTime } from "../clock";
import { csrfToken } from "../csrf";
import { flushAll, onFlush } from "../saves";
import { signInHere } from "../sign-in";
import { words } from "../words";
import { Device } from "./device";
import { fieldsOf, readField, readSent, writeField } from "./fields";
import { showPanel } from "./panel";
import { sendDraft } from "./request";
import { type Clash, Saver, same, type State, type Value } from "./saver";
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
      bringIn: (values) => {
        for (const [name, value] of Object.entries(values)) writeField(form, name, value);
      },
      clash: (clashes) => askAboutClashes(form, saver, clashes),
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
      renewTokens();
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
    renewTokens();
    saver.retryNow();
  });
  window.addEventListener("beforeunload", (event) => {
    if (saver.state.changes && !saver.state.keptOnDevice) event.preventDefault();
  });

  savesFirst(form);
  void device.forgetOld(new Date());
  void device.isThere().then((isThere) => {
    form.dataset.device = isThere ? "yes" : "no";
    if (!isThere) showState(form, saver.state);
  });
  void offerOrphans(form, saver, device);
}

/** After a sign-in the page's forms are sent with the token of the new session. */
function renewTokens(): void {
  const token = csrfToken();
  for (const field of document.querySelectorAll<HTMLInputElement>(
    'input[name="csrfmiddlewaretoken"]',
  )) {
    field.value = token;
  }
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
      if (done) {
        ready = true;
        // With nothing to save this runs inside the submit event itself, and a
        // browser ignores a second submission until that is over.
        setTimeout(() => form.requestSubmit(submitter));
      } else {
        for (const line of document.querySelectorAll("[data-autosave-state]")) {
          line.append(` ${words.blocked}`);
          line.scrollIntoView({ block: "nearest" });
        }
      }
    });
  });
}

function stateLine(form: HTMLFormElement): HTMLElement | null {
  return (
    form.querySelector<HTMLElement>("[data-autosave-state]") ??
    document.querySelector<HTMLElement>("[data-autosave-state]")
  );
}

function showState(form: HTMLFormElement, state: State): void {
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
  return (name: string, value: Value, aside?: Value): void =>
    saver.decide(name, value, "rich" in form.dataset ? aside : undefined);
}

function askAboutClashes(form: HTMLFormElement, saver: Saver, clashes: Clash[]): void {
  showPanel({
    form,
    title: words.conflictTitle,
    text: words.conflictText,
    clashes,
    decided: decisionOf(form, saver),
    closed: () => undefined,
  });
}

/** Text that a crash or a closed browser left on the device: offered, never put back silently. */
async function offerOrphans(form: HTMLFormElement, saver: Saver, device: Device): Promise<void> {
  const orphans = await device.orphans();
  const clashes: Clash[] = [];
  for (const { key, copy } of orphans) {
    const unknown = Object.entries(copy.values).filter(
      ([name, mine]) =>
        fieldsOf(form, name).length > 0 &&
        !same(mine, readField(form, name)) &&
        !clashes.some((clash) => clash.name === name),
    );
    if (copy.aside && "rich" in form.dataset) saver.putAside(copy.aside);
    if (!unknown.length) {
      void device.forget(key);
      continue;
    }
    for (const [name, mine] of unknown) {
      clashes.push({ name, mine, theirs: readField(form, name) });
    }
  }
  if (!clashes.length) return;
  showPanel({
    form,
    title: words.restoreTitle,
    text: words.restoreText(dayAndTime(orphans[0]?.copy.at ?? new Date().toISOString())),
    clashes,
    decided: decisionOf(form, saver),
    closed: () => {
      for (const { key } of orphans) void device.forget(key);
    },
  });
}
