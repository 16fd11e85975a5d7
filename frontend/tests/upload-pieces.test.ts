import assert from "node:assert/strict";
import { test } from "node:test";
import { nextPiece, PIECE } from "../src/uploads/pieces";

const MEGABYTE = PIECE.first;
const MUCH = 10_000 * MEGABYTE;

test("a piece takes some seconds, whatever the line", () => {
  assert.equal(nextPiece(MEGABYTE, 20, 99 * MEGABYTE, PIECE.most), 99 * MEGABYTE);
  assert.ok(nextPiece(MEGABYTE, 20, MUCH, PIECE.most) <= PIECE.most);
  const slow = nextPiece(MEGABYTE, 10_000, MUCH, PIECE.most);
  assert.ok(Math.abs(slow - MEGABYTE / 2) < 1_000, `${slow}`);
  assert.equal(nextPiece(PIECE.least, 60_000, MUCH, PIECE.most), PIECE.least);
});

test("what is left comes in equal parts, as few as the limits allow", () => {
  for (const left of [129 * MEGABYTE + 1, 499 * MEGABYTE + 7, 64 * MEGABYTE + 3]) {
    for (const most of [PIECE.most, 50 * MEGABYTE]) {
      const piece = nextPiece(MEGABYTE, 1, left, most);
      const count = Math.ceil(left / piece);
      assert.ok(piece <= most && count === Math.ceil(left / most), `${left} ${piece}`);
      assert.ok(left - (count - 1) * piece > piece - count, `${left} ${piece}`);
    }
  }
});

test("the end of a file, and a clock that stands still, are no special cases", () => {
  assert.equal(nextPiece(MEGABYTE, 0, 0, PIECE.most), PIECE.least);
  assert.equal(nextPiece(10, 5, 3, PIECE.most), PIECE.least);
});
