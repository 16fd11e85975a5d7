// Finding a passage again: in a text that is frozen it stands where it stood; where it
// does not (another browser, another way to break lines), its words and what stands around
// them say where.

export interface Passage {
  quote: string;
  prefix: string;
  suffix: string;
  start: number;
  end: number;
}

const AROUND = 60;

export function passageIn(text: string, start: number, end: number): Passage {
  return {
    quote: text.slice(start, end),
    prefix: text.slice(Math.max(0, start - AROUND), start),
    suffix: text.slice(end, end + AROUND),
    start,
    end,
  };
}

/** [start, end] of the passage in the text, or null. */
export function findPassage(text: string, passage: Passage): [number, number] | null {
  if (text.slice(passage.start, passage.end) === passage.quote) {
    return [passage.start, passage.end];
  }
  // Without white space: a line may end elsewhere.
  const [bare, places] = squeezed(text);
  const quote = squeezed(passage.quote)[0];
  if (!quote) return null;
  const before = squeezed(passage.prefix)[0];
  const after = squeezed(passage.suffix)[0];
  let best: [number, number] | null = null;
  let bestScore = -Infinity;
  for (let at = bare.indexOf(quote); at >= 0; at = bare.indexOf(quote, at + 1)) {
    const start = places[at] ?? 0;
    const end = (places[at + quote.length - 1] ?? 0) + 1;
    const score =
      sameEnd(bare.slice(0, at), before) +
      sameBeginning(bare.slice(at + quote.length), after) -
      Math.abs(start - passage.start) / (text.length + 1);
    if (score > bestScore) [best, bestScore] = [[start, end], score];
  }
  return best;
}

/** Where sentences begin and end; the white space after one belongs to none. */
export function sentencesOf(text: string): [number, number][] {
  const found: [number, number][] = [];
  // A full stop ends one where white space follows: 3.5 is a number.
  for (const match of text.matchAll(/[^\n]*?(?:[.!?…]+["”’»)\]]*(?=\s|$)|(?=\n)|$)/g)) {
    const whole = match[0];
    const words = whole.trim();
    if (!words) continue;
    const start = match.index + whole.length - whole.trimStart().length;
    found.push([start, start + words.length]);
  }
  return found;
}

function squeezed(text: string): [string, number[]] {
  let bare = "";
  const places: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (/\s/.test(character)) continue;
    bare += character;
    places.push(at);
  }
  return [bare, places];
}

function sameEnd(one: string, other: string): number {
  let count = 0;
  while (
    count < Math.min(one.length, other.length) &&
    one.charAt(one.length - 1 - count) === other.charAt(other.length - 1 - count)
  ) {
    count += 1;
  }
  return count;
}

function sameBeginning(one: string, other: string): number {
  let count = 0;
  while (count < Math.min(one.length, other.length) && one.charAt(count) === other.charAt(count)) {
    count += 1;
  }
  return count;
}
