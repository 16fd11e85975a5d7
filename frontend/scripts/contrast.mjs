// WCAG 2.2 contrast of the tokens, in both themes. Text needs 4.5, edges and marks 3.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = readFileSync(
  fileURLToPath(new URL("../src/styles/tokens.css", import.meta.url)),
  "utf8",
);

const TEXT = 4.5;
const EDGE = 3;
const PAIRS = [
  ...["paper", "field", "sand", "sand-deep"].map((ground) => ["ink", ground, TEXT]),
  ...["paper", "field", "sand"].map((ground) => ["ink-soft", ground, TEXT]),
  ...["paper", "field", "sand"].map((ground) => ["action", ground, TEXT]),
  ...["paper", "sand", "sand-deep"].map((ground) => ["action-strong", ground, TEXT]),
  ["on-action", "action", TEXT],
  ["on-action", "action-strong", TEXT],
  ...["paper", "field", "sand"].map((ground) => ["accent", ground, TEXT]),
  ...["paper", "field", "sand"].map((ground) => ["line-strong", ground, EDGE]),
  ...["paper", "sand", "sand-deep"].map((ground) => ["focus", ground, EDGE]),
  ["ink", "mark", TEXT],
  ...["neutral", "info", "good", "attention", "bad"].flatMap((tone) => [
    [`tone-${tone}`, `tone-${tone}-wash`, TEXT],
    [`tone-${tone}`, "paper", TEXT],
    [`tone-${tone}`, "sand", TEXT],
    ["ink", `tone-${tone}-wash`, TEXT],
    ["action", `tone-${tone}-wash`, TEXT],
  ]),
];

function colours(block) {
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
  );
}

export function themes() {
  const block = (start) => {
    const from = source.indexOf(start);
    return source.slice(from, source.indexOf("}", from));
  };
  const light = colours(block(":root {"));
  return {
    light,
    dark: { ...light, ...colours(block(':root[data-theme="dark"]')) },
    "dark (system)": { ...light, ...colours(block(":root:not([data-theme])")) },
  };
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function ratio(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

export function measured() {
  return Object.entries(themes()).flatMap(([theme, tokens]) =>
    PAIRS.map(([front, ground, needed]) => ({
      theme,
      front,
      ground,
      needed,
      ratio: ratio(tokens[front], tokens[ground]),
    })),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const pair of measured()) {
    const verdict = pair.ratio >= pair.needed ? "ok" : "TOO LOW";
    console.log(
      `${pair.theme.padEnd(14)} ${pair.front.padEnd(16)} on ${pair.ground.padEnd(22)}` +
        `${pair.ratio.toFixed(2).padStart(6)}  (${pair.needed})  ${verdict}`,
    );
  }
}
