// The library of H5P activities in the CMS: uploads that show how far they are, previews
// that are as high as what they show and have their answers marked.

import { openOutside } from "./h5p/outside";

function start(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-h5p-upload]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      upload(form);
    });
  }
}

function upload(form: HTMLFormElement): void {
  const progress = form.querySelector<HTMLElement>("[data-h5p-progress]");
  const bar = progress?.querySelector("progress");
  const said = progress?.querySelector<HTMLElement>("[role=status]");
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  if (!progress || !bar || !said || !button) return form.submit();
  progress.hidden = false;
  button.disabled = true;

  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    const percent = Math.round((event.loaded / event.total) * 100);
    bar.value = percent;
    said.textContent = `${said.dataset.uploading} ${percent} %`;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    said.textContent = said.dataset.checking ?? "";
  });
  request.addEventListener("load", () => {
    const result = "#h5p-upload-result";
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const shown = page.querySelector(result);
    if (!shown || request.responseURL !== new URL(form.action).href) {
      location.assign(request.responseURL);
      return;
    }
    const made = document.adoptNode(shown);
    document.querySelector(result)?.replaceWith(made);
    start();
    made.setAttribute("tabindex", "-1");
    (made as HTMLElement).focus({ preventScroll: true });
  });
  request.addEventListener("error", () => {
    bar.value = 0;
    button.disabled = false;
    said.textContent = said.dataset.failed ?? "";
  });
  request.send(new FormData(form));
}

interface FrameMessage {
  from?: string;
  kind?: string;
  type?: string;
  height?: unknown;
  url?: unknown;
  nonce?: unknown;
  id?: unknown;
  request?: unknown;
}

// Frames have no origin: only their windows say which one speaks. This listens before there
// is a frame, because a quick one has said how high it is before the page is complete.
window.addEventListener("message", async (event: MessageEvent<FrameMessage | null>) => {
  const frames = [...document.querySelectorAll<HTMLIFrameElement>("iframe[data-h5p-preview]")];
  const frame = frames.find((each) => each.contentWindow === event.source);
  const message = event.data;
  if (!frame || typeof message !== "object" || !message) return;
  if (message.from === "h5p-frame" && message.kind === "resize") {
    const height = Number(message.height);
    if (height > 0) frame.style.height = `${Math.min(Math.ceil(height), 20_000)}px`;
  } else if (message.from === "h5p-frame" && message.kind === "open") {
    openOutside(document, String(message.url));
  } else if (message.type === "rambla.mark" && frame.dataset.markUrl) {
    const { nonce, id } = message;
    const result = await mark(frame.dataset.markUrl, message.request);
    frame.contentWindow?.postMessage({ type: "rambla.marked", nonce, id, result }, "*");
  }
});

async function mark(url: string, request: unknown): Promise<unknown> {
  const token = document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]");
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token?.value ?? "" },
      body: JSON.stringify(request),
    });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}

document.addEventListener("DOMContentLoaded", start);
