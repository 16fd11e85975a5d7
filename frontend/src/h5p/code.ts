// A frame without an origin has no lasting cache: this page keeps the code of players for it,
// by what it is, and hands it over. Everybody may read that code, and none of it runs here.

export interface CodeFile {
  url: string;
  integrity: string;
}

const CACHE = "rambla-h5p-code";
// Nothing escaped: a server may take %2f for a slash.
const PLACES = /^\/h5p\/(core|bundles)\/[\w./-]+$/;
const MOST_KEPT = 60;

/** The bytes of each file, or null of what is not kept here. */
export async function keptCode(files: CodeFile[]): Promise<(ArrayBuffer | null)[]> {
  try {
    const cache = await caches.open(CACHE);
    return await Promise.all(
      files.map(async (file) => (await cache.match(nameOf(file)))?.arrayBuffer() ?? null),
    );
  } catch {
    // Not without a secure connection, and not where the browser is told to keep nothing.
    return files.map(() => null);
  }
}

/** Fetch and keep what is missing: what is public on the frame's host, and is what it is said
 *  to be. Nothing that comes from the frame is kept. */
export async function keepCode(files: CodeFile[], frame: string): Promise<void> {
  const { origin } = new URL(frame);
  try {
    const cache = await caches.open(CACHE);
    for (const file of files) {
      const { origin: host, pathname, search, hash } = new URL(file.url);
      if (host !== origin || !PLACES.test(pathname + search + hash)) return;
      if (await cache.match(nameOf(file))) continue;
      const response = await fetch(file.url, {
        integrity: file.integrity,
        credentials: "omit",
        cache: "no-store",
        priority: "low",
      });
      // Without the headers of the answer, which would say for whom else it holds.
      if (!response.ok) return;
      await cache.put(nameOf(file), new Response(await response.arrayBuffer()));
    }
    const names = await cache.keys();
    await Promise.all(names.slice(0, -MOST_KEPT).map((name) => cache.delete(name)));
  } catch {
    // The next visit is as slow as this one.
  }
}

function nameOf(file: CodeFile): string {
  return `${file.url}?${file.integrity}`;
}
