import assert from "node:assert/strict";
import { test } from "node:test";
import { isPassing, problemOf } from "../src/uploads/problem";

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
