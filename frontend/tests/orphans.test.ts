import assert from "node:assert/strict";
import { test } from "node:test";
import { LeftBehind, type Orphan } from "../src/autosave/orphans";
import type { Copy, Values } from "../src/autosave/saver";

function orphan(key: string, values: Values, aside?: Copy["aside"]): Orphan {
  const at = `2025-11-18T13:0${key}:00Z`;
  return { key, copy: { baseVersion: 7, values, at, ...(aside ? { aside } : {}) } };
}

function look(orphans: Orphan[], shown: Values): LeftBehind {
  return new LeftBehind(orphans, {
    hasField: (name) => name in shown,
    shows: (name, text) => shown[name] === text,
  });
}

const keys = (orphans: Orphan[]): string[] => orphans.map((one) => one.key);

test("every text of every copy is offered, the same one once", () => {
  const left = look(
    [orphan("3", { aim: "C" }), orphan("2", { aim: "B", plan: "P" }), orphan("1", { aim: "C" })],
    { aim: "A", plan: "" },
  );

  assert.deepEqual(
    left.texts.map(({ name, text }) => [name, text]),
    [
      ["aim", "C"],
      ["aim", "B"],
      ["plan", "P"],
    ],
  );
  assert.deepEqual(left.settled, []);
});

test("a copy goes when all of its texts were decided, and comes back when one was undone", () => {
  const left = look(
    [orphan("3", { aim: "C" }), orphan("2", { aim: "B", plan: "P" }), orphan("1", { aim: "C" })],
    { aim: "A", plan: "" },
  );
  const [c, b, p] = left.texts;
  assert.ok(c && b && p);

  assert.deepEqual(keys(left.decided(c)), ["3", "1"]);
  assert.deepEqual(keys(left.decided(b)), []);
  assert.deepEqual(keys(left.decided(p)), ["2"]);
  assert.deepEqual(keys(left.undone(b)), ["2"]);
  assert.deepEqual(keys(left.decided(b)), ["2"]);
});

test("what the page shows already is not asked about", () => {
  const left = look([orphan("1", { aim: "A" })], { aim: "A" });

  assert.deepEqual(left.texts, []);
  assert.deepEqual(keys(left.settled), ["1"]);
});

test("a text whose field is gone is offered, also one that was decided against", () => {
  const left = look(
    [
      orphan("1", { old: "Theirs alone" }, [
        ["aim", "B"],
        ["old", "Other"],
      ]),
    ],
    { aim: "A" },
  );

  assert.deepEqual(
    left.texts.map(({ text }) => text),
    ["Theirs alone", "Other"],
  );
  assert.deepEqual(left.aside, [["aim", "B"]]);
  assert.deepEqual(left.settled, []);
});
