// Copies of unsaved text on the device, in IndexedDB. A copy belongs to one person, one
// draft and one opened page, so that two tabs do not overwrite each other and nobody is
// offered the text of somebody who used this computer before.
import type { Copy } from "./saver";

const DATABASE = "rambla";
const STORE = "drafts";
const FORGET_AFTER = 60 * 86_400_000;

interface Kept {
  key: string;
  start: string;
  copy: Copy;
  /** When a page came upon it as an old one, by the clock of the server. */
  foundAt?: string;
}

function isLongAgo(at: string, now: Date): boolean {
  return now.getTime() - Date.parse(at) > FORGET_AFTER;
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // A private window may refuse it, or have none.
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

export class Device {
  private readonly start: string;
  private readonly key: string;
  private readonly database: Promise<IDBDatabase | null>;
  private next: Copy | null | undefined;
  private writing: Promise<boolean> | null = null;

  constructor(person: string, url: string, page: string) {
    this.start = `${person}:${url}:`;
    this.key = this.start + page;
    this.database = opened().catch(() => null);
    // While the page lives, its copy is not an orphan for another tab.
    navigator.locks?.request(this.key, () => new Promise(() => undefined)).catch(() => undefined);
  }

  async isThere(): Promise<boolean> {
    return (await this.database) !== null;
  }

  /** Writes at once, or right after the write that is under way: only the last one counts. */
  keep(copy: Copy | null): Promise<boolean> {
    this.next = copy;
    this.writing ??= this.write().finally(() => {
      this.writing = null;
    });
    return this.writing;
  }

  /** Copies that a crashed or closed page has left behind, newest first. */
  async orphans(): Promise<{ key: string; copy: Copy }[]> {
    const alive = await this.alive();
    const left = (await this.all()).filter(
      ({ key, start }) => start === this.start && key !== this.key && !alive.has(key),
    );
    return left.sort((one, other) => other.copy.at.localeCompare(one.copy.at));
  }

  /** Once what this page has to keep is kept: it may be the same text. */
  async forget(key: string): Promise<void> {
    if (this.writing && !(await this.writing)) return;
    await this.change((store) => store.delete(key));
  }

  async putBack(key: string, copy: Copy): Promise<void> {
    const kept: Kept = { key, start: this.start, copy };
    await this.change((store) => store.put(kept));
  }

  /** What nobody came back for. The clock of a device may be wrong by years, now or when the
   * text was typed: it only says which copies may be old. From then on the server's counts. */
  async forgetOld(now: Date, serverTime: () => Promise<Date | null>): Promise<void> {
    const alive = await this.alive();
    const old = (await this.all()).filter(
      ({ key, copy }) => !alive.has(key) && isLongAgo(copy.at, now),
    );
    const today = old.length ? await serverTime() : null;
    if (!today) return;
    for (const kept of old) {
      if (!kept.foundAt) {
        await this.change((store) => store.put({ ...kept, foundAt: today.toISOString() }));
      } else if (isLongAgo(kept.foundAt, today)) await this.forget(kept.key);
    }
  }

  /** Keys of the pages that are open. */
  private async alive(): Promise<Set<string>> {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    return new Set(held.map((lock) => lock.name ?? ""));
  }

  private async write(): Promise<boolean> {
    let kept = true;
    while (this.next !== undefined) {
      const copy = this.next;
      this.next = undefined;
      const put: Kept | null = copy && { key: this.key, start: this.start, copy };
      kept = await this.change((store) => (put ? store.put(put) : store.delete(this.key)));
      if (!copy && !kept) kept = true; // Nothing was to be kept.
    }
    return kept;
  }

  private async change(run: (store: IDBObjectStore) => IDBRequest): Promise<boolean> {
    const database = await this.database;
    if (!database) return false;
    return new Promise((resolve) => {
      try {
        const transaction = database.transaction(STORE, "readwrite");
        transaction.oncomplete = () => resolve(true);
        transaction.onabort = () => resolve(false);
        transaction.onerror = () => resolve(false);
        run(transaction.objectStore(STORE));
        transaction.commit?.();
      } catch {
        resolve(false);
      }
    });
  }

  private async all(): Promise<Kept[]> {
    const database = await this.database;
    if (!database) return [];
    return new Promise((resolve) => {
      const request = database.transaction(STORE).objectStore(STORE).getAll();
      request.onsuccess = () => resolve(request.result as Kept[]);
      request.onerror = () => resolve([]);
    });
  }
}
