// The files of the project: one of them, a PDF, may be open on the desk. The viewer is
// fetched when the first is opened.
import { words } from "../words";
import { say } from "./make";
import { hasViewer, type PageAnchor } from "./notes";
import type { PdfViewer } from "./pdf";

const SIZES = [0.85, 1, 1.15, 1.3, 1.5, 1.75, 2];
let open: PdfViewer | null = null;
let opening = "";

export function startFiles(desk: HTMLElement): void {
  open?.close();
  open = null;
  opening = "";
  hasViewer(null);
  for (const button of desk.querySelectorAll<HTMLButtonElement>("[data-pdf-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const file = button.closest<HTMLElement>("[data-file]")?.dataset.file;
      if (file) void openFile(file);
    });
  }
  desk.addEventListener("rambla:show-file", (event) => {
    const { file, anchor } = (event as CustomEvent<{ file: string; anchor: PageAnchor }>).detail;
    void openFile(file).then((viewer) => viewer?.showAnchor(file, anchor));
  });
}

async function openFile(file: string): Promise<PdfViewer | null> {
  if (open?.file === file) return open;
  const desk = document.querySelector<HTMLElement>("[data-desk]");
  const item = document.getElementById(`file-${file}`);
  const place = desk?.querySelector<HTMLElement>("[data-pdf]");
  const link = item?.querySelector<HTMLAnchorElement>("a.file__name");
  if (!desk || !place || !link || !item?.querySelector("[data-pdf-open]")) return null;
  opening = file;
  open?.close();
  open = null;
  place.hidden = false;
  place.scrollIntoView({ block: "start" });
  const { openPdf } = await import("./pdf");
  const viewer = await openPdf(place, {
    file,
    url: link.href,
    name: link.textContent?.trim() ?? "",
    worker: desk.dataset.pdfWorker ?? "",
    files: desk.dataset.pdfFiles ?? "",
    closed: () => {
      open = null;
      hasViewer(null);
      link.focus();
    },
  });
  // Another one was asked for meanwhile, or another project.
  if (opening !== file || !place.isConnected) {
    viewer?.close();
    return null;
  }
  open = viewer;
  hasViewer(viewer);
  return viewer;
}

/** The next PDF is opened; a file of another kind is gone to, to be fetched. */
export function goFile(): void {
  const files = [...document.querySelectorAll<HTMLElement>("[data-desk] li[data-file]")];
  if (!files.length) return say(words.desk.noFile);
  const focused = document.activeElement?.closest("li[data-file]") ?? null;
  const now = focused ?? files.find((one) => one.dataset.file === open?.file);
  const next = files[(files.findIndex((one) => one === now) + 1) % files.length];
  if (!next) return;
  if (next.querySelector("[data-pdf-open]") && next.dataset.file) void openFile(next.dataset.file);
  else {
    next.scrollIntoView({ block: "nearest" });
    next.querySelector("a")?.focus();
  }
}

export const pdf = {
  /** Of the open file; without one, of the text. */
  zoom(step: 1 | -1 | 0): void {
    if (open) return open.zoom(step);
    const paper = document.querySelector<HTMLElement>("[data-desk] .desk__paper");
    if (!paper) return;
    const now = Number(paper.dataset.size ?? 1);
    const at = Math.min(Math.max(SIZES.indexOf(now) + step, 0), SIZES.length - 1);
    const size = step === 0 ? 1 : (SIZES[at] ?? 1);
    paper.dataset.size = String(size);
    paper.style.setProperty("--desk-size", String(size));
  },
  page(step: 1 | -1): void {
    if (open) open.goPage(step);
    else say(words.desk.noPdf);
  },
  region(): void {
    if (open) open.region();
    else say(words.desk.noPdf);
  },
};
