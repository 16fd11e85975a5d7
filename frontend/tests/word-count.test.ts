import assert from "node:assert/strict";
import { test } from "node:test";
import { countWords } from "../src/word-count";

// The same examples as the server's count_words is tested with.
const EXAMPLES: [string, number][] = [
  ["", 0],
  ["   \n", 0],
  ["one two", 2],
  ["the city's well-known plan", 4],
  ["l’Hospitalet de Llobregat", 3],
  ["2025, 84 %", 2],
  ["国際都市", 2],
  ["Привет мир", 2],
];

for (const [text, count] of EXAMPLES) {
  test(`${JSON.stringify(text)} has ${count} words`, () => {
    assert.equal(countWords(text), count);
  });
}
