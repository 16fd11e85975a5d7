// A page whose browser has lost the cookie that forms are held against.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

interface Asked {
  url: string;
  token: string;
  body: unknown;
}

const field = { value: "of the old page" };
const page = {
  cookie: "",
  body: { dataset: { person: "7" } },
  querySelector: () => field,
  querySelectorAll: () => [field],
};
const TYPED = JSON.stringify({ text: "Typed." });
let asked: Asked[] = [];
let answers: Response[] = [];

const refusal = (code: string): Response =>
  new Response(JSON.stringify({ code, detail: "No." }), { status: 403 });

beforeEach(() => {
  asked = [];
  page.cookie = "";
  field.value = "of the old page";
  Object.assign(globalThis, {
    document: page,
    fetch: async (url: string, options: RequestInit) => {
      const headers = options.headers as Record<string, string>;
      asked.push({ url, token: headers["X-CSRFToken"] ?? "", body: options.body });
      return answers.shift();
    },
  });
});

afterEach(() => assert.equal(answers.length, 0));

test("without its cookie a page asks for a token before it sends what was typed", async () => {
  const { sendJson } = await import("../src/request");
  answers = [Response.json({ token: "new" }), Response.json({ version: 2 })];

  const response = await sendJson("PUT", "/draft/", { text: "Typed." }, false);

  assert.equal(response.status, 200);
  assert.deepEqual(asked, [
    { url: "/form-token/", token: "", body: undefined },
    { url: "/draft/", token: "new", body: TYPED },
  ]);
  assert.equal(field.value, "new");
});

test("a token that was replaced is renewed, and what was refused goes out again, once", async () => {
  const { sendJson } = await import("../src/request");
  page.cookie = "csrftoken=old";
  answers = [refusal("csrf_failed"), Response.json({ token: "new" }), refusal("csrf_failed")];

  const response = await sendJson("PUT", "/draft/", { text: "Typed." }, false);

  assert.deepEqual(
    asked.map(({ url, body }) => [url, body]),
    [["/draft/", TYPED], ["/form-token/", undefined], ["/draft/", TYPED]],
  );
  // A browser that keeps no cookies is told what the server says.
  assert.equal(((await response.json()) as { detail: string }).detail, "No.");
});

test("a page that is being left does not wait, and other refusals are answered as they are", async () => {
  const { sendJson } = await import("../src/request");
  answers = [refusal("permission_denied")];

  assert.equal((await sendJson("PUT", "/draft/", {}, true)).status, 403);
  assert.deepEqual(asked.map(({ url }) => url), ["/draft/"]);
});

test("what the desk posts, and that it is open, goes out again with another token too", async () => {
  const { post } = await import("../src/desk/send");
  const { askAgain } = await import("../src/presence");
  answers = [Response.json({ token: "new" }), Response.json({ id: 7 })];
  assert.deepEqual((await post("/notes/", { text: "Typed." })).body, { id: 7 });
  page.cookie = "csrftoken=old";
  answers = [refusal("csrf_failed"), Response.json({ token: "new" }), Response.json({ again_in: 9 })];
  assert.deepEqual(await askAgain("/here/", { method: "POST" }), { again_in: 9 });

  assert.deepEqual(
    asked.map(({ url }) => url),
    ["/form-token/", "/notes/", "/here/", "/form-token/", "/here/"],
  );
  assert.equal((asked[1]?.body as FormData).get("text"), "Typed.");
});

test("a question that changes nothing carries no token and asks for none", async () => {
  const { askAgain, SignedOut } = await import("../src/presence");
  answers = [new Response(null, { status: 304 }), refusal("permission_denied")];

  assert.equal(await askAgain("/news/"), null);
  await assert.rejects(askAgain("/news/"), SignedOut);
  assert.deepEqual(asked.map(({ url, token }) => [url, token]), [["/news/", ""], ["/news/", ""]]);
});

test("forms of a page that stands open are not sent in the name of who signs in next", async () => {
  const { renewFields } = await import("../src/csrf");
  for (const [cookie, shown] of [
    ["csrftoken=new; person=8:1a:x", "of the old page"],
    ["csrftoken=new; person=7:1a:x", "new"],
    ["csrftoken=newer", "newer"], // of a session from before there was this cookie
  ] as const) {
    page.cookie = cookie;
    renewFields();
    assert.equal(field.value, shown);
  }
});
