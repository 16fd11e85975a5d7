// Draws the land of the world map once, when the site is built: a page needs no script for
// it. The projection and its numbers are those of peer_exchange/world_map.py.
import { createRequire } from "node:module";
import { readFile, writeFile } from "node:fs/promises";
import { geoBounds, geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";

const WIDTH = 960;
const HEIGHT = 430;
const NEAR = 0.4;
const locate = createRequire(import.meta.url).resolve;

export const projection = geoEqualEarth().scale(176).translate([480, 236]);

/** Everything but Antarctica, where no city is. */
async function land() {
  const topology = JSON.parse(await readFile(locate("world-atlas/land-110m.json"), "utf8"));
  const { geometry } = feature(topology, topology.objects.land).features[0];
  const polygons = geometry.coordinates.filter((coordinates) => {
    const [[, south], [, north]] = geoBounds({ type: "Polygon", coordinates });
    return north > -60 && south > -80;
  });
  return { type: "MultiPolygon", coordinates: polygons };
}

/** Between two numbers: nothing where the minus of the second tells them apart. */
const gapBefore = (number) => (number.startsWith("-") ? "" : " ");

/** A path in short: each point from the one before, in tenths, without steps too small to see. */
class ShortPath {
  text = "";
  #at = [0, 0];
  #last = "";

  moveTo(x, y) {
    this.#at = [0, 0];
    this.#step("M", x, y, 0);
  }

  lineTo(x, y) {
    this.#step("l", x, y, NEAR);
  }

  closePath() {
    this.text += "z";
  }

  #step(command, x, y, least) {
    const [fromX, fromY] = this.#at;
    const [right, down] = [Math.round((x - fromX) * 10), Math.round((y - fromY) * 10)];
    if (Math.hypot(right, down) < least * 10) return;
    this.#at = [fromX + right / 10, fromY + down / 10];
    const numbers = [right, down].map((tenths) => String(tenths / 10).replace(/^(-?)0\./, "$1."));
    const gap = gapBefore(numbers[1]);
    // After the first step of a line its letter need not be said again.
    const letter = command === "l" && this.#last === "l" ? gapBefore(numbers[0]) : command;
    this.#last = command;
    this.text += letter + numbers[0] + gap + numbers[1];
  }
}

export async function drawWorld(file) {
  const path = new ShortPath();
  geoPath(projection, path)(await land());
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}"><path id="land" d="${path.text}"/></svg>\n`;
  await writeFile(file, svg);
}
