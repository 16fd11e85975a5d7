// A frame without an origin has no lasting cache, and what it needs it learns from its document
// alone. This page has both: the server has put beside the frame, as links, what it will ask for.
// Everybody may read that code, and none of it runs here.

export interface Brought {
  url: string;
  bytes: ArrayBuffer | null;
}

/** The bytes of what the links name, each as it comes; null of what did not come. */
export function bringCode(links: Iterable<HTMLLinkElement>): Promise<Brought>[] {
  return Array.from(links, async ({ href: url }) => ({ url, bytes: await fetchBytes(url) }));
}

export async function fetchBytes(url: string): Promise<ArrayBuffer | null> {
  try {
    // As the link does it: what is on its way is not asked for twice.
    const response = await fetch(url);
    return response.ok ? await response.arrayBuffer() : null;
  } catch {
    return null;
  }
}
