// How much of a file one request brings. It is bounded in time: when the line breaks, or a
// proxy has kept a piece to itself until then, what is sent again took some seconds.

const MEGABYTE = 1024 * 1024;
export const PIECE = { first: MEGABYTE, least: MEGABYTE / 4, most: 128 * MEGABYTE };
const PIECE_MS = 5_000;

/** After a piece of `size` bytes that took so long, with `left` bytes to go. In equal parts:
 * the request that brings the last byte waits for the hash of all that came before. */
export function nextPiece(size: number, tookMs: number, left: number, most: number): number {
  const quick = (size / Math.max(1, tookMs)) * PIECE_MS;
  const piece = Math.max(PIECE.least, Math.min(most, quick));
  return Math.max(PIECE.least, Math.ceil(left / Math.max(1, Math.ceil(left / piece))));
}
