// Where two texts side by side differ: words that stand in only one of them are marked.

const MOST_CELLS = 6_000_000;

interface Word {
  text: string;
  node: Text;
  start: number;
}

/** Marks words in both elements. True when there were any. */
export function markDifferences(one: HTMLElement, other: HTMLElement): boolean {
  const mine = wordsIn(one);
  const theirs = wordsIn(other);
  const shared = sharedWords(
    mine.map((word) => word.text),
    theirs.map((word) => word.text),
  );
  if (!shared) return false;
  const onlyMine = mine.filter((_word, at) => !shared.mine.has(at));
  const onlyTheirs = theirs.filter((_word, at) => !shared.theirs.has(at));
  mark(onlyMine);
  mark(onlyTheirs);
  return onlyMine.length + onlyTheirs.length > 0;
}

function wordsIn(root: HTMLElement): Word[] {
  const words: Word[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    for (const found of node.data.matchAll(/\S+/g)) {
      words.push({ text: found[0], node, start: found.index });
    }
  }
  return words;
}

/** Backwards, so that places in a text node stay right; neighbours share a mark. */
function mark(words: Word[]): void {
  for (let at = words.length - 1; at >= 0; at -= 1) {
    const last = words[at] as Word;
    let first = last;
    while (at > 0) {
      const before = words[at - 1] as Word;
      const gap = first.node.data.slice(before.start + before.text.length, first.start);
      if (before.node !== first.node || gap.trim()) break;
      first = before;
      at -= 1;
    }
    const range = document.createRange();
    range.setStart(first.node, first.start);
    range.setEnd(last.node, last.start + last.text.length);
    range.surroundContents(document.createElement("mark"));
  }
}

/** Places of the longest common subsequence; null where looking would take too long. */
export function sharedWords(
  one: string[],
  other: string[],
): { mine: Set<number>; theirs: Set<number> } | null {
  const mine = new Set<number>();
  const theirs = new Set<number>();
  let start = 0;
  let end = 0;
  while (start < Math.min(one.length, other.length) && one[start] === other[start]) start += 1;
  const room = Math.min(one.length, other.length) - start;
  while (end < room && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  for (let at = 0; at < start; at += 1) {
    mine.add(at);
    theirs.add(at);
  }
  for (let at = 1; at <= end; at += 1) {
    mine.add(one.length - at);
    theirs.add(other.length - at);
  }
  const rows = one.length - end - start;
  const columns = other.length - end - start;
  if (rows * columns > MOST_CELLS) return null;
  const width = columns + 1;
  const longest = new Uint16Array((rows + 1) * width);
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      const place = row * width + column;
      longest[place] =
        one[start + row] === other[start + column]
          ? (longest[place + width + 1] ?? 0) + 1
          : Math.max(longest[place + width] ?? 0, longest[place + 1] ?? 0);
    }
  }
  for (let row = 0, column = 0; row < rows && column < columns; ) {
    const place = row * width + column;
    if (one[start + row] === other[start + column]) {
      mine.add(start + row);
      theirs.add(start + column);
      row += 1;
      column += 1;
    } else if ((longest[place + width] ?? 0) >= (longest[place + 1] ?? 0)) row += 1;
    else column += 1;
  }
  return { mine, theirs };
}
