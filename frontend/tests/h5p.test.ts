import assert from "node:assert/strict";
import { test } from "node:test";
import { readMessage } from "../src/h5p/messages";
import { Queue, type Sent, type Waiting } from "../src/h5p/queue";

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
