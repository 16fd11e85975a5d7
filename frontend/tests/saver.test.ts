import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import {
  type Answer,
  type Clash,
  type Copy,
  Saver,
  same,
  type State,
  type Values,
} from "../src/autosave/saver";

interface Sent {
  version: number;
  values: Values;
  urgent: boolean;
  aside: Values;
  answer(answer: Answer): Promise<void>;
  fail(): Promise<void>;
}

const START: Values = { aim: "Grow", plan: "" };

/** A world with a clock that only moves when told, and a server one answers for. */
class World {
  sent: Sent[] = [];
  copy: Copy | null = null;
  states: State[] = [];
  clashes: Clash[] = [];
  gone: string[] = [];
  added: string[] = [];
  broughtIn: Values = {};
  /** Typed, and not told yet. */
  unsaid: Values = {};
  deviceIsFull = false;
  private time = Date.parse("2025-11-18T13:02:00Z");
  private timers: { at: number; run: () => void }[] = [];
  saver = new Saver(
    {
      send: (version, values, urgent, aside) =>
        new Promise((resolve, reject) => {
          this.sent.push({
            version,
            values: { ...values },
            urgent,
            aside: { ...aside },
            answer: async (answer) => {
              resolve(answer);
              await settle();
            },
            fail: async () => {
              reject(new TypeError("network"));
              await settle();
            },
          });
        }),
      keep: (copy) => {
        if (this.deviceIsFull && copy) return false;
        this.copy = copy;
        return true;
      },
      after: (milliseconds, run) => {
        const timer = { at: this.time + milliseconds, run };
        this.timers.push(timer);
        return () => {
          this.timers = this.timers.filter((other) => other !== timer);
        };
      },
      now: () => new Date(this.time),
      random: () => 0.5,
      changed: (state) => this.states.push(state),
      hearOut: () => {
        const unsaid = Object.entries(this.unsaid);
        this.unsaid = {};
        for (const [name, value] of unsaid) this.saver.change(name, value);
      },
      bringIn: (values) => Object.assign(this.broughtIn, values),
      clash: (clashes) => this.clashes.push(...clashes),
      gone: (names) => this.gone.push(...names),
      added: (names) => this.added.push(...names),
    },
    7,
    START,
  );

  pass(milliseconds: number): void {
    this.time += milliseconds;
    const due = this.timers.filter((timer) => timer.at <= this.time);
    this.timers = this.timers.filter((timer) => timer.at > this.time);
    for (const timer of due) timer.run();
  }

  get last(): Sent {
    const sent = this.sent.at(-1);
    assert.ok(sent, "nothing was sent");
    return sent;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const saved = (version: number): Answer => ({
  kind: "saved",
  version,
  savedAt: "2025-11-18T13:02:02Z",
});

let world: World;

beforeEach(() => {
  world = new World();
});

describe("saving", () => {
  test("a change is on the device at once and sent within two seconds, changed names only", () => {
    world.saver.change("aim", "Grow slowly");

    assert.deepEqual(world.copy?.values, { aim: "Grow slowly" });
    assert.equal(world.copy?.baseVersion, 7);
    world.pass(2_000);
    assert.equal(world.sent.length, 1);
    assert.equal(world.last.version, 7);
    assert.deepEqual(world.last.values, { aim: "Grow slowly" });
  });

  test("steady typing does not put the save off", () => {
    for (let at = 0; at < 20; at += 1) {
      world.saver.change("aim", `Grow ${at}`);
      world.pass(100);
    }

    assert.equal(world.sent.length, 1);
  });

  test("after the answer the copy is gone and the next save builds on the new version", async () => {
    world.saver.change("aim", "One");
    world.pass(2_000);
    await world.last.answer(saved(8));

    assert.equal(world.copy, null);
    assert.deepEqual([world.saver.state.status, world.saver.state.version], ["saved", 8]);
    world.saver.change("plan", "Two");
    world.pass(2_000);
    assert.deepEqual([world.last.version, world.last.values], [8, { plan: "Two" }]);
  });

  test("what is typed during a save stays on the device and follows", async () => {
    world.saver.change("aim", "One");
    world.pass(2_000);
    world.saver.change("aim", "One and two");
    await world.last.answer(saved(8));

    assert.deepEqual(world.copy?.values, { aim: "One and two" });
    world.pass(2_000);
    assert.deepEqual([world.last.version, world.last.values], [8, { aim: "One and two" }]);
  });

  test("typing back to the stored text leaves nothing to send", () => {
    world.saver.change("aim", "Other");
    world.saver.change("aim", "Grow");
    world.pass(10_000);

    assert.equal(world.sent.length, 0);
    assert.equal(world.copy, null);
  });

  test("line breaks of browser and server are the same text", () => {
    assert.ok(same("a\r\nb", "a\nb"));
    assert.ok(!same(["x"], ["x", "y"]));
  });
});

describe("flush", () => {
  test("sends at once and waits for what was typed meanwhile", async () => {
    world.saver.change("aim", "One");
    const done = world.saver.flush(true);
    await settle();
    assert.equal(world.last.urgent, true);
    world.saver.change("plan", "Two");
    await world.last.answer(saved(8));
    await world.last.answer(saved(9));

    assert.equal(await done, true);
    assert.deepEqual(world.last.values, { plan: "Two" });
    assert.equal(world.saver.state.version, 9);
  });

  test("says so when the text could not be saved", async () => {
    world.saver.change("aim", "One");
    const done = world.saver.flush();
    await settle();
    await world.last.fail();

    assert.equal(await done, false);
    assert.deepEqual(world.copy?.values, { aim: "One" });
  });
});

describe("without a connection", () => {
  test("changes are counted, kept, and tried again ever more slowly", async () => {
    world.saver.change("aim", "One");
    world.saver.change("plan", "Two");
    world.pass(2_000);
    await world.last.fail();

    assert.equal(world.saver.state.status, "offline");
    assert.equal(world.saver.state.changes, 2);
    assert.deepEqual(world.copy?.values, { aim: "One", plan: "Two" });
    const waits: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const before = world.sent.length;
      let waited = 0;
      while (world.sent.length === before) {
        world.pass(500);
        waited += 500;
      }
      waits.push(waited);
      await world.last.fail();
    }
    assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test("coming back online sends at once", async () => {
    world.saver.change("aim", "One");
    world.pass(2_000);
    await world.last.fail();
    world.saver.retryNow();

    assert.equal(world.sent.length, 2);
  });

  test("a device that keeps nothing is admitted", () => {
    world.deviceIsFull = true;
    world.saver.change("aim", "One");

    assert.equal(world.saver.state.keptOnDevice, false);
  });
});

describe("signed out", () => {
  test("nothing more is sent until the person is back", async () => {
    world.saver.change("aim", "One");
    world.pass(2_000);
    await world.last.answer({ kind: "signed-out" });
    world.saver.change("aim", "One more");
    world.pass(60_000);

    assert.equal(world.sent.length, 1);
    assert.deepEqual(world.copy?.values, { aim: "One more" });
    world.saver.retryNow();
    await world.last.answer(saved(8));
    assert.equal(world.saver.state.status, "saved");
  });
});

describe("refused", () => {
  test("the sentence is shown, the text kept, and only a new change is sent", async () => {
    world.saver.change("aim", "Too long");
    world.pass(2_000);
    await world.last.answer({ kind: "refused", sentence: "This text is longer than 500 kB." });
    world.pass(600_000);

    assert.equal(world.sent.length, 1);
    assert.equal(world.saver.state.sentence, "This text is longer than 500 kB.");
    assert.deepEqual(world.copy?.values, { aim: "Too long" });
    world.saver.change("aim", "Short");
    world.pass(2_000);
    assert.deepEqual(world.last.values, { aim: "Short" });
  });
});

describe("a newer version is stored", () => {
  async function meet(stored: Values, mine: Values): Promise<void> {
    for (const [name, value] of Object.entries(mine)) world.saver.change(name, value);
    world.pass(2_000);
    await world.last.answer({ kind: "conflict", version: 9, stored });
  }

  test("both texts are shown and nothing is sent before the choice", async () => {
    await meet({ aim: "Theirs", plan: "" }, { aim: "Mine" });

    assert.deepEqual(world.clashes, [{ name: "aim", mine: "Mine", theirs: "Theirs" }]);
    assert.equal(world.saver.state.status, "conflict");
    world.saver.change("aim", "Mine, longer");
    world.pass(60_000);
    assert.equal(world.sent.length, 1);
    assert.deepEqual(world.copy?.values, { aim: "Mine, longer" });
    assert.equal(await world.saver.flush(), false);
  });

  test("keeping mine saves it on top of theirs", async () => {
    await meet({ aim: "Theirs" }, { aim: "Mine" });
    world.saver.decide("aim", "Mine");

    assert.deepEqual([world.last.version, world.last.values], [9, { aim: "Mine" }]);
  });

  test("taking theirs leaves nothing to send", async () => {
    await meet({ aim: "Theirs" }, { aim: "Mine" });
    world.saver.decide("aim", "Theirs");

    assert.equal(world.sent.length, 1);
    assert.equal(world.copy, null);
  });

  test("a choice undone is saved like any change", async () => {
    await meet({ aim: "Theirs" }, { aim: "Mine" });
    world.saver.decide("aim", "Theirs");
    world.saver.decide("aim", "Mine");
    world.pass(2_000);

    assert.deepEqual([world.last.version, world.last.values], [9, { aim: "Mine" }]);
  });

  test("every field in conflict is asked about before saving goes on", async () => {
    await meet({ aim: "A2", plan: "P2" }, { aim: "A1", plan: "P1" });
    world.saver.decide("aim", "A1");
    assert.equal(world.sent.length, 1);
    world.saver.decide("plan", "P2");

    assert.deepEqual([world.last.version, world.last.values], [9, { aim: "A1" }]);
  });

  test("what a field has not said yet is heard out before anything replaces it", async () => {
    world.saver.change("aim", "Mine");
    world.pass(2_000);
    world.unsaid = { plan: "Just begun" };
    await world.last.answer({ kind: "conflict", version: 9, stored: { plan: "Theirs" } });

    assert.deepEqual(world.clashes, [{ name: "plan", mine: "Just begun", theirs: "Theirs" }]);
    assert.deepEqual(world.broughtIn, {});
    assert.deepEqual(world.copy?.values, { aim: "Mine", plan: "Just begun" });
  });

  test("and before news of another tab", () => {
    world.unsaid = { plan: "Just begun" };
    world.saver.hear(8, { plan: "Theirs" });

    assert.deepEqual(world.clashes, [{ name: "plan", mine: "Just begun", theirs: "Theirs" }]);
    assert.deepEqual(world.broughtIn, {});
  });

  test("each text decided against reaches the history, also two of one field", async () => {
    world.saver.decide("aim", "One", "Two");
    world.saver.decide("aim", "One", "Three");
    world.saver.decide("aim", "One", "Three");
    assert.deepEqual(world.copy?.aside, [
      ["aim", "Two"],
      ["aim", "Three"],
    ]);
    world.pass(2_000);
    assert.deepEqual([world.last.values, world.last.aside], [{ aim: "One" }, { aim: "Two" }]);
    await world.last.answer(saved(8));
    world.pass(2_000);
    assert.deepEqual([world.last.values, world.last.aside], [{}, { aim: "Three" }]);
    await world.last.answer(saved(9));

    assert.equal(world.copy, null);
    assert.equal(world.saver.state.status, "saved");
  });

  test("changes to different fields are merged without a question", async () => {
    await meet({ aim: "Grow", plan: "Theirs" }, { aim: "Mine" });

    assert.deepEqual(world.clashes, []);
    assert.deepEqual(world.broughtIn, { plan: "Theirs" });
    world.pass(2_000);
    assert.deepEqual([world.last.version, world.last.values], [9, { aim: "Mine" }]);
  });

  test("one's own save whose answer was lost is no conflict", async () => {
    await meet({ aim: "Mine", plan: "" }, { aim: "Mine" });

    assert.deepEqual(world.clashes, []);
    assert.equal(world.saver.state.status, "saved");
    assert.equal(world.copy, null);
  });
});

describe("news while the page stands open", () => {
  const nobody = (): boolean => false;

  test("what nobody touches here shows it at once, and the next save builds on it", () => {
    assert.deepEqual(world.saver.news(9, { aim: "Theirs", plan: "" }, nobody), ["aim"]);
    assert.deepEqual(world.broughtIn, { aim: "Theirs" });

    world.saver.change("plan", "Mine");
    world.pass(2_000);
    assert.deepEqual([world.last.version, world.last.values], [9, { plan: "Mine" }]);
  });

  test("a field that this page does not have is told of, by news and by a conflict alike", async () => {
    world.saver.news(9, { ...START, risks: "" }, nobody);
    assert.deepEqual(world.added, ["risks"]);

    world.saver.change("plan", "Mine");
    world.pass(2_000);
    await world.last.answer({ kind: "conflict", version: 11, stored: { ...START, budget: "" } });
    assert.deepEqual(world.added, ["risks", "budget"]);
    assert.equal(world.clashes.length, 0);
    world.pass(2_000);
    assert.deepEqual([world.last.version, world.last.values], [11, { plan: "Mine" }]);
  });

  test("nothing is taken in over what is typed, said or not, or on its way", async () => {
    const theirs = { aim: "Theirs", plan: "Theirs" };
    world.unsaid = { plan: "Just begun" };
    assert.equal(world.saver.news(9, theirs, nobody), null);
    world.pass(2_000);
    assert.equal(world.saver.news(9, theirs, nobody), null);
    assert.deepEqual(world.broughtIn, {});

    // The answer to the save tells, and both texts are kept.
    await world.last.answer({ kind: "conflict", version: 9, stored: theirs });
    assert.deepEqual(world.clashes, [{ name: "plan", mine: "Just begun", theirs: "Theirs" }]);
    assert.equal(world.saver.news(10, { aim: "Later", plan: "Later" }, nobody), null);
  });

  test("a field that somebody is at waits, and all of that version with it", () => {
    const theirs = { aim: "Theirs", plan: "Theirs" };
    assert.equal(world.saver.news(9, theirs, (name) => name === "plan"), null);
    assert.deepEqual([world.broughtIn, world.saver.state.version], [{}, 7]);
    assert.deepEqual(world.saver.news(9, theirs, nobody), ["aim", "plan"]);
  });

  test("what is not newer is none", () => {
    assert.equal(world.saver.news(7, { aim: "Old" }, nobody), null);
    assert.deepEqual(world.broughtIn, {});
  });

  test("a field that is gone is told, and its text and the rest count as saved", async () => {
    world.saver.change("aim", "In a section that was taken away");
    world.saver.change("plan", "Mine");
    world.pass(2_000);
    await world.last.answer({ ...saved(8), gone: ["aim"] } as Answer);

    assert.deepEqual(world.gone, ["aim"]);
    assert.equal(world.saver.state.status, "saved");
    assert.equal(world.copy, null);
  });
});
