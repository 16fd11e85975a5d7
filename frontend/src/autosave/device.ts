// Copies of unsaved text on the device. A copy belongs to one person, one draft and
// one opened page, so that two tabs do not overwrite each other and nobody is offered
// the text of somebody who used this computer before.
import type { Copy } from "./saver";

const PREFIX = "rambla:draft:";
const FORGET_AFTER_DAYS = 60;

function keyStart(person: string, url: string): string {
  return `${PREFIX}${person}:${url}:`;
}

export class Device {
  private readonly key: string;

  constructor(
    private readonly person: string,
    private readonly url: string,
    page: string,
  ) {
    this.key = keyStart(person, url) + page;
    // While the page lives, its copy is not an orphan for another tab.
    navigator.locks?.request(this.key, () => new Promise(() => undefined)).catch(() => undefined);
  }

  keep(copy: Copy | null): boolean {
    try {
      if (copy) localStorage.setItem(this.key, JSON.stringify(copy));
      else localStorage.removeItem(this.key);
      return true;
    } catch {
      return copy === null;
    }
  }

  /** Copies that a crashed or closed page has left behind, newest first. */
  async orphans(): Promise<{ key: string; copy: Copy }[]> {
    const alive = new Set<string>();
    if (navigator.locks) {
      const { held = [] } = await navigator.locks.query();
      for (const lock of held) alive.add(lock.name ?? "");
    }
    const found: { key: string; copy: Copy }[] = [];
    for (const key of this.keys(keyStart(this.person, this.url))) {
      const copy = this.read(key);
      if (key !== this.key && copy && !alive.has(key)) found.push({ key, copy });
    }
    return found.sort((one, other) => other.copy.at.localeCompare(one.copy.at));
  }

  forget(key: string): void {
    try {
      localStorage.removeItem(key);
    } catch {
      // Nothing was kept here in the first place.
    }
  }

  forgetOld(now: Date): void {
    const limit = new Date(now.getTime() - FORGET_AFTER_DAYS * 86_400_000).toISOString();
    for (const key of this.keys(PREFIX)) {
      const copy = this.read(key);
      if (!copy || copy.at < limit) this.forget(key);
    }
  }

  private keys(start: string): string[] {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(start));
    } catch {
      return [];
    }
  }

  private read(key: string): Copy | null {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "null") as Copy | null;
    } catch {
      return null;
    }
  }
}
