"""From the key `n` on the marking desk to the next project on the screen.

In Chromium, in the page: to the frame in which the other project's text stands there to be
read (fetched ahead), and to the one in which it can be worked on (taken, and checked for
freshness). Beside it the same by loading the page. The marker stays a moment with each
project, as whoever reads does; 200 wait to be marked.
"""

import os
from typing import Any

from django.conf import settings
from django.urls import reverse

from scripts.bench.population import Population
from scripts.bench.rows import timed_row

TIMES = 12
STAYS_MS = 1_500
# Waits each time for the frame after the one in which it has changed.
KEY_TO_FRAME = """() => new Promise((resolve) => {
  const attempt = () => document.querySelector("[data-desk]")?.dataset.attempt;
  const before = attempt();
  const begun = performance.now();
  let shown = 0;
  const look = () => requestAnimationFrame(() => {
    if (!shown && attempt() && attempt() !== before) shown = -1;
    else if (shown === -1) shown = performance.now() - begun;
    if (shown > 0 && !document.querySelector("main[inert]")) {
      resolve([shown, performance.now() - begun]);
    } else look();
  });
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }));
  look();
})"""
LOADED = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def desk_rows(people: Population, address: str) -> list[dict[str, Any]]:
    """`address`: of our running server."""
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        print("Without CHROMIUM nobody presses a key: no rows of the next project.")
        return []
    from playwright.sync_api import sync_playwright

    cookie, assessment = people.marked[0]
    desk = reverse("assessments:desk", args=[people.few.slug, assessment.submission_id])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        key = cookie.removeprefix(f"{settings.SESSION_COOKIE_NAME}=")
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": address}])
        page = context.new_page()
        page.goto(f"{address}{desk}")
        page.evaluate("window.isSamePage = true")
        pressed = []
        for _ in range(TIMES):
            page.wait_for_timeout(STAYS_MS)
            pressed.append(page.evaluate(KEY_TO_FRAME))
        assert page.evaluate("window.isSamePage"), "Loaded anew: nothing was fetched ahead."
        loaded = []
        for _ in range(TIMES):
            page.reload()
            loaded.append(page.evaluate(LOADED))
        browser.close()
    return [
        timed_row("desk: next shown after its key", [s for s, _taken in pressed], scale=TIMES),
        timed_row("desk: next taken", [taken for _shown, taken in pressed], scale=TIMES),
        timed_row("desk: page loaded instead", loaded, scale=TIMES),
    ]
