"""Our own H5P type in H5P's own core: played to its end, by keyboard only, and marked."""

import io
import json
import mimetypes
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from h5p import own
from h5p.questions import (
    QuestionSet,
    from_data,
    package_bytes,
    read_xapi_response,
    result_for_player,
    served_content,
    whole_content,
)
from h5p.questions.marking import mark_question
from h5p.questions.packing import read_questions
from tests.browser.conftest import PATIENCE

CORE = Path(__file__).parents[2] / "frontend/node_modules/h5p-standalone/dist"
HOST = "http://h5p.test"
EVERY_KIND: dict[str, Any] = {
    "title": "Every kind",
    "introduction": "Five minutes.",
    "behaviour": {"pass": 60},
    "questions": [
        {
            "id": "one",
            "kind": "single",
            "prompt": "Which river runs through Paris?",
            "options": [{"text": "Seine", "correct": True, "feedback": "It does."}, "Rhône"],
        },
        {
            "id": "many",
            "kind": "multiple",
            "points": 2,
            "prompt": "Which are rivers?",
            "options": [
                {"text": "Thames", "correct": True},
                {"text": "Tiber", "correct": True},
                "Ben Nevis",
            ],
        },
        {
            "id": "gaps",
            "kind": "gaps",
            "points": 2,
            "prompt": "Fill the gaps.",
            "passage": "The [Seine|la Seine] runs through [Paris::a capital].",
        },
        {
            "id": "sort",
            "kind": "order",
            "prompt": "From north to south",
            "items": ["Oslo", "Berlin", "Rome"],
        },
        {
            "id": "pairs",
            "kind": "match",
            "prompt": "Which river, which city?",
            "pairs": [{"left": "Paris", "right": "Seine"}, {"left": "London", "right": "Thames"}],
            "extras": ["Tiber"],
        },
        {
            "id": "call",
            "kind": "scenario",
            "situation": "The mayor calls.",
            "steps": [
                {
                    "id": "pick-up",
                    "prompt": "What do you do?",
                    "options": [
                        {"text": "Answer", "correct": True, "feedback": "She thanks you."},
                        "Wait",
                    ],
                }
            ],
        },
    ],
}

# Which questions have an answer in the state.
ANSWERED = """Object.entries(H5P.instances[0].getCurrentState().answers)
    .filter(([, response]) => Object.keys(response).length).map(([name]) => name)"""

Open = Callable[..., Page]


@pytest.fixture
def stage(browser: Browser) -> Iterator[Open]:
    """Opens content in H5P core; a complaint in the console fails the test."""
    if not (CORE / "frame.bundle.js").is_file():
        pytest.skip("needs frontend/node_modules/h5p-standalone (npm ci in frontend/)")
    complaints: list[str] = []
    contexts = []

    def play(
        content: Mapping[str, Any],
        *,
        width: int = 390,
        state: Any = None,
        host: Callable[[Any], Any] | None = None,
        scheme: Any = "light",
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if message.type == "error" else None,
        )
        if host is not None:
            page.expose_function("askHost", host)
        document = _document(content, state, asks=host is not None)
        page.route("**/*", lambda route: _serve(route, document))
        page.goto(f"{HOST}/")
        page.locator(".rambla-qs").wait_for()
        return page

    yield play
    for context in contexts:
        context.close()
    assert complaints == []


def _document(content: Mapping[str, Any], state: Any, *, asks: bool) -> str:
    settings = {
        "saveFreq": 30,
        "ajax": {"contentUserData": "/none"},
        "l10n": {"H5P": {}},
        "contents": {
            "cid-1": {
                "library": own.NAME.api,
                "jsonContent": json.dumps(content),
                "metadata": {"title": "Every kind", "license": "U"},
                "url": f"{HOST}/activity/1",
                "displayOptions": {"frame": False},
                "contentUserData": [{"state": json.dumps(state)}] if state else [],
            }
        },
    }
    written = json.dumps(settings).replace("<", r"\u003c")
    hook = "H5PIntegration.contents['cid-1'].rambla = { mark: (r) => askHost(r) };" if asks else ""
    return f"""<!doctype html><html class="h5p-iframe" lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Play</title>
<link rel="stylesheet" href="/core/styles/h5p.css"><link rel="stylesheet" href="/own/question-set.css">
<script>window.H5PIntegration = {written}; {hook}</script>
<script src="/core/frame.bundle.js"></script><script src="/own/question-set.js"></script>
<script>window.said = [];
H5P.externalDispatcher.on('xAPI', (event) => said.push(event.data.statement));</script>
<div class="h5p-content" data-content-id="1"></div></html>"""  # noqa: E501


def _serve(route: Route, document: str) -> None:
    path = route.request.url.removeprefix(HOST)
    folders = {"/core/": CORE, "/own/": own.FOLDER}
    if path == "/":
        route.fulfill(body=document, content_type="text/html; charset=utf-8")
        return
    for prefix, folder in folders.items():
        file = folder / path.removeprefix(prefix).split("?")[0]
        if path.startswith(prefix) and file.is_file():
            media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            route.fulfill(body=file.read_bytes(), content_type=media_type)
            return
    # Anything else would be a request to elsewhere: it shows up in the console.
    route.abort()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on something that matches."""
    for _ in range(60):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {selector}")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    tab_to(page, selector)
    page.keyboard.press(key)


def choose(page: Page, *texts: str) -> None:
    """Choose options by keyboard: radios with the arrows, boxes with the space bar."""
    for text in texts:
        field = page.locator(".rq-option").get_by_label(text)
        if field.get_attribute("type") == "checkbox":
            press(page, f"#{field.get_attribute('id')}", "Space")
            continue
        tab_to(page, "input[type=radio]")
        page.keyboard.press("Space")
        for _ in range(10):
            if field.is_checked():
                break
            page.keyboard.press("ArrowDown")
        expect(field).to_be_checked()


def put_in_order(page: Page, *texts: str) -> None:
    for text in reversed(texts):
        name = f"Move up: {text}"
        tab_to(page, f'[aria-label="{name}"]')
        while page.locator(".rq-item").first.locator(".rq-item__text").inner_text() != text:
            page.keyboard.press("Enter")
            # The focus stays with the item that moves.
            expect(page.get_by_label(name)).to_be_focused()


def select(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label)
    tab_to(page, f"#{field.get_attribute('id')}")
    page.keyboard.type(text)
    expect(field.locator("option:checked")).to_have_text(text)


def play_all(page: Page) -> None:
    """Every question right but the first, by keyboard only."""
    choose(page, "Rhône")
    press(page, ".rq-check")
    expect(page.locator(".rq-told")).to_contain_text("Not right")
    press(page, ".rq-next")
    choose(page, "Thames", "Tiber")
    press(page, ".rq-check")
    press(page, ".rq-next")
    tab_to(page, ".rq-gap__field")
    page.keyboard.type("SEINE")
    page.keyboard.press("Enter")
    page.keyboard.type("Paris")
    page.keyboard.press("Enter")
    expect(page.locator(".rq-told")).to_contain_text("Right")
    press(page, ".rq-next")
    assert "sort" not in page.evaluate(ANSWERED)
    put_in_order(page, "Oslo", "Berlin", "Rome")
    press(page, ".rq-check")
    press(page, ".rq-next")
    page.get_by_label("Paris").wait_for()
    for label, text in sorted({"Paris": "Seine", "London": "Thames"}.items()):
        page.evaluate("document.querySelector('.rq-prompt').focus()")
        select(page, label, text)
    press(page, ".rq-check")
    press(page, ".rq-next")
    expect(page.locator(".rq-story")).to_contain_text("The mayor calls.")
    choose(page, "Answer")
    press(page, ".rq-check")
    expect(page.locator(".rq-note")).to_have_text("She thanks you.")
    press(page, ".rq-next")
    expect(page.locator(".rq-score")).to_have_text("Points: 7 of 8")
    expect(page.locator(".rq-title")).to_be_focused()


def statements(page: Page, verb: str) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = page.evaluate("JSON.parse(JSON.stringify(said))")
    return [each for each in said if each["verb"]["id"].endswith(f"/{verb}")]


@pytest.fixture
def question_set() -> QuestionSet:
    return from_data(EVERY_KIND).require()


def test_an_exported_set_is_played_to_its_end_by_keyboard(
    stage: Open, question_set: QuestionSet
) -> None:
    exported = read_questions(io.BytesIO(package_bytes(question_set))).require()
    page = stage(whole_content(exported))
    play_all(page)

    answered = statements(page, "answered")
    leaves = dict(question_set.leaves())
    assert [each["object"]["id"] for each in answered] == [
        f"{HOST}/activity/1?subContentId={name}" for name in leaves
    ]
    assert [each["object"]["definition"]["interactionType"] for each in answered] == [
        "choice", "choice", "fill-in", "sequencing", "matching", "choice",
    ]  # fmt: skip
    # The server, reading the same statements, comes to the same marks.
    for (name, leaf), statement in zip(leaves.items(), answered, strict=True):
        response = read_xapi_response(leaf, statement["result"]["response"])
        marked, problems = mark_question(name, leaf, response)
        assert problems == ()
        assert float(marked.score) == statement["result"]["score"]["raw"]
        assert marked.correct is statement["result"]["success"]
    (completed,) = statements(page, "completed")
    assert completed["result"]["score"] == {"min": 0, "max": 8, "raw": 7, "scaled": 0.875}
    assert completed["result"]["success"] is True


class Marker:
    """The host: marks what it is asked, as the server would."""

    def __init__(self, question_set: QuestionSet) -> None:
        self.leaves = dict(question_set.leaves())
        self.asked: list[Any] = []
        self.is_down = False

    def __call__(self, request: Any) -> Any:
        self.asked.append(request)
        if self.is_down:
            return None
        leaf = self.leaves[request["question"]]
        marked, _ = mark_question(request["question"], leaf, request["response"])
        return result_for_player(leaf, marked)


def test_the_host_marks_and_the_browser_never_has_the_key(
    stage: Open, question_set: QuestionSet
) -> None:
    host = Marker(question_set)
    content = served_content(question_set)
    page = stage(content, host=host)
    play_all(page)

    assert [each["question"] for each in host.asked] == list(host.leaves)
    assert "correctResponsesPattern" not in json.dumps(statements(page, "answered"))
    assert "She thanks you" not in json.dumps(content)
    page.locator(".rq-review__link").first.click()
    expect(page.get_by_role("button", name="Show the answer")).to_have_count(0)


def test_what_the_host_cannot_mark_is_kept_and_asked_again(
    stage: Open, question_set: QuestionSet
) -> None:
    host = Marker(question_set)
    host.is_down = True
    page = stage(served_content(question_set), host=host)

    choose(page, "Seine")
    press(page, ".rq-check")
    expect(page.locator(".rq-alert")).to_contain_text("Your answer is kept")
    expect(page.get_by_role("status")).to_contain_text("Your answer is kept")
    expect(page.get_by_label("Seine")).to_be_checked()
    assert statements(page, "answered") == []

    host.is_down = False
    page.keyboard.press("Enter")
    expect(page.locator(".rq-told")).to_contain_text("Right")


def test_served_content_without_a_host_is_saved_without_marks(
    stage: Open, question_set: QuestionSet
) -> None:
    page = stage(served_content(question_set))
    choose(page, "Seine")
    press(page, ".rq-check")

    expect(page.locator(".rq-told")).to_have_text("Your answer is saved")
    (answered,) = statements(page, "answered")
    assert "score" not in answered["result"]
    assert answered["result"]["response"]


def test_a_set_is_resumed_where_it_was_left(stage: Open, question_set: QuestionSet) -> None:
    page = stage(whole_content(question_set))
    choose(page, "Rhône")
    press(page, ".rq-check")
    press(page, ".rq-next")
    choose(page, "Tiber")
    order = page.locator(".rq-option__text").all_inner_texts()
    state = page.evaluate("JSON.parse(JSON.stringify(H5P.instances[0].getCurrentState()))")

    again = stage(whole_content(question_set), state=state)

    expect(again.locator(".rq-count")).to_have_text("Question 2 of 6")
    expect(again.get_by_label("Tiber")).to_be_checked()
    assert again.locator(".rq-option__text").all_inner_texts() == order
    again.get_by_role("button", name="Question 1 of 6: Not right").click()
    expect(again.locator(".rq-told")).to_contain_text("Not right")
    again.get_by_role("button", name="Try again").click()
    choose(again, "Seine")
    press(again, ".rq-check")
    assert again.evaluate("[H5P.instances[0].getScore(), H5P.instances[0].getMaxScore()]") == [1, 8]


def test_a_stored_state_of_other_content_does_no_harm(
    stage: Open, question_set: QuestionSet
) -> None:
    state = {
        "answers": {"one": ["gone"], "sort": [1], "gaps": "x", "no": 1},
        "at": 99,
        "results": 5,
    }

    page = stage(whole_content(question_set), state=state)

    expect(page.locator(".rq-count")).to_have_text("Question 1 of 6")
    assert page.evaluate("H5P.instances[0].getAnswerGiven()") is False


def test_the_contract_of_a_question_is_kept(stage: Open, question_set: QuestionSet) -> None:
    page = stage(whole_content(question_set))

    data = page.evaluate("JSON.parse(JSON.stringify(H5P.instances[0].getXAPIData()))")
    assert data["statement"]["object"]["definition"]["interactionType"] == "compound"
    assert len(data["children"]) == 6
    page.evaluate("H5P.instances[0].showSolutions()")
    expect(page.locator(".rq-option--missed")).to_have_count(1)
    page.evaluate("H5P.instances[0].resetTask()")
    assert page.evaluate("H5P.instances[0].getAnswerGiven()") is False
    expect(page.locator(".rq-option--missed")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_narrowest_screen_needs_no_sideways_scrolling(stage: Open, language: str) -> None:
    question_set = from_data({**EVERY_KIND, "language": language}).require()
    page = stage(whole_content(question_set), width=320, scheme="dark")
    stops = page.locator(".rq-stop")

    for at in range(stops.count()):
        stops.nth(at).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        sizes = page.locator(
            ".rambla-qs :is(button, select, .rq-option__row, .rq-gap__field):visible"
        ).evaluate_all("all => all.map((each) => each.getBoundingClientRect())")
        assert all(size["width"] >= 24 and size["height"] >= 24 for size in sizes)
    expect(page.locator(".rambla-qs")).to_have_attribute(
        "dir", "rtl" if language == "ar" else "ltr"
    )
    expect(page.locator(".rq-count")).not_to_have_text(re.compile("@"))


def test_a_sandboxed_frame_asks_its_parent_with_a_nonce(
    browser: Browser, question_set: QuestionSet
) -> None:
    if not (CORE / "frame.bundle.js").is_file():
        pytest.skip("needs frontend/node_modules/h5p-standalone (npm ci in frontend/)")
    hook = "H5PIntegration.contents['cid-1'].rambla = { mark: (r) => askHost(r) };"
    inner = _document(served_content(question_set), None, asks=True).replace(
        hook, "H5PIntegration.contents['cid-1'].rambla = { mark: 'postMessage', nonce: 'n1' };"
    )
    outer = """<!doctype html><title>Parent</title>
<iframe src="/inner" sandbox="allow-scripts" width="380" height="800"></iframe>
<script>addEventListener('message', async ({ data, source }) => {
  if (data.type !== 'rambla.mark' || data.nonce !== 'n1') return;
  const answer = { type: 'rambla.marked', id: data.id, result: await askHost(data.request) };
  source.postMessage({ ...answer, nonce: 'forged', result: { score: 1, correct: true } }, '*');
  source.postMessage({ ...answer, nonce: data.nonce }, '*');
});</script>"""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.expose_function("askHost", Marker(question_set))

    def serve(route: Route) -> None:
        if route.request.url.endswith("/inner"):
            route.fulfill(body=inner, content_type="text/html; charset=utf-8")
        else:
            _serve(route, outer)

    page.route("**/*", serve)
    page.goto(f"{HOST}/")
    frame = page.frame_locator("iframe")
    frame.get_by_label("Rhône").check()
    frame.get_by_role("button", name="Check").click()

    expect(frame.locator(".rq-told")).to_contain_text("Not right")
    context.close()
