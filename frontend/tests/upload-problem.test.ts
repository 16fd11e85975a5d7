import assert from "node:assert/strict";
import { test } from "node:test";
import { isPassing, isTooMuchAtOnce, problemOf } from "../src/uploads/problem";

const said = (code: string): string => JSON.stringify({ code, detail: "Why." });

test("an upload goes on where requests have crossed, and where nobody has answered", () => {
  assert.ok(isPassing(409, problemOf(said("offset_conflict"))));
  assert.ok(isPassing(409, problemOf(said("not_whole"))));
  for (const status of [0, 429, 460, 500, 503]) assert.ok(isPassing(status, problemOf("")));
});

test("any other conflict is a refusal with its sentence", () => {
  for (const code of ["too_many_files", "not_a_draft", ""]) {
    assert.ok(!isPassing(409, problemOf(said(code))), code);
  }
  assert.equal(problemOf(said("too_many_files")).sentence, "Why.");
  for (const status of [403, 404, 410, 413, 422]) assert.ok(!isPassing(status, problemOf("")));
});

test("a proxy that takes no piece as large is told from a file that is too large", () => {
  assert.ok(isTooMuchAtOnce(413, problemOf("<h1>413 Request Entity Too Large</h1>")));
  assert.ok(!isTooMuchAtOnce(413, problemOf(said("too_large"))));
  assert.ok(!isTooMuchAtOnce(422, problemOf("")));
});
