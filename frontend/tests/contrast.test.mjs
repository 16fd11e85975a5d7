import assert from "node:assert/strict";
import { test } from "node:test";
import { measured, themes } from "../scripts/contrast.mjs";

test("contrast of every pair of tokens meets WCAG 2.2 AA in both themes", () => {
  const low = measured().filter((pair) => pair.ratio < pair.needed);
  assert.deepEqual(low, []);
});

test("dark by choice and dark by system are the same", () => {
  const { dark, "dark (system)": system } = themes();
  assert.deepEqual(dark, system);
});
