// What a part of the page says that was fetched later: it must not hold `enhance`, which
// is in the script of every page and would come in a second file then.
declare global {
  interface DocumentEventMap {
    "piece-came": CustomEvent<Element>;
  }
}

/** A piece has come onto the page: it gets what it asks for. */
export function pieceCame(piece: Element): void {
  document.dispatchEvent(new CustomEvent("piece-came", { detail: piece }));
}
