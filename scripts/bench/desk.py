"""How long it takes on the marking desk from the key `n` to the next project on the screen.

    python -m scripts.bench.desk http://127.0.0.1:8000 --edition barcelona-2025 \\
        --email instructor1@rambla.example --password …

A running site with projects that wait to be marked, and Chromium (CHROMIUM, or `chromium` on
the path). Measured in the page: from the key to the frame in which the other project's text
stands there to be read (fetched ahead), and to the one in which it can be worked on (taken,
checked for freshness), `--times` times. Says the median and the worst, and exits with 1 where
the first median is over `--limit`. Beside it the same by loading the page, for comparison.
"""

import argparse
import os
import shutil
import statistics
import sys
from typing import Any

from playwright.sync_api import Page, sync_playwright

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


def main() -> int:
    said = arguments()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, said)
        page.goto(f"{said.address}/marking/{said.edition}/next/")
        shown: list[float] = []
        taken: list[float] = []
        loads: list[float] = []
        for _ in range(said.times):
            with page.expect_response("**/ahead/"):
                page.reload()
            page.wait_for_load_state("networkidle")
            loads.append(float(page.evaluate(LOADED)))
            page.evaluate("window.isSamePage = true")
            for times, took in zip((shown, taken), page.evaluate(KEY_TO_FRAME), strict=True):
                times.append(float(took))
            if page.evaluate("window.isSamePage") is not True:
                print("The page was loaded anew: nothing was fetched ahead.")
                return 1
        browser.close()
    print(
        f"{said.times} times, from the key: shown {line(shown)}; taken {line(taken)}; "
        f"loading the page: {line(loads)}"
    )
    return int(statistics.median(shown) > said.limit)


LOADED = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def line(numbers: list[float]) -> str:
    return f"median {statistics.median(numbers):.0f} ms, worst {max(numbers):.0f} ms"


def sign_in(page: Page, said: Any) -> None:
    page.goto(f"{said.address}/accounts/login/")
    page.fill("#id_login", said.email)
    page.fill("#id_password", said.password)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login/" not in url)


def arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--edition", default="barcelona-2025")
    parser.add_argument("--email", default="instructor1@rambla.example")
    parser.add_argument("--password", required=True)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--limit", type=float, default=150, help="In milliseconds.")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
