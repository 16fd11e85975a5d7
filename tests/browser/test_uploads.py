"""A file on its way over a bad connection: nothing is lost, nothing is sent twice."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from assessments.models import ProjectFile, SubmitIntent, Upload
from tests.assessments.test_files import sized
from tests.browser.conftest import SignIn
from tests.factories import assessments
from tests.factories.programme import EditionFactory
from tests.factories.uploads import upload_at

SIZE = 5 * 1024 * 1024


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "Plan – Łódź.pdf"
    path.write_bytes(sized(SIZE))
    return path


@pytest.fixture
def open_desk(page: Page, sign_in: SignIn) -> Callable[[], Any]:
    """A draft whose deadline lies far ahead, for files of 20 MB."""

    def open_it(**rules: Any) -> Any:
        edition = EditionFactory.create()
        project = assessments.project_in(edition)
        project.deadline_wall = project.deadline_wall.replace(year=2099)
        project.save()
        assessments.publish(project.guidelines_page, **{"max_file_mb": 20} | rules)
        submission = assessments.write(assessments.start(edition))
        sign_in(submission.owner.user)
        page.goto(f"/project/{edition.slug}/")
        expect(page.locator("[data-uploads][data-started]")).to_have_count(1)
        return submission

    return open_it


def is_piece(url: str) -> bool:
    return "/api/v1/uploads/" in url and not url.endswith(("/uploads/", "/finish/"))


def cut_after(page: Page, allowed: int) -> list[str]:
    """Let pieces through as long as no more than `allowed` bytes pass. Returns the
    addresses of the pieces that were cut."""
    passed, cut = [0], []

    def pass_or_cut(route: Route) -> None:
        request = route.request
        if request.method != "PATCH":
            route.continue_()
            return
        size = int(request.headers.get("content-length") or len(request.post_data_buffer))
        if passed[0] + size > allowed:
            cut.append(request.url)
            route.abort("connectionreset")
        else:
            passed[0] += size
            route.continue_()

    page.route(is_piece, pass_or_cut)
    return cut


def test_an_upload_cut_at_40_per_cent_goes_on_after_a_reload(
    page: Page, open_desk: Callable[[], Any], plan: Path
) -> None:
    submission = open_desk()
    cut = cut_after(page, SIZE * 2 // 5)
    choose = page.locator("[data-uploads] input[type=file]")
    choose.set_input_files(plan)
    row = page.locator(".files--arriving .file--arriving")
    note = re.compile(r"The connection broke at (3\d|40) %")
    expect(row.locator(".file__note")).to_have_text(note)
    upload = upload_at(cut[0])
    assert 0.3 <= upload.offset / SIZE <= 0.4
    assert ProjectFile.objects.count() == 0

    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("[data-upload]")).to_contain_text("Choose the same file again")
    page.unroute(is_piece)
    offsets: list[str] = []
    page.on(
        "request",
        lambda request: (
            offsets.append(request.headers["upload-offset"]) if request.method == "PATCH" else None
        ),
    )
    choose.set_input_files(plan)
    expect(page.locator("[data-uploads-files] .file__name")).to_have_text(plan.name)

    assert offsets[0] == str(upload.offset)
    file = ProjectFile.objects.get(submission=submission)
    assert (file.name, file.size) == (plan.name, SIZE)
    assert file.sha256 == sha256(plan.read_bytes()).hexdigest()
    expect(page.locator("[data-upload]")).to_have_count(0)
    expect(row).to_have_count(0)


def test_a_lost_cookie_of_the_form_is_renewed_and_the_file_goes_on(
    page: Page, open_desk: Callable[[], Any], plan: Path
) -> None:
    submission = open_desk()
    refused: list[int] = []
    page.on("response", lambda answer: refused.append(answer.status) if not answer.ok else None)
    page.context.clear_cookies(name="csrftoken")
    page.locator("[data-uploads] input[type=file]").set_input_files(plan)

    expect(page.locator("[data-uploads-files] .file__name")).to_have_text(plan.name)
    assert ProjectFile.objects.get(submission=submission).size == SIZE
    assert refused == []


def test_pausing_submitting_and_cancelling_with_the_keyboard(
    page: Page, open_desk: Callable[[], Any], plan: Path
) -> None:
    submission = open_desk()
    cut_after(page, 1024 * 1024)
    page.locator("[data-uploads] input[type=file]").set_input_files(plan)
    row = page.locator(".files--arriving .file--arriving")
    bar = row.get_by_role("progressbar", name=f"Upload of {plan.name}")
    expect(row.locator(".file__note")).to_contain_text("The connection broke at")
    row.get_by_role("button", name=f"Pause {plan.name}").press("Enter")
    expect(row.get_by_role("button", name=f"Resume {plan.name}")).to_be_focused()
    expect(row.locator(".file__note")).to_have_text("Paused at 20 %")
    expect(bar).to_have_js_property("value", 20)

    page.get_by_role("button", name="Check and submit").click()
    expect(page.locator("[data-uploads]")).to_contain_text("One file is still on its way")
    page.get_by_role("button", name="Submit when they have arrived").press("Enter")
    expect(page.locator("[data-uploads]")).to_contain_text("Noted")
    assert SubmitIntent.objects.get().submission == submission
    page.unroute(is_piece)
    row.get_by_role("button", name=f"Resume {plan.name}").press("Enter")
    page.wait_for_url("**/submit/")
    expect(page.locator(".files .file__name")).to_have_text(plan.name)


def test_a_refused_file_says_why_and_the_next_one_is_taken(
    page: Page, open_desk: Callable[[], Any], tmp_path: Path
) -> None:
    submission = open_desk()
    page_of_html = tmp_path / "page.pdf"
    page_of_html.write_bytes(b"<!doctype html><script>alert(1)</script>".ljust(5_000))
    right = tmp_path / "right.pdf"
    right.write_bytes(assessments.pdf())

    page.locator("[data-uploads] input[type=file]").set_input_files([page_of_html, right])

    row = page.locator(".files--arriving .file--arriving", has_text="page.pdf")
    expect(row.locator(".file__note")).to_contain_text("This is a web page (HTML). Attach PDF.")
    expect(page.locator("[data-uploads-files] .file__name")).to_have_text("right.pdf")
    row.get_by_role("button", name="Close this page.pdf").click()
    expect(row).to_have_count(0)
    assert [file.name for file in submission.files.all()] == ["right.pdf"]


def test_a_file_without_a_place_is_refused_at_once_and_holds_nothing_up(
    page: Page, open_desk: Callable[[], Any], tmp_path: Path
) -> None:
    submission = open_desk(max_files=1)
    paths = [tmp_path / "first.pdf", tmp_path / "second.pdf"]
    for number, path in enumerate(paths, 1):
        path.write_bytes(assessments.pdf(pages=number))

    page.locator("[data-uploads] input[type=file]").set_input_files(paths)

    row = page.locator(".files--arriving .file--arriving[data-state=refused]")
    expect(row.locator(".file__note")).to_contain_text("You can attach 1 file. Remove one first.")
    expect(page.locator("[data-uploads-files] .file__name")).to_have_count(1)
    assert submission.files.count() == 1
    page.get_by_role("button", name="Check and submit").click()
    page.wait_for_url("**/submit/")


def test_a_submission_held_for_a_file_stays_when_the_file_is_refused(
    page: Page, open_desk: Callable[[], Any], tmp_path: Path
) -> None:
    open_desk()
    page_of_html = tmp_path / "page.pdf"
    page_of_html.write_bytes(b"<!doctype html><script>alert(1)</script>".ljust(5_000))
    cut = cut_after(page, 0)
    page.locator("[data-uploads] input[type=file]").set_input_files(page_of_html)
    row = page.locator(".files--arriving .file--arriving")
    expect(row.locator(".file__note")).to_contain_text("The connection broke at")
    page.get_by_role("button", name="Check and submit").click()
    page.get_by_role("button", name="Submit when they have arrived").click()
    held = page.locator("[data-uploads] .notice")
    expect(held).to_contain_text("Noted")

    page.unroute(is_piece)
    page.evaluate("window.dispatchEvent(new Event('online'))")

    expect(held).to_contain_text("This is a web page (HTML). Attach PDF.")
    page.wait_for_timeout(500)
    assert not page.url.endswith("/submit/"), cut
    expect(row).to_have_attribute("data-state", "refused")
    held.get_by_role("button", name="Go on without").click()
    page.wait_for_url("**/submit/")


def test_an_upload_whose_beginning_was_not_answered_is_begun_once(
    page: Page, open_desk: Callable[[], Any], tmp_path: Path
) -> None:
    submission = open_desk(max_files=1)
    path = tmp_path / "annex.pdf"
    path.write_bytes(assessments.pdf())
    keys: list[str | None] = []

    def lose_the_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) > 1:
            return route.continue_()
        assert route.fetch().status == 201
        return route.abort("connectionreset")

    page.route("**/api/v1/uploads/", lose_the_first_answer)
    page.locator("[data-uploads] input[type=file]").set_input_files(path)
    expect(page.locator("[data-uploads-files] .file__name")).to_have_text("annex.pdf")

    assert len(keys) == 2
    assert keys[0]
    assert keys[0] == keys[1]
    assert Upload.objects.get().file == submission.files.get()
