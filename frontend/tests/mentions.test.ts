import assert from "node:assert/strict";
import { test } from "node:test";
import { nameBegun } from "../src/mentions";

test("a name is begun by an @ at the beginning of a word", () => {
  assert.equal(nameBegun("@"), "");
  assert.equal(nameBegun("Thanks, @Ana"), "Ana");
  assert.equal(nameBegun("Thanks, @Ana Si"), "Ana Si");
  assert.equal(nameBegun("(@José"), "José");
});

test("addresses are no names, nor is a sentence after one", () => {
  assert.equal(nameBegun("write to me@city"), null);
  assert.equal(nameBegun("https://example.org/@city"), null);
  assert.equal(nameBegun("@Ana Silva from Quito"), null);
  assert.equal(nameBegun("@Ana\nnext"), null);
  assert.equal(nameBegun("no sign"), null);
});
