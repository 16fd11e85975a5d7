// What the tabs of one browser tell each other: what was saved, and that somebody is
// signed in again.

const CHANNEL = "rambla";

interface Saved {
  kind: "saved";
  person: string;
  url: string;
  version: number;
  values: Record<string, string | boolean | string[]>;
}

interface SignedIn {
  kind: "signed-in";
  person: string;
}

type News = Saved | SignedIn;

const channel = "BroadcastChannel" in window ? new BroadcastChannel(CHANNEL) : null;

export function tellTabs(news: News): void {
  channel?.postMessage(news);
}

export function onNews(hear: (news: News) => void): void {
  channel?.addEventListener("message", (event: MessageEvent<News>) => hear(event.data));
}
