// A part of a page, marked by keys or by dragging; neither alone.
import { words } from "../words";
import { button, make } from "./make";

const STEP = 10;
const LEAST = 12;

/** A box on the page that can be moved and sized; `done` is told where it stands. */
export function addRegion(page: HTMLElement, done: (box: DOMRect) => void): void {
  page.querySelector(".pdf__region")?.remove();
  const box = make("div", "pdf__region");
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", words.desk.regionBox);
  const at = {
    left: page.clientWidth * 0.2,
    top: inSight(page),
    width: page.clientWidth * 0.4,
    height: 60,
  };
  const draw = (): void => {
    at.width = clamp(at.width, LEAST, page.clientWidth);
    at.height = clamp(at.height, LEAST, page.clientHeight);
    at.left = clamp(at.left, 0, page.clientWidth - at.width);
    at.top = clamp(at.top, 0, page.clientHeight - at.height);
    for (const [name, value] of Object.entries(at)) box.style.setProperty(name, `${value}px`);
  };
  const finish = (): void => {
    const rect = box.getBoundingClientRect();
    box.remove();
    done(rect);
  };
  box.append(button(words.desk.regionHere, finish, "button--primary"));
  box.addEventListener("keydown", (event) => {
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-STEP, 0],
      ArrowRight: [STEP, 0],
      ArrowUp: [0, -STEP],
      ArrowDown: [0, STEP],
    };
    const step = steps[event.key];
    if (step) {
      if (event.shiftKey) [at.width, at.height] = [at.width + step[0], at.height + step[1]];
      else [at.left, at.top] = [at.left + step[0], at.top + step[1]];
      draw();
    } else if (event.key === "Enter" && event.target === box) finish();
    else if (event.key === "Escape") {
      box.remove();
      page.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // Dragging inside moves it, dragging the corner sizes it.
  box.addEventListener("pointerdown", (event) => {
    if (event.target !== box) return;
    const corner = box.getBoundingClientRect();
    const sizes = corner.right - event.clientX < 20 && corner.bottom - event.clientY < 20;
    const from = { x: event.clientX, y: event.clientY, ...at };
    box.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent): void => {
      const [x, y] = [moved.clientX - from.x, moved.clientY - from.y];
      if (sizes) [at.width, at.height] = [from.width + x, from.height + y];
      else [at.left, at.top] = [from.left + x, from.top + y];
      draw();
    };
    box.addEventListener("pointermove", move);
    box.addEventListener("pointerup", () => box.removeEventListener("pointermove", move), {
      once: true,
    });
  });
  page.append(box);
  draw();
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: "nearest" });
}

function inSight(page: HTMLElement): number {
  const pane = page.closest(".desk__paper")?.getBoundingClientRect();
  return Math.max((pane ? Math.max(pane.top, 0) : 0) - page.getBoundingClientRect().top + 80, 20);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(most, least));
}
