// Builds the script of our own H5P library from h5p/own/source: `npm run h5p`.
// The result is committed, because the Python package carries it without Node;
// tests/h5p/test_own.py compares the two.
import { readFile, writeFile } from "node:fs/promises";
import { transform } from "esbuild";

const OWN = new URL("../h5p/own/", import.meta.url);
const PARTS = ["content", "marking", "xapi", "controls", "question-set"];
const BANNER = "/*! Rambla.QuestionSet 1.0, MIT licence. Readable source: h5p/own/source. */\n";

export async function build() {
  const parts = PARTS.map((name) => readFile(new URL(`source/${name}.js`, OWN), "utf8"));
  const { code } = await transform((await Promise.all(parts)).join("\n"), {
    minify: true,
    target: "es2017",
    legalComments: "none",
    charset: "utf8",
  });
  return BANNER + code;
}

const target = new URL("Rambla.QuestionSet-1.0/question-set.js", OWN);
if (process.argv.includes("--check")) {
  process.exit((await build()) === (await readFile(target, "utf8")) ? 0 : 1);
}
await writeFile(target, await build());
