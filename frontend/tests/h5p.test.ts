import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { bringCode } from "../src/h5p/code";
import { drawer } from "../src/h5p/device";
import { readMessage } from "../src/h5p/messages";
import { Queue, type Sent, type Waiting } from "../src/h5p/queue";
import { Unsaved, type Kept } from "../src/h5p/unsaved";

const TOKEN = "the-token";
const said = (more: object): unknown => ({ from: "h5p-frame", token: TOKEN, ...more });

test("only messages of this frame in their shapes are heard", () => {
  assert.deepEqual(readMessage(said({ kind: "resize", height: 99.2 }), TOKEN), {
    kind: "resize",
    height: 100,
  });
  assert.deepEqual(
    readMessage(said({ kind: "state", dataType: "state", subContentId: "0", data: null }), TOKEN),
    { kind: "state", dataType: "state", subContentId: "0", data: null },
  );
  for (const wrong of [
    null,
    "text",
    [],
    { from: "h5p-frame", token: "guessed", kind: "ready" },
    said({ kind: "navigate", to: "https://example.org" }),
    said({ kind: "resize", height: "100" }),
    said({ kind: "resize", height: Number.NaN }),
    said({ kind: "resize", height: -1 }),
    said({ kind: "xapi", statement: "x" }),
    said({ kind: "xapi", statement: { long: "x".repeat(200_000) } }),
    said({ kind: "state", dataType: "state", subContentId: "0", data: { a: 1 } }),
    said({ kind: "state", dataType: "", subContentId: "0", data: "" }),
    { type: "rambla.mark", nonce: "guessed", id: 1, request: { question: "q", response: [] } },
    { type: "rambla.mark", nonce: TOKEN, id: {}, request: { question: "q", response: [] } },
    { type: "rambla.mark", nonce: TOKEN, id: 1, request: { question: 7 } },
  ]) {
    assert.equal(readMessage(wrong, TOKEN), null, JSON.stringify(wrong)?.slice(0, 80));
  }
  const tall = readMessage(said({ kind: "resize", height: 1e9 }), TOKEN);
  assert.deepEqual(tall, { kind: "resize", height: 12_000 });
});

function queueOf(answers: (batch: string[]) => Sent): { queue: Queue; kept: () => string[] } {
  let waiting: Waiting[] = [];
  const store = { read: () => waiting, write: (now: Waiting[]) => void (waiting = now) };
  const queue = new Queue(store, async (_play, batch) => answers(batch.map((each) => each.id)));
  return { queue, kept: () => waiting.map((each) => each.id) };
}

const one = (id: string, play = "p1"): Waiting => ({ id, play, statement: { id } });

test("what is not taken waits, in its order, by player", async () => {
  const batches: string[][] = [];
  let up = false;
  const { queue, kept } = queueOf((batch) => {
    batches.push(batch);
    return up ? { kind: "taken", done: false } : { kind: "busy" };
  });
  queue.add(one("a"));
  queue.add(one("b"));
  queue.add(one("c", "p2"));
  assert.equal((await queue.flush()).kind, "busy");
  assert.deepEqual(kept(), ["a", "b", "c"]);
  up = true;
  assert.equal((await queue.flush()).kind, "taken");
  assert.deepEqual(kept(), []);
  assert.deepEqual(batches.slice(1), [["a", "b"], ["c"]]);
});

test("one refused statement does not take the others with it", async () => {
  const taken: string[] = [];
  const { queue, kept } = queueOf((batch) => {
    if (batch.includes("bad")) return { kind: "refused" };
    taken.push(...batch);
    return { kind: "taken", done: true };
  });
  for (const id of ["a", "bad", "b"]) queue.add(one(id));
  assert.deepEqual(await queue.flush(), { kind: "taken", done: true });
  assert.deepEqual(taken, ["a", "b"]);
  assert.deepEqual(kept(), []);
});

test("signed out, everything is kept", async () => {
  const { queue, kept } = queueOf(() => ({ kind: "signed-out" }));
  queue.add(one("a"));
  assert.equal((await queue.flush()).kind, "signed-out");
  assert.deepEqual(kept(), ["a"]);
});

test("a state waits on the device until the server has it, or a newer one", () => {
  let kept: Kept | null = null;
  const unsaved = new Unsaved({ read: () => kept, write: (now) => void (kept = now) });
  unsaved.add("0", "state", "one", 1000, 500);
  unsaved.add("0", "other", null, 1001, 500);
  const sent = unsaved.state ?? {};
  unsaved.add("0", "state", "two", 1002, 500);
  unsaved.saved(sent, 1005);
  const left = { "0": { state: "two" } };
  assert.deepEqual(kept, { at: 1002, base: 1005, state: left });
  // The server's clock and ours never quite agree: what it has is what we have built on.
  assert.deepEqual(unsaved.newerThan(1005), left);
  assert.deepEqual(unsaved.newerThan(1001), left);
  assert.equal(unsaved.newerThan(2000), null);
  assert.equal(kept, null);
});

test("names that a frame gives never reach what all objects share", () => {
  let kept: Kept | null = null;
  // As the browser keeps it: as text.
  const unsaved = new Unsaved({
    read: () => kept,
    write: (now) => void (kept = now && (JSON.parse(JSON.stringify(now)) as Kept)),
  });
  unsaved.add("__proto__", "method", "POST", 1, 0);
  unsaved.add("constructor", "keys", "text", 1, 0);
  const sent = unsaved.state ?? {};
  unsaved.add("__proto__", "method", "DELETE", 2, 0);
  unsaved.add("constructor", "keys", "other", 2, 0);
  unsaved.saved(sent, 1);

  assert.equal(({} as Record<string, unknown>).method, undefined);
  assert.equal(typeof Object.keys, "function");
  assert.deepEqual(JSON.stringify((kept as Kept | null)?.state), JSON.stringify(unsaved.state));
  assert.match(JSON.stringify(kept), /"__proto__":\{"method":"DELETE"\}/);
});

test("a frame cannot fill the store of the pages around it", () => {
  let kept: Kept | null = null;
  const unsaved = new Unsaved({ read: () => kept, write: (now) => void (kept = now) });
  unsaved.add("0", "state", "work", 1, 0);
  for (let part = 1; part < 20; part += 1) {
    unsaved.add(String(part), "state", "x".repeat(290_000), 1, 0);
  }
  assert.ok(JSON.stringify(kept).length < 700_000);
  assert.equal(unsaved.state?.["0"]?.state, "work");

  const { queue, kept: waiting } = queueOf(() => ({ kind: "busy" }));
  for (let at = 0; at < 100; at += 1) {
    queue.add({ id: String(at), play: "p1", statement: { long: "x".repeat(99_000) } });
  }
  assert.ok(waiting().length >= 9 && waiting().length <= 11);
  assert.equal(waiting()[0], "0");
});

test("what the browser has no room for is in memory as long as the page", () => {
  const items = new Map<string, string>();
  let isFull = false;
  Object.assign(globalThis, {
    localStorage: {
      getItem: (key: string) => items.get(key) ?? null,
      removeItem: (key: string) => items.delete(key),
      setItem: (key: string, value: string) => {
        if (isFull) throw new Error("QuotaExceededError");
        items.set(key, value);
      },
    },
  });
  const kept = drawer<string[]>("k");
  kept.write(["a"]);
  isFull = true;
  kept.write(["a", "b"]);
  assert.deepEqual(kept.read(), ["a", "b"]);
  isFull = false;
  kept.write(["a", "b", "c"]);
  assert.equal(items.get("k"), '["a","b","c"]');
  kept.write(null);
  assert.equal(kept.read(), null);
});

test("what the links name is brought, and null of what does not come", async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/gone.js" ? 404 : 200);
    response.end(`text of ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const links = ["/core.js", "/gone.js"].map((path) => ({ href: host + path }));
  try {
    const brought = await Promise.all(
      bringCode([...links, { href: "http://127.0.0.1:1/" }] as HTMLLinkElement[]),
    );
    const texts = brought.map(({ bytes }) => bytes && new TextDecoder().decode(bytes));
    assert.deepEqual(texts, ["text of /core.js", null, null]);
    assert.equal(brought[0]?.url, `${host}/core.js`);
  } finally {
    server.close();
  }
});
