// Requests of tus that carry the hash of what they bring, so that a part damaged on its
// way is noticed and sent again.
import { DefaultHttpStack, type HttpRequest, type HttpResponse, type HttpStack } from "tus-js-client";

export class SealedStack implements HttpStack {
  private readonly plain = new DefaultHttpStack({});

  getName(): string {
    return "SealedStack";
  }

  createRequest(method: string, url: string): HttpRequest {
    const request = this.plain.createRequest(method, url);
    const send = request.send.bind(request);
    const abort = request.abort.bind(request);
    let aborted = false;
    request.abort = () => {
      aborted = true;
      return abort();
    };
    request.send = async (body: unknown): Promise<HttpResponse> => {
      if (body instanceof Blob && crypto.subtle) {
        const digest = await crypto.subtle.digest("SHA-256", await body.arrayBuffer());
        // Paused while it was counted: an aborted request is never answered.
        if (aborted) return new Promise(() => undefined);
        const bytes = String.fromCharCode(...new Uint8Array(digest));
        request.setHeader("Upload-Checksum", `sha256 ${btoa(bytes)}`);
      }
      return send(body);
    };
    return request;
  }
}
