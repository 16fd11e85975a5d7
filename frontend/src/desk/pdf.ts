// A PDF on the desk, drawn by pdf.js from our own files. It is fetched through the same
// permission-checked download as everywhere and never opened as a page of ours.
import {
  getDocument,
  GlobalWorkerOptions,
  type PageViewport,
  type PDFDocumentLoadingTask,
  type PDFDocumentProxy,
  type PDFPageProxy,
  type RenderTask,
  TextLayer,
} from "pdfjs-dist/legacy/build/pdf.mjs";
import { words } from "../words";
import { button, make } from "./make";
import { annotatePlace, notesOfFile, type PageAnchor, type Place, showNote, type Viewer } from "./notes";
import { addRegion } from "./region";

interface Options {
  file: string;
  url: string;
  name: string;
  worker: string;
  files: string;
  closed(): void;
}

interface Shown {
  number: number;
  box: HTMLElement;
  page: PDFPageProxy;
  viewport: PageViewport;
  task: RenderTask | null;
  text: TextLayer | null;
  isDrawn: boolean;
}

const ZOOM = 1.2;
const SMALLEST = 0.25;
const LARGEST = 5;

export interface PdfViewer extends Viewer {
  file: string;
  close(): void;
  zoom(step: 1 | -1 | 0): void;
  goPage(step: 1 | -1): void;
  region(): void;
}

export async function openPdf(place: HTMLElement, options: Options): Promise<PdfViewer | null> {
  place.replaceChildren(note(words.desk.pdfLoading));
  let loading: PDFDocumentLoadingTask | null = null;
  try {
    const answer = await fetch(options.url, { credentials: "same-origin", redirect: "manual" });
    if (!answer.ok) return fail(place, options, words.desk.pdfGone);
    GlobalWorkerOptions.workerSrc = options.worker;
    loading = getDocument({
      data: await answer.arrayBuffer(),
      cMapUrl: `${options.files}cmaps/`,
      cMapPacked: true,
      standardFontDataUrl: `${options.files}standard_fonts/`,
      wasmUrl: `${options.files}wasm/`,
      iccUrl: `${options.files}iccs/`,
      enableXfa: false,
      isEvalSupported: false,
      verbosity: 0,
    });
    // A password is not asked for: nobody here knows it.
    const pdf = await loading.promise;
    const first = await pdf.getPage(1);
    return new OpenPdf(place, options, loading, pdf, first);
  } catch (error) {
    void loading?.destroy();
    const isLocked = error instanceof Error && error.name === "PasswordException";
    return fail(place, options, isLocked ? words.desk.pdfEncrypted : words.desk.pdfBroken);
  }
}

function fail(place: HTMLElement, options: Options, sentence: string): null {
  const line = note(sentence);
  line.dataset.tone = "attention";
  const link = make("a", "", words.desk.pdfDownload);
  link.href = options.url;
  line.querySelector("p")?.append(" ", link);
  place.replaceChildren(line);
  return null;
}

function note(sentence: string): HTMLElement {
  const line = make("div", "notice");
  line.dataset.tone = "info";
  line.setAttribute("role", "status");
  line.append(make("p", "", sentence));
  return line;
}

class OpenPdf implements PdfViewer {
  readonly file: string;
  private readonly pages: Shown[] = [];
  private readonly holder = make("div", "pdf__pages");
  private readonly number = make("input", "pdf__number");
  private readonly watch: IntersectionObserver;
  private scale = 0;
  private isFit = true;
  private readonly resized: ResizeObserver;
  private isClosed = false;

  constructor(
    private readonly place: HTMLElement,
    private readonly options: Options,
    private readonly loading: PDFDocumentLoadingTask,
    private readonly pdf: PDFDocumentProxy,
    first: PDFPageProxy,
  ) {
    this.file = options.file;
    this.holder.tabIndex = -1;
    place.replaceChildren(this.bar(), this.holder);
    const pane = place.closest<HTMLElement>(".desk__paper");
    const scrolls = pane && getComputedStyle(pane).overflowY === "auto";
    this.watch = new IntersectionObserver((entries) => this.seen(entries), {
      root: scrolls ? pane : null,
      rootMargin: "600px 0px",
    });
    this.resized = new ResizeObserver(() => {
      if (this.isFit && Math.abs(this.fitScale(first) - this.scale) > 0.01) this.layOut();
    });
    this.scale = this.fitScale(first);
    void this.addPages(first);
  }

  private async addPages(first: PDFPageProxy): Promise<void> {
    for (let number = 1; number <= this.pdf.numPages; number += 1) {
      const page = number === 1 ? first : await this.pdf.getPage(number);
      if (this.isClosed) return;
      const box = make("div", "pdf__page");
      box.dataset.page = String(number);
      box.tabIndex = -1;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", words.desk.pdfPageName(number));
      const viewport = page.getViewport({ scale: this.scale });
      const shown = { number, box, page, viewport, task: null, text: null, isDrawn: false };
      this.pages.push(shown);
      this.size(shown);
      this.holder.append(box);
      this.watch.observe(box);
      if (number === 1) {
        this.place.scrollIntoView({ block: "start" });
        this.holder.focus({ preventScroll: true });
        this.resized.observe(this.place);
      }
    }
  }

  private bar(): HTMLElement {
    const bar = make("div", "pdf__bar cluster");
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", this.options.name);
    const page = make("label", "pdf__where");
    this.number.type = "number";
    this.number.min = "1";
    this.number.max = String(this.pdf.numPages);
    this.number.value = "1";
    this.number.addEventListener("change", () => this.toPage(Number(this.number.value)));
    page.append(
      make("span", "", words.desk.pdfPage),
      this.number,
      make("span", "", words.desk.pdfOf(this.pdf.numPages)),
    );
    const may = Boolean(this.place.closest<HTMLElement>("[data-desk]")?.dataset.annotateUrl);
    bar.append(
      make("bdi", "pdf__name", this.options.name),
      sign("‹", words.desk.pdfPrevious, () => this.goPage(-1)),
      page,
      sign("›", words.desk.pdfNext, () => this.goPage(1)),
      sign("−", words.desk.pdfSmaller, () => this.zoom(-1)),
      sign("+", words.desk.pdfLarger, () => this.zoom(1)),
      button(words.desk.pdfFit, () => this.zoom(0), "button--quiet"),
    );
    if (may) {
      bar.append(
        button(words.desk.pdfWhole, () => annotatePlace(this.pagePlace()), "button--quiet"),
        button(words.desk.pdfRegion, () => this.region(), "button--quiet"),
      );
    }
    bar.append(button(words.desk.pdfClose, () => this.close(), "button--quiet"));
    return bar;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.watch.disconnect();
    this.resized.disconnect();
    void this.loading.destroy();
    this.place.replaceChildren();
    this.place.hidden = true;
    if (this.place.isConnected) this.options.closed();
  }

  zoom(step: 1 | -1 | 0): void {
    const here = this.current();
    this.isFit = step === 0;
    if (step) this.scale = Math.min(Math.max(this.scale * ZOOM ** step, SMALLEST), LARGEST);
    this.layOut();
    here?.box.scrollIntoView({ block: "nearest" });
  }

  goPage(step: 1 | -1): void {
    this.toPage((this.current()?.number ?? 1) + step);
  }

  private toPage(number: number): void {
    const page = this.pages[Math.min(Math.max(number, 1), this.pages.length) - 1];
    if (!page) return;
    page.box.scrollIntoView({ block: "start" });
    page.box.focus({ preventScroll: true });
    this.number.value = String(page.number);
  }

  /** The page that has most of the pane. */
  private current(): Shown | undefined {
    const pane = this.place.closest(".desk__paper")?.getBoundingClientRect();
    const top = Math.max(pane?.top ?? 0, 0);
    const bottom = Math.min(pane?.bottom ?? innerHeight, innerHeight);
    let best: Shown | undefined;
    let most = 0;
    for (const shown of this.pages) {
      const box = shown.box.getBoundingClientRect();
      const seen = Math.min(box.bottom, bottom) - Math.max(box.top, top);
      if (seen > most) [best, most] = [shown, seen];
    }
    return best ?? this.pages[Number(this.number.value) - 1] ?? this.pages[0];
  }

  private fitScale(page: PDFPageProxy): number {
    const width = this.place.clientWidth || 600;
    return Math.min(Math.max(width / page.getViewport({ scale: 1 }).width, SMALLEST), LARGEST);
  }

  private layOut(): void {
    const first = this.pages[0];
    if (!first) return;
    if (this.isFit) this.scale = this.fitScale(first.page);
    for (const shown of this.pages) {
      shown.task?.cancel();
      shown.text?.cancel();
      shown.viewport = shown.page.getViewport({ scale: this.scale });
      shown.isDrawn = false;
      shown.box.replaceChildren();
      this.size(shown);
      this.watch.unobserve(shown.box);
      this.watch.observe(shown.box);
    }
  }

  private size({ box, viewport }: Shown): void {
    box.style.width = `${Math.floor(viewport.width)}px`;
    box.style.height = `${Math.floor(viewport.height)}px`;
    box.style.setProperty("--total-scale-factor", String(viewport.scale));
  }

  private seen(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const shown = this.pages.find((one) => one.box === entry.target);
      if (entry.isIntersecting && shown && !shown.isDrawn) void this.draw(shown);
    }
    const current = this.current();
    if (current && document.activeElement !== this.number) {
      this.number.value = String(current.number);
    }
  }

  private async draw(shown: Shown): Promise<void> {
    shown.isDrawn = true;
    const { box, page, viewport } = shown;
    const sharp = Math.min(devicePixelRatio || 1, 2);
    const canvas = make("canvas", "pdf__picture");
    canvas.width = Math.floor(viewport.width * sharp);
    canvas.height = Math.floor(viewport.height * sharp);
    const layer = make("div", "textLayer");
    const marks = make("div", "pdf__marks");
    box.replaceChildren(canvas, layer, marks);
    this.drawMarksOf(shown);
    try {
      shown.task = page.render({
        canvas,
        viewport,
        ...(sharp === 1 ? {} : { transform: [sharp, 0, 0, sharp, 0, 0] }),
      });
      await shown.task.promise;
      shown.text = new TextLayer({
        textContentSource: page.streamTextContent(),
        container: layer,
        viewport,
      });
      await shown.text.render();
      box.dataset.drawn = "yes";
    } catch (error) {
      // Zoomed or closed meanwhile.
      const isOver = error instanceof Error && /Cancel|Abort/.test(error.name);
      if (!isOver && !this.isClosed) box.replaceChildren(note(words.desk.pdfBroken));
    }
  }

  // --- Comments ---------------------------------------------------------------------

  drawMarks(): void {
    for (const shown of this.pages) if (shown.isDrawn) this.drawMarksOf(shown);
  }

  private drawMarksOf(shown: Shown): void {
    const layer = shown.box.querySelector<HTMLElement>(".pdf__marks");
    if (!layer) return;
    const marks = notesOfFile(this.file).flatMap(({ id, anchor }) =>
      anchor.page === shown.number
        ? (anchor.rects ?? []).map((rect) => {
            const mark = make("button", "pdf__mark");
            mark.type = "button";
            mark.tabIndex = -1;
            mark.setAttribute("aria-label", words.desk.keys.list);
            place(mark, shown.viewport, rect);
            mark.addEventListener("click", () => showNote(id));
            return mark;
          })
        : [],
    );
    layer.replaceChildren(...marks);
  }

  showAnchor(_file: string, anchor: PageAnchor): void {
    const show = (): void => {
      this.toPage(anchor.page ?? 1);
      const shown = this.pages[(anchor.page ?? 1) - 1];
      const rect = anchor.rects?.[0];
      if (!shown || !rect) return;
      const at = make("div");
      place(at, shown.viewport, rect);
      at.className = "pdf__flash";
      shown.box.append(at);
      at.scrollIntoView({ block: "center" });
      setTimeout(() => at.remove(), 1_500);
    };
    // The page may not be there yet.
    if (this.pages.length >= (anchor.page ?? 1)) show();
    else setTimeout(show, 300);
  }

  chosen(): Place | null {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    const shown = this.pages.find(({ box }) => box.contains(range.startContainer));
    const layer = shown?.box.querySelector(".textLayer");
    const quote = selection.toString().trim();
    if (!shown || !layer?.contains(range.startContainer) || !quote) return null;
    const page = shown.box.getBoundingClientRect();
    const rects = [...range.getClientRects()]
      .filter((box) => box.width > 1 && box.height > 1 && box.top < page.bottom)
      .filter((box, at, all) => !all.slice(0, at).some((one) => covers(one, box)))
      .slice(0, 200)
      .map((box) => this.toPageUnits(shown, box));
    if (!rects.length) return null;
    return this.placed({ kind: "selection", page: shown.number, rects, quote: quote.slice(0, 2_000) });
  }

  inSight(): Place | null {
    const pane = this.place.closest(".desk__paper")?.getBoundingClientRect();
    const box = this.holder.getBoundingClientRect();
    const middle = pane ? (Math.max(pane.top, 0) + Math.min(pane.bottom, innerHeight)) / 2 : 0;
    return box.top < middle && box.bottom > middle ? this.pagePlace() : null;
  }

  private pagePlace(): Place {
    return this.placed({ kind: "page", page: this.current()?.number ?? 1 });
  }

  private placed(anchor: PageAnchor): Place {
    const where = words.desk.wholePage(anchor.page ?? 1);
    const about = anchor.quote ? `“${anchor.quote}”` : `${this.options.name}, ${where}`;
    return { section: "", file: this.file, anchor, about };
  }

  region(): void {
    const shown = this.current();
    if (!shown) return;
    addRegion(shown.box, (box) => {
      annotatePlace(
        this.placed({
          kind: "region",
          page: shown.number,
          rects: [this.toPageUnits(shown, box)],
        }),
      );
    });
  }

  private toPageUnits({ box, viewport }: Shown, rect: DOMRect): number[] {
    const page = box.getBoundingClientRect();
    const [x1 = 0, y1 = 0] = viewport.convertToPdfPoint(rect.left - page.left, rect.top - page.top);
    const [x2 = 0, y2 = 0] = viewport.convertToPdfPoint(
      rect.right - page.left,
      rect.bottom - page.top,
    );
    return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)].map(
      (number) => Math.round(number * 100) / 100,
    );
  }
}

/** A button whose sign says little by itself. */
function sign(text: string, label: string, press: () => void): HTMLButtonElement {
  const element = button(text, press, "button--quiet");
  element.setAttribute("aria-label", label);
  element.title = label;
  return element;
}

function covers(one: DOMRect, other: DOMRect): boolean {
  return (
    Math.abs(one.top - other.top) < 1 && one.left <= other.left + 1 && one.right >= other.right - 1
  );
}

function place(element: HTMLElement, viewport: PageViewport, rect: number[]): void {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = viewport.convertToViewportRectangle(rect);
  element.style.left = `${Math.min(x1, x2)}px`;
  element.style.top = `${Math.min(y1, y2)}px`;
  element.style.width = `${Math.abs(x2 - x1)}px`;
  element.style.height = `${Math.abs(y2 - y1)}px`;
}
