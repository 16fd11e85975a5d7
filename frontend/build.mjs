// Builds frontend/dist, which Django serves as static files. Names are stable
// (Django adds the hashes), only lazily imported chunks carry a hash of their own.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { brotliCompress, constants as packing, gzip } from "node:zlib";
import { context } from "esbuild";
import subsetFont from "subset-font";
import { drawWorld } from "./world.mjs";

const OUT = "dist";
const TARGET = ["chrome109", "firefox115", "safari15.6"];
const watching = process.argv.includes("--watch");

// Latin with the accents of western Europe; names from elsewhere (Łódź, İzmir) bring
// the second file of the same face, which browsers fetch only when they meet one.
const BASIC_LATIN = [
  [0x20, 0x7e],
  [0xa0, 0xff],
  [0x131, 0x131],
  [0x152, 0x153],
  [0x2013, 0x2014],
  [0x2018, 0x201a],
  [0x201c, 0x201e],
  [0x2022, 0x2022],
  [0x2026, 0x2026],
  [0x2039, 0x203a],
  [0x20ac, 0x20ac],
  [0x2190, 0x2193],
  [0x2212, 0x2212],
];
const KEEP_FEATURES = ["kern", "liga", "tnum"];
const FACES = [
  ["source-serif-4", "400-normal", "source-serif-4-400"],
  ["source-serif-4", "400-italic", "source-serif-4-400-italic"],
  ["source-serif-4", "600-normal", "source-serif-4-600"],
  ["inter", "400-normal", "inter-400"],
  ["inter", "600-normal", "inter-600"],
];
// Paper (receipts, certificates) bears names from every city. No page loads these files;
// they are plain TrueType, because unpacking WOFF2 takes longer than setting the page.
const PAPER_SUBSETS = ["latin", "latin-ext", "vietnamese", "cyrillic", "cyrillic-ext", "greek"];

async function buildFonts() {
  const locate = createRequire(import.meta.url).resolve;
  const text = BASIC_LATIN.map(([from, to]) =>
    String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, at) => from + at)),
  ).join("");
  await mkdir(`${OUT}/fonts`, { recursive: true });
  for (const [family, style, name] of FACES) {
    const file = (subset) => locate(`@fontsource/${family}/files/${family}-${subset}-${style}.woff2`);
    const options = { targetFormat: "woff2", keepFeatures: KEEP_FEATURES };
    const latin = await subsetFont(await readFile(file("latin")), text, options);
    await writeFile(`${OUT}/fonts/${name}.woff2`, latin);
    await cp(file("latin-ext"), `${OUT}/fonts/${name}-ext.woff2`);
  }
  await mkdir(`${OUT}/fonts/paper`, { recursive: true });
  for (const [family, style, name] of FACES) {
    const ranges = JSON.parse(await readFile(locate(`@fontsource/${family}/unicode.json`), "utf8"));
    for (const subset of PAPER_SUBSETS) {
      const file = locate(`@fontsource/${family}/files/${family}-${subset}-${style}.woff2`);
      const options = { targetFormat: "truetype", keepFeatures: KEEP_FEATURES };
      const font = await subsetFont(await readFile(file), charactersIn(ranges[subset]), options);
      await writeFile(`${OUT}/fonts/paper/${name}-${subset}.ttf`, font);
    }
  }
}

// Distances and sizes are the same in every theme: written out, the stylesheet is a
// tenth smaller. Colours stay variables.
const WRITTEN_OUT = /^(space|text|radius|hairline|rule|target|gutter|measure|wide|margin-note|rail)/;
const writeOutConstants = {
  name: "write-out-constants",
  setup(build) {
    build.onLoad({ filter: /src\/styles\/[\w-]+\.css$/ }, async ({ path }) => {
      const tokens = await readFile("src/styles/tokens.css", "utf8");
      const constants = Object.fromEntries(
        [...tokens.matchAll(/--([\w-]+):\s*([^;]+);/g)]
          .filter(([, name]) => WRITTEN_OUT.test(name))
          .map(([, name, value]) => [name, value]),
      );
      const source = await readFile(path, "utf8");
      if (path.endsWith("tokens.css")) return { contents: source, loader: "css" };
      const contents = source.replaceAll(
        /var\(--([\w-]+)\)/g,
        (whole, name) => constants[name] ?? whole,
      );
      return { contents, loader: "css" };
    });
  },
};

/** The characters of a CSS unicode-range: "U+0102-0103,U+20AB". */
function charactersIn(range) {
  return range
    .split(",")
    .map((part) => part.trim().slice(2).split("-"))
    .flatMap(([from, to = from]) => {
      const [first, last] = [Number.parseInt(from, 16), Number.parseInt(to, 16)];
      return Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));
    })
    .join("");
}

// H5P core (GPL) is loaded in the player's own document only (docs/adr/0011): it is copied
// as it comes, into a folder of its own, and packed here so that no request waits for it.
const CORE = ["frame.bundle.js", "styles/h5p.css", "fonts", "images"];

async function copyH5PCore() {
  const from = "node_modules/h5p-standalone/dist";
  const to = `${OUT}/h5p-core`;
  await rm(to, { recursive: true, force: true });
  for (const part of CORE) await cp(`${from}/${part}`, `${to}/${part}`, { recursive: true });
  for (const name of ["frame.bundle.js", "styles/h5p.css"]) {
    const data = await readFile(`${to}/${name}`);
    const params = { [packing.BROTLI_PARAM_QUALITY]: 11 };
    await writeFile(`${to}/${name}.br`, await promisify(brotliCompress)(data, { params }));
    await writeFile(`${to}/${name}.gz`, await promisify(gzip)(data, { level: 9 }));
  }
}

// pdf.js draws PDFs on the marking desk alone. Its worker, and what it fetches for a file
// that needs it (fonts, character maps, decoders), are files of ours under stable names.
async function copyPdfJs() {
  const from = "node_modules/pdfjs-dist";
  const to = `${OUT}/pdfjs`;
  await rm(to, { recursive: true, force: true });
  await cp(`${from}/legacy/build/pdf.worker.min.mjs`, `${to}/worker.js`);
  for (const part of ["cmaps", "standard_fonts", "wasm", "iccs"]) {
    await cp(`${from}/${part}`, `${to}/${part}`, { recursive: true });
  }
}

const common = {
  bundle: true,
  minify: !watching,
  sourcemap: watching ? "inline" : false,
  target: TARGET,
  outdir: OUT,
  legalComments: "none",
  logLevel: "info",
};
// esbuild lets app.js bring its helpers, which only parts that are fetched later use, and
// so does a module that both share. Every page would wait for another round trip.
const oneFile = {
  name: "one-file",
  setup(build) {
    build.initialOptions.metafile = true;
    build.onEnd(async ({ metafile }) => {
      if (!metafile) return;
      let script = await readFile(`${OUT}/app.js`, "utf8");
      for (const { kind, path } of metafile.outputs[`${OUT}/app.js`].imports) {
        if (kind === "dynamic-import") continue;
        const shared = Object.keys(metafile.outputs[path].inputs);
        if (shared.length) throw new Error(`app.js brings ${path} as well: ${shared.join(", ")}`);
        script = script.replace(new RegExp(`import\\s*"\\./${path.slice(OUT.length + 1)}";`), "");
      }
      await writeFile(`${OUT}/app.js`, script);
    });
  },
};
const builds = [
  {
    ...common,
    entryPoints: { app: "src/app.ts" },
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    plugins: [oneFile],
  },
  { ...common, entryPoints: { player: "src/player.ts" }, format: "esm" },
  { ...common, entryPoints: { theme: "src/theme.ts", cms: "src/cms.ts" }, format: "iife" },
  {
    ...common,
    entryPoints: {
      app: "src/styles/app.css",
      work: "src/styles/work.css",
      finding: "src/styles/finding.css",
    },
    plugins: [writeOutConstants],
    // Fonts are files of their own, so that base.html can preload them.
    external: ["./fonts/*"],
  },
  // The library of H5P activities in the CMS: in its colours, not in ours.
  { ...common, entryPoints: { cms: "src/styles/cms.css" } },
];

await rm(`${OUT}/chunks`, { recursive: true, force: true });
await buildFonts();
await copyH5PCore();
await copyPdfJs();
await cp("src/images", OUT, { recursive: true });
await drawWorld(`${OUT}/world.svg`);
for (const options of builds) {
  const build = await context(options);
  if (watching) {
    await build.watch();
  } else {
    await build.rebuild();
    await build.dispose();
  }
}
