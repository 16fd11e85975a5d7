// The marking desk: its keys, the bank, comments at places, files, the next project.
import { words } from "../words";
import { goNext, goPrevious, startAhead } from "./ahead";
import { fetchBank, keepComment, openBank } from "./bank";
import { decisions } from "./deciding";
import { goFile, pdf, startFiles } from "./files";
import { type Command, areKeysOn, showKeys, startKeys } from "./keys";
import { say } from "./make";
import { chooseLevel, followMarks, goComment, goCriterion, goOverall, press, saveNow } from "./marks";
import { annotate, goList, startNotes, undoDelete } from "./notes";
import { chooseSentence } from "./passages";

let isStarted = false;

export function startDesk(desk: HTMLElement): void {
  if (desk.dataset.started) return;
  desk.dataset.started = "yes";
  startNotes(desk);
  startFiles(desk);
  followMarks(desk);
  startAhead(desk);
  if (desk.dataset.annotateUrl) void fetchBank();
  const button = document.querySelector<HTMLButtonElement>("[data-desk-keys]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => showKeys(commands()));
  }
  for (const [name, act] of [
    ["open", openBank],
    ["keep", keepComment],
  ] as const) {
    desk.addEventListener(`rambla:bank-${name}`, (event) => {
      void act(event.target as HTMLTextAreaElement);
    });
  }
  if (isStarted) return;
  isStarted = true;
  startKeys(commands);
  if (!areKeysOn()) say(words.desk.keysAreOff);
}

function deskNow(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-desk]");
}

function go(selector: string): void {
  const pane = deskNow()?.querySelector<HTMLElement>(selector);
  pane?.scrollIntoView({ block: "nearest" });
  pane?.focus({ preventScroll: true });
}

function sentence(step: 1 | -1): void {
  const desk = deskNow();
  if (!desk || !chooseSentence(desk, step)) say(words.desk.noSection);
}

function earlier(): void {
  const link = deskNow()?.querySelector<HTMLElement>("[data-earlier]");
  if (!link) return say(words.desk.noEarlier);
  const fold = link.closest("details");
  if (fold) fold.open = true;
  link.scrollIntoView({ block: "nearest" });
  link.focus();
}

function commands(): Command[] {
  const { keys } = words.desk;
  return [
    { key: "j", label: keys.down, group: "marks", run: () => goCriterion(1) },
    { key: "k", label: keys.up, group: "marks", run: () => goCriterion(-1) },
    { key: "1–9", label: keys.level, group: "marks", run: chooseLevel },
    { key: "c", label: keys.comment, group: "marks", run: goComment },
    { key: "o", label: keys.overall, group: "marks", run: goOverall },
    { key: "b", label: keys.bank, group: "marks", run: () => openBank() },
    { key: "m", label: keys.keep, group: "marks", run: () => void keepComment() },
    { key: "s", label: keys.save, group: "marks", run: () => void saveNow() },
    { key: "H", label: keys.handIn, group: "marks", run: () => press('[name="move"][value="submit"]') },
    { key: "G", label: keys.begin, group: "marks", run: () => press("[data-desk-begin]") },
    { key: "t", label: keys.text, group: "reading", run: () => go("#paper") },
    { key: "r", label: keys.rubric, group: "reading", run: () => go("#rubric") },
    { key: "f", label: keys.file, group: "reading", run: goFile },
    { key: "+ =", label: keys.zoomIn, group: "reading", run: () => pdf.zoom(1) },
    { key: "-", label: keys.zoomOut, group: "reading", run: () => pdf.zoom(-1) },
    { key: "0", label: keys.zoomReset, group: "reading", run: () => pdf.zoom(0) },
    { key: "]", label: keys.pageDown, group: "reading", run: () => pdf.page(1) },
    { key: "[", label: keys.pageUp, group: "reading", run: () => pdf.page(-1) },
    { key: "e", label: keys.earlier, group: "reading", run: earlier },
    { key: "x", label: keys.sentence, group: "comments", run: () => sentence(1) },
    { key: "z", label: keys.sentenceBefore, group: "comments", run: () => sentence(-1) },
    { key: "a", label: keys.annotate, group: "comments", run: annotate },
    { key: "R", label: keys.region, group: "comments", run: () => pdf.region() },
    { key: "l", label: keys.list, group: "comments", run: goList },
    { key: "u", label: keys.undo, group: "comments", run: undoDelete },
    ...decisions(),
    { key: "n", label: keys.next, group: "going", run: () => void goNext() },
    { key: "p", label: keys.previous, group: "going", run: () => void goPrevious() },
    { key: "?", label: keys.help, group: "going", run: () => showKeys(commands()) },
  ];
}
