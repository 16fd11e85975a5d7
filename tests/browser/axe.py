"""axe-core on a page, in light and dark, on a phone and at a desk."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page

# WCAG 2.2 AA, as everywhere on the site.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What another colour scheme or another width can change.
BY_LOOK = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]


@cache
def _source() -> str:
    path = Path(settings.BASE_DIR, "frontend/node_modules/axe-core/axe.min.js")
    if not path.exists():
        pytest.skip("needs axe-core: cd frontend && npm ci")
    return path.read_text(encoding="utf-8")


def faults(page: Page, looks: list[tuple[str, dict[str, int]]]) -> list[str]:
    """What axe finds on the page as it stands, in each of the `looks` (colour scheme and
    viewport): the rule, the element and what is wrong with it."""
    page.evaluate(_source())
    found = []
    for number, (scheme, size) in enumerate(looks):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        answer: dict[str, Any] = page.evaluate(
            """runOnly => axe.run(
                document, { runOnly, resultTypes: ["violations"], preload: false }
            )""",
            BY_LOOK if number else RULES,
        )
        for violation in answer["violations"]:
            for node in violation["nodes"]:
                where = f"{page.url} {scheme} {size['width']}"
                found.append(
                    f"{where}: {violation['id']}: {node['target']} {node['failureSummary']}"
                )
    return found
