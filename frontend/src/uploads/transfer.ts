// One file on its way: goes on after a lost connection, a reload, a new sign-in, until it
// has arrived, is refused with a reason, or is cancelled.
import { type DetailedError, type HttpRequest, type HttpResponse, Upload } from "tus-js-client";
import { csrfToken, hasToken, renewToken, TOKEN_REFUSED } from "../csrf";
import { isBusy, isSignedOut, sendJson } from "../request";
import { nextPiece, PIECE } from "./pieces";
import { isPassing, isTooMuchAtOnce, problemOf } from "./problem";
import { SealedStack } from "./sealed";

export type Status =
  | "queued"
  | "sending"
  | "paused"
  | "offline"
  | "retrying"
  | "signed-out"
  | "storing" // all of it is with us; the file store is slow or away
  | "refused"
  | "attached";

export interface State {
  status: Status;
  sent: number;
  /** Why it was refused, or why storing takes longer; "" otherwise. */
  sentence: string;
}

export interface Place {
  endpoint: string;
  project: string;
  person: string;
}

const RETRY_MS = [500, 2_000, 5_000, 10_000, 20_000];

export class Transfer {
  state: State = { status: "queued", sent: 0, sentence: "" };
  private readonly upload: Upload;
  private attempts = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pieceBegan = 0;
  /** No piece may be larger: a proxy on the way has said so. */
  private most: number = PIECE.most;
  private answer: HttpResponse | null = null;
  private hasLooked = false;
  private hasRenewed = false;
  /** What the server has said it has: from there it goes on, however much was sent. */
  private arrived = 0;
  /** Of the upload that is begun: asked for twice, because the answer was lost, it is one. */
  private key: string = crypto.randomUUID();

  constructor(
    readonly file: File,
    place: Place,
    private readonly changed: (transfer: Transfer) => void,
  ) {
    this.upload = new Upload(file, {
      endpoint: place.endpoint,
      metadata: { filename: file.name, project: place.project },
      chunkSize: PIECE.first,
      // Trying again is ours to decide: the client would give up, or begin anew.
      retryDelays: null,
      removeFingerprintOnSuccess: true,
      httpStack: new SealedStack(),
      fingerprint: () => Promise.resolve(fingerprint(file, place)),
      onBeforeRequest: (request) => this.sign(request),
      onAfterResponse: (request, response) => this.look(request, response),
      onProgress: (sent) => this.show("sending", sent),
      onChunkComplete: (size) => this.adapt(size),
      onSuccess: () => void this.attach(),
      onError: (error) => this.stumble(error),
    });
  }

  /** The address of the upload, once there is one. */
  get url(): string {
    return this.upload.url ?? "";
  }

  get isOpen(): boolean {
    return !["attached", "refused"].includes(this.state.status);
  }

  get isRunning(): boolean {
    return this.isOpen && this.state.status !== "paused" && this.state.status !== "queued";
  }

  async start(): Promise<void> {
    clearTimeout(this.timer);
    this.show(navigator.onLine ? "sending" : "offline");
    if (!this.hasLooked) {
      this.hasLooked = true;
      const [previous] = await this.upload.findPreviousUploads();
      if (previous) this.upload.resumeFromPreviousUpload(previous);
      if (this.state.status === "paused") return;
    }
    this.pieceBegan = performance.now();
    this.upload.start();
  }

  pause(): void {
    clearTimeout(this.timer);
    void this.upload.abort();
    this.show("paused", this.arrived);
  }

  async cancel(): Promise<void> {
    clearTimeout(this.timer);
    this.show("paused");
    await this.upload.abort();
    // Nobody asked for it yet, or the connection is gone: the server forgets it by itself.
    if (this.url) await this.upload.abort(true).catch(() => undefined);
  }

  /** The connection or the session may be back. */
  wake(): void {
    if (["offline", "retrying", "signed-out"].includes(this.state.status)) void this.start();
    else if (this.state.status === "storing") void this.attach();
  }

  private async sign(request: HttpRequest): Promise<void> {
    if (request.getMethod() !== "HEAD" && !hasToken()) await renewToken();
    request.setHeader("X-CSRFToken", csrfToken());
    request.setHeader("X-Requested-With", "fetch");
    if (request.getMethod() === "POST") request.setHeader("Idempotency-Key", this.key);
  }

  private look(request: HttpRequest, response: HttpResponse): void {
    this.answer = response;
    const offset = response.getHeader("Upload-Offset");
    if (offset) this.arrived = Number(offset);
    const status = response.getStatus();
    if (request.getMethod() !== "HEAD" || status < 400) return;
    // It waited too long and is gone: the client begins another one.
    if (status === 404 || status === 410) this.key = crypto.randomUUID();
    // The client takes any refusal of HEAD for that.
    else {
      throw new Error(`HEAD was answered with ${status}`);
    }
  }

  private adapt(size: number): void {
    this.attempts = 0;
    this.hasRenewed = false;
    const took = performance.now() - this.pieceBegan;
    this.pieceBegan = performance.now();
    const left = this.file.size - this.arrived;
    this.upload.options.chunkSize = nextPiece(size, took, left, this.most);
  }

  /** The cookie that requests are held against was replaced: go on with another token, once. */
  private async renew(): Promise<void> {
    this.hasRenewed = true;
    this.show("retrying", this.arrived);
    await renewToken();
    if (this.isRunning) void this.start();
  }

  /** After a break the line may be another one: how quick it is shows the next piece. */
  private beSmaller(): void {
    const half = (this.upload.options.chunkSize ?? PIECE.first) / 2;
    this.upload.options.chunkSize = Math.max(PIECE.least, Math.min(PIECE.first, half));
  }

  private stumble(error: Error | DetailedError): void {
    const answer = "originalResponse" in error ? (error.originalResponse ?? this.answer) : null;
    const status = answer?.getStatus() ?? 0;
    this.answer = null;
    if (status === 401) return this.show("signed-out", this.arrived);
    const problem = problemOf(answer?.getBody() ?? "");
    if (problem.code === TOKEN_REFUSED && !this.hasRenewed) return void this.renew();
    const sent = this.upload.options.chunkSize ?? PIECE.first;
    if (isTooMuchAtOnce(status, problem) && sent > PIECE.least) this.most = sent / 2;
    else if (!isPassing(status, problem)) {
      return this.show("refused", this.state.sent, problem.sentence);
    }
    this.beSmaller();
    this.show(navigator.onLine ? "retrying" : "offline", this.arrived);
    const wait = RETRY_MS[Math.min(this.attempts, RETRY_MS.length - 1)] ?? 0;
    this.attempts += 1;
    this.timer = setTimeout(() => void this.start(), wait);
  }

  /** All has arrived. Usually it is attached by then; otherwise ask for it until it is. */
  private async attach(): Promise<void> {
    clearTimeout(this.timer);
    let response: Response;
    try {
      response = await sendJson("POST", `${this.url}finish/`, {}, false);
    } catch {
      return this.later("");
    }
    if (response.ok) return this.show("attached", this.file.size);
    if (isSignedOut(response)) return this.show("signed-out");
    const problem = problemOf(await response.text());
    if (isBusy(response)) return this.later(problem.sentence);
    // The disk had lost some of it: it is sent again.
    if (isPassing(response.status, problem)) return void this.start();
    this.show("refused", this.state.sent, problem.sentence);
  }

  private later(sentence: string): void {
    this.show("storing", this.file.size, sentence);
    this.timer = setTimeout(() => void this.attach(), RETRY_MS.at(-1));
  }

  private show(status: Status, sent = this.state.sent, sentence = ""): void {
    this.state = { status, sent, sentence };
    this.changed(this);
  }
}

/** The same file of the same person for the same project, also after a reload. */
export function fingerprint(file: File, place: Place): string {
  const parts = [place.person, place.project, file.name, file.size, file.lastModified];
  return `rambla:upload:${parts.join(":")}`;
}
