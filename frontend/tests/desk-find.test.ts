import assert from "node:assert/strict";
import { test } from "node:test";
import { findPassage, passageIn, sentencesOf } from "../src/desk/find";

const TEXT = "One ferry. Two ferries are loud.\nOne ferry. Three ferries sleep.";

test("a passage is found where it stood", () => {
  const passage = passageIn(TEXT, 33, 43);
  assert.equal(passage.quote, "One ferry.");
  assert.deepEqual(findPassage(TEXT, passage), [33, 43]);
});

test("the same words twice: what stands around them decides", () => {
  const passage = passageIn(TEXT, 33, 43);
  assert.deepEqual(findPassage(`Begin. ${TEXT}`, passage), [40, 50]);
});

test("lines that end elsewhere do not hide it", () => {
  const passage = passageIn(TEXT, 11, 43);
  const found = findPassage(TEXT.replace("\n", " \n\n  "), passage);
  assert.ok(found);
  assert.equal(TEXT.replace("\n", " \n\n  ").slice(...found).replaceAll(/\s+/g, " "), "Two ferries are loud. One ferry.");
});

test("what is not there is not found", () => {
  assert.equal(findPassage("Another text.", passageIn(TEXT, 0, 9)), null);
  assert.equal(findPassage("", passageIn(TEXT, 0, 9)), null);
  assert.equal(findPassage(TEXT, { quote: " ", prefix: "", suffix: "", start: 99, end: 100 }), null);
});

test("sentences without the white space between them", () => {
  assert.deepEqual(
    sentencesOf(' Is it loud? “Yes.” It costs 3.5 million… A line\nwithout an end').map(([a, b]) =>
      ' Is it loud? “Yes.” It costs 3.5 million… A line\nwithout an end'.slice(a, b),
    ),
    ["Is it loud?", "“Yes.”", "It costs 3.5 million…", "A line", "without an end"],
  );
  assert.deepEqual(sentencesOf(""), []);
});
