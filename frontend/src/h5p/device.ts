// What this browser keeps for us, by key; in memory where it keeps nothing.

export interface Drawer<T> {
  read(): T | null;
  write(value: T | null): void;
}

export function drawer<T>(key: string): Drawer<T> {
  let memory: T | null = null;
  let isOnlyInMemory = false;
  return {
    read: () => {
      // What the browser still has is older than what it had no room for.
      if (isOnlyInMemory) return memory;
      try {
        const text = localStorage.getItem(key);
        return text ? (JSON.parse(text) as T) : memory;
      } catch {
        return memory;
      }
    },
    write: (value) => {
      memory = value;
      try {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, JSON.stringify(value));
        isOnlyInMemory = false;
      } catch {
        isOnlyInMemory = true;
        // It is in memory as long as the page is open.
      }
    },
  };
}

/** Nothing is to be had any more from these: another version is played now. */
export function clearDrawers(prefix: string, except: string): void {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(prefix) && key !== except) localStorage.removeItem(key);
    }
  } catch {
    // There is nothing to clear.
  }
}
