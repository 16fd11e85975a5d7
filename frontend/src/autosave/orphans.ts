// What crashed or closed pages have left on the device, as one list of texts to decide on.
// A copy stays on the device until each of its texts was decided.
import { type Copy, same, type Value } from "./saver";

export interface Orphan {
  key: string;
  copy: Copy;
}

/** One text, in however many copies; `at`: when it was typed last. */
export interface Left {
  name: string;
  text: Value;
  at: string;
}

interface Form {
  hasField(name: string): boolean;
  shows(name: string, text: Value): boolean;
}

export class LeftBehind {
  /** To be offered. Those without a field too: nobody else has them. */
  readonly texts: Left[] = [];
  /** Decided against before the crash: they only have to reach the history. */
  readonly aside: [string, Value][] = [];
  private readonly copies: { orphan: Orphan; texts: Set<Left>; waiting: Set<Left> }[];

  /** `orphans`: newest first. */
  constructor(orphans: Orphan[], form: Form) {
    this.copies = orphans.map((orphan) => {
      const { values, aside = [], at } = orphan.copy;
      const offered = Object.entries(values).filter(([name, text]) => !form.shows(name, text));
      const lost = aside.filter(([name]) => !form.hasField(name));
      this.aside.push(...aside.filter(([name]) => form.hasField(name)));
      const texts = new Set([...offered, ...lost].map(([name, text]) => this.add(name, text, at)));
      return { orphan, texts, waiting: new Set(texts) };
    });
  }

  /** Copies in which nothing is left to decide. */
  get settled(): Orphan[] {
    return this.copies.filter((copy) => !copy.waiting.size).map((copy) => copy.orphan);
  }

  /** Returns the copies that can go now. */
  decided(text: Left): Orphan[] {
    return this.copies
      .filter(({ waiting }) => waiting.delete(text) && !waiting.size)
      .map((copy) => copy.orphan);
  }

  /** Returns the copies that are needed again. */
  undone(text: Left): Orphan[] {
    const having = this.copies.filter(({ texts }) => texts.has(text));
    for (const { waiting } of having) waiting.add(text);
    return having.map((copy) => copy.orphan);
  }

  private add(name: string, text: Value, at: string): Left {
    const known = this.texts.find((left) => left.name === name && same(left.text, text));
    if (known) return known;
    const left = { name, text, at };
    this.texts.push(left);
    return left;
  }
}
