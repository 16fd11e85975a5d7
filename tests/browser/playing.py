"""Where interactive content stands in a page, and how to wait for it."""

from collections.abc import Callable

from playwright.sync_api import Frame, FrameLocator, Page


def player_of(page: Page) -> FrameLocator:
    return page.frame_locator(".interactive__frame")


def frame_of(page: Page) -> Frame:
    """The frame of the page's content, once it can be played."""
    page.locator('[data-h5p][data-state="ready"]').wait_for()
    (frame,) = [each for each in page.frames if "/h5p/frame/" in each.url]
    return frame


def until(page: Page, is_so: Callable[[], bool], what: str) -> None:
    for _ in range(100):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{what}: not within ten seconds")
