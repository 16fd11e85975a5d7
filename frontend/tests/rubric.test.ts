import assert from "node:assert/strict";
import { test } from "node:test";
import { sumOfWeights } from "../src/rubric";

test("thirds and the cent that is left come to a hundred", () => {
  assert.equal(sumOfWeights(["33.33", "33.33", "33.34"]), 10_000);
  assert.equal(sumOfWeights(["0.1", "0.2", " 99.7 "]), 10_000);
});

test("what is no number has no sum", () => {
  for (const text of ["", "33,3", "-1", "1e3", "ten", "NaN"]) {
    assert.equal(sumOfWeights(["50", text]), null);
  }
});
