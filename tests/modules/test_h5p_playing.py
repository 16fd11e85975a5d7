"""Frames and what they ask for: who gets them, what they may do, how they are kept."""

import gzip
import hashlib
import html
import json
import re
from base64 import b64encode
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from h5p.playing import BRIDGE_SCRIPT
from lms.core.errors import PermissionDenied
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition, Enrolment
from modules.h5p_core import core_version
from modules.h5p_frames import activity_iri, frame_address, read_files, read_play, sign_files
from modules.h5p_staging import stage_of
from modules.h5p_statements import read_statements
from modules.models import ActivityPage, H5PBundle, LessonPage
from tests.factories import h5p_playing as h5p
from tests.factories.accounts import UserFactory
from tests.factories.modules import change, played
from tests.factories.programme import participant

HOST = "http://testserver"


@pytest.fixture
def activity(lesson: LessonPage) -> ActivityPage:
    return h5p.make_interactive(lesson)


@pytest.fixture
def frame(enrolment: Enrolment, activity: ActivityPage) -> str:
    assert activity.h5p is not None
    assert activity.h5p.current_id is not None
    return frame_address(enrolment.user, activity.h5p.current_id, activity.pk, HOST)


def get(path: str, **headers: str) -> Any:
    return Client().get(path, headers=headers)


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_frame_needs_no_cookie_and_sets_none(frame: str) -> None:
    answer = get(frame)
    assert answer.status_code == 200
    assert answer.cookies == {}
    assert "Cookie" not in answer.get("Vary", "")
    assert answer["Cache-Control"] == "private, max-age=86400"
    assert "X-Frame-Options" not in answer


def test_the_policy_of_a_frame_lets_it_ask_for_its_own_files_only(frame: str) -> None:
    policy = dict(
        part.strip().split(" ", 1) for part in get(frame)["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == f"{HOST}/h5p/"
    assert policy["frame-ancestors"] == HOST
    assert policy["form-action"] == "'none'"
    assert "allow-same-origin" not in policy["sandbox"]
    assert "allow-top-navigation" not in policy["sandbox"]
    assert "unsafe-eval" not in policy["script-src"]


def test_a_frame_is_for_whom_it_was_signed_as_long_as_they_may_read(
    frame: str, enrolment: Enrolment, activity: ActivityPage
) -> None:
    assert get(frame.replace("/frame/", "/frame/x")).status_code == 404
    stranger = UserFactory.create()
    assert activity.h5p is not None
    version = activity.h5p.current_id
    assert version is not None
    for address in (
        frame_address(stranger, version, activity.pk, HOST),
        frame_address(stranger, version, None, HOST),
        frame_address(enrolment.user, version, None, HOST),
    ):
        assert get(address).status_code == 404
    Enrolment.objects.filter(pk=enrolment.pk).update(status=EnrolmentStatus.CANCELLED)
    assert get(frame).status_code == 404


def test_the_address_of_a_frame_is_the_same_all_day_and_holds_until_the_end_of_tomorrow(
    enrolment: Enrolment, activity: ActivityPage, monkeypatch: pytest.MonkeyPatch,
    settings: LazySettings,
) -> None:  # fmt: skip
    import time

    assert activity.h5p is not None
    version = activity.h5p.current_id
    assert version is not None

    def address_at(days: float) -> str:
        monkeypatch.setattr(time, "time", lambda: days * 24 * 3600)
        return frame_address(enrolment.user, version, activity.pk, HOST)

    address = address_at(20_000)
    assert address_at(20_000.9) == address
    assert get(address).status_code == 200
    assert address_at(20_001.9) != address
    assert get(address).status_code == 200
    address_at(20_002.1)
    assert get(address).status_code == 404
    # Another policy is another document.
    settings.H5P_MEDIA_HOSTS = ["https://media.example"]
    assert address_at(20_000) != address


def test_a_document_of_a_server_that_plays_otherwise_is_not_kept(
    frame: str, settings: LazySettings
) -> None:
    settings.H5P_MEDIA_HOSTS = ["https://media.example"]
    answer = get(frame)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")


def test_what_a_browser_keeps_of_a_frame_has_nothing_of_what_somebody_did(
    enrolment: Enrolment, activity: ActivityPage, frame: str, client: Client
) -> None:
    from modules.actions.h5p_results import save_state

    play = h5p.play_of(enrolment, activity)
    save_state(
        enrolment=enrolment, activity=activity, play=play,
        data={"0": {"state": 'the "Garonne"'}}, by=enrolment.user, at=h5p.AT,
    )  # fmt: skip
    assert "Garonne" not in get(frame).content.decode()

    # It stands in the page, which is asked for each time.
    client.force_login(enrolment.user)
    page = client.get(activity.public_path())
    assert "no-cache" in page["Cache-Control"]
    (name,) = re.findall(r'<iframe[^>]* name="h5p-frame ([^"]+)"', page.content.decode())
    load = json.loads(html.unescape(name))
    assert load["state"] == {"0": {"state": 'the "Garonne"'}}
    assert load["savedAt"] == h5p.AT.timestamp() * 1000
    known = read_play(load["token"], 60)
    assert known is not None
    assert (known.user_id, known.activity_id) == (enrolment.user.pk, activity.pk)


def test_a_version_of_another_content_is_not_played_here(
    enrolment: Enrolment, activity: ActivityPage
) -> None:
    other = h5p.make_questions(title="Others")
    assert other.current_id is not None
    address = frame_address(enrolment.user, other.current_id, activity.pk, HOST)
    assert get(address).status_code == 404


def test_the_page_holds_the_frame_in_a_sandbox(
    enrolment: Enrolment, activity: ActivityPage, client: Client
) -> None:
    client.force_login(enrolment.user)
    page = client.get(activity.public_path())
    (tag,) = re.findall(r"<iframe[^>]*>", page.content.decode())

    assert 'sandbox="allow-scripts allow-forms allow-popups"' in tag
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    (address,) = re.findall(r'src="([^"]+)"', tag)
    assert get(address).status_code == 200
    # The frame is the same the next time, and its browser keeps it; its name is of one load.
    (again,) = re.findall(r"<iframe[^>]*>", client.get(activity.public_path()).content.decode())
    assert f'src="{address}"' in again
    names = [re.findall(r'name="([^"]+)"', each)[0] for each in (tag, again)]
    assert names[0] != names[1]
    # What is kept of the page holds no one's address.
    other = Client()
    other.force_login(participant(enrolment.edition))
    assert address not in other.get(activity.public_path()).content.decode()


@pytest.fixture
def urls(frame: str) -> dict[str, str]:
    text = get(frame).content.decode()
    bundle = H5PBundle.objects.get()
    assert f"/h5p/bundles/{bundle.key}.js" in text
    return {
        "js": f"/h5p/bundles/{bundle.key}.js",
        "css": f"/h5p/bundles/{bundle.key}.css",
        "core": f"/h5p/core/{core_version()}/frame.bundle.js",
    }


def test_a_frame_names_its_code_with_the_hash_of_it(frame: str) -> None:
    (load,) = re.findall(r"\}\)\n\((\{.*\})\);</script>", get(frame).content.decode())
    files = json.loads(load)["files"]

    # The bridge stands in the document itself.
    assert files.pop(3) == {"text": BRIDGE_SCRIPT}
    assert [each["url"].split(".")[-1] for each in files] == ["css", "css", "js", "js"]
    for each in files:
        digest = hashlib.sha256(body_of(get(each["url"].removeprefix(HOST)))).digest()
        assert each["integrity"] == f"sha256-{b64encode(digest).decode()}"


def test_the_page_names_the_code_that_its_frame_will_ask_for(
    client: Client, enrolment: Enrolment, activity: ActivityPage, frame: str
) -> None:
    client.force_login(enrolment.user)
    page = client.get(activity.public_path()).content.decode()
    links = re.findall(r'<link rel="preload" as="fetch" crossorigin href="([^"]+)">', page)
    name = html.unescape(re.findall(r'<iframe[^>]* name="([^"]+)"', page)[0])

    (load,) = re.findall(r"\}\)\n\((\{.*\})\);</script>", get(frame).content.decode())
    asked = [each["url"] for each in json.loads(load)["files"] if "url" in each]
    assert [f"{HOST}{link}" for link in links] == asked
    assert json.loads(name.removeprefix("h5p-frame "))["brings"] is True


def test_a_frame_comes_packed(frame: str) -> None:
    packed = get(frame, accept_encoding="gzip, br")
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(gzip.decompress(packed.content)) / 2


def test_bundles_come_packed_and_for_ever(urls: dict[str, str]) -> None:
    plain = get(urls["js"])
    packed = get(urls["js"], accept_encoding="gzip, br")

    assert plain["Content-Type"] == "text/javascript; charset=utf-8"
    assert packed["Content-Encoding"] == "br"
    assert len(body_of(packed)) < len(body_of(plain)) / 2
    unwanted = get(urls["js"], accept_encoding="br;q=0, gzip;q=0.0, identity")
    assert "Content-Encoding" not in unwanted
    for answer in (plain, packed, get(urls["core"]), get(urls["css"])):
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].endswith("sandbox")
        assert answer.cookies == {}
    for url in urls.values():
        for accepted in ("", "br", "gzip"):
            tag = get(url, accept_encoding=accepted)["ETag"]
            again = get(url, accept_encoding=accepted, if_none_match=tag)
            assert (again.status_code, body_of(again)) == (304, b"")
    assert get(urls["core"], accept_encoding="br")["ETag"] != get(urls["core"])["ETag"]
    asked = Client().options(urls["js"])
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
    assert Client().post(urls["js"]).status_code == 405


def test_scripts_of_strangers_do_not_run_in_our_pages(urls: dict[str, str]) -> None:
    ours = {"sec_fetch_site": "same-origin", "sec_fetch_dest": "script"}
    assert get(urls["js"], **ours).status_code == 403
    assert get(urls["js"], **{**ours, "sec_fetch_site": "cross-site"}).status_code == 200


@pytest.fixture
def pictured(lesson: LessonPage) -> ActivityPage:
    files = {"content/a.png": h5p.PNG}
    content = h5p.upload(h5p.package("function () {}", **files))
    return h5p.make_interactive(lesson, h5p=content)


def test_files_of_a_content_have_a_signed_address_and_parts(pictured: ActivityPage) -> None:
    assert pictured.h5p is not None
    version = pictured.h5p.current_id
    assert version is not None
    path = f"/h5p/content/{sign_files(version)}/a.png"
    whole = get(path)

    assert (whole["Content-Type"], body_of(whole)) == ("image/png", h5p.PNG)
    part = get(path, range="bytes=1-3")
    assert (part.status_code, body_of(part)) == (206, b"PNG")
    assert part["Content-Range"] == f"bytes 1-3/{len(h5p.PNG)}"
    assert body_of(get(path, range="bytes=-4")) == h5p.PNG[-4:]
    assert get(path, range="bytes=9999-").status_code == 416
    assert get(path, range="bytes=1-3", if_range='"other"').status_code == 200
    assert get(path.replace("a.png", "b.png")).status_code == 404
    assert get(path.replace("content/", "content/x")).status_code == 404
    assert get(path.replace("a.png", "../h5p.json")).status_code == 404
    folder = stage_of(version).resolution.main.name.folder
    by_name = f"/h5p/of/{sign_files(version)}"
    assert get(f"{by_name}/libraries/{folder}/script.js").status_code == 200
    assert get(f"{by_name}/content/{pictured.h5p_id}/a.png").status_code == 200
    assert get(f"{by_name}/libraries/Other-1.0/script.js").status_code == 404


def test_the_address_of_files_holds_until_the_end_of_tomorrow() -> None:
    day = 24 * 3600
    token = sign_files(7, now=day * 100)
    assert sign_files(7, now=day * 100.9) == token
    assert read_files(token, now=day * 101.9) == 7
    assert read_files(token, now=day * 102.1) is None
    assert read_files(token, now=day * 99) is None


def test_a_host_of_its_own_answers_for_nothing_else(
    frame: str, settings: LazySettings, enrolment: Enrolment, activity: ActivityPage
) -> None:
    settings.H5P_ORIGIN = "http://h5p.testserver"
    settings.ALLOWED_HOSTS = ["testserver", "h5p.testserver"]
    there = Client(headers={"host": "h5p.testserver"})

    assert activity.h5p is not None
    assert activity.h5p.current_id is not None
    address = frame_address(enrolment.user, activity.h5p.current_id, activity.pk, HOST)
    assert address.startswith("http://h5p.testserver/h5p/frame/")
    path = address.removeprefix("http://h5p.testserver")
    answer = there.get(path)
    assert answer.status_code == 200
    assert "connect-src http://h5p.testserver/h5p/" in answer["Content-Security-Policy"]
    assert f"frame-ancestors {HOST}" in answer["Content-Security-Policy"]
    for other in ("/", "/accounts/login/", "/api/v1/me/", "/static/app.js", "/cms/"):
        assert there.get(other).status_code == 404
    assert get(path).status_code == 404


def test_a_new_version_stands_on_the_page_at_once(
    enrolment: Enrolment, activity: ActivityPage, client: Client
) -> None:
    client.force_login(enrolment.user)
    assert "Two questions" in client.get(activity.public_path()).content.decode()
    content = activity.h5p
    assert content is not None
    content.title = "Three questions"
    content.save()
    assert "Three questions" in client.get(activity.public_path()).content.decode()


def test_the_report_shows_every_question_with_a_table(
    edition: Edition, enrolment: Enrolment, activity: ActivityPage, client: Client
) -> None:
    from modules.actions.h5p_results import mark_answer
    from tests.factories.programme import instructor

    play = h5p.play_of(enrolment, activity)
    for question, response in {"river": ["rhone"], "cities": ["paris", "rome"]}.items():
        mark_answer(
            enrolment=enrolment, activity=activity, play=play, question=question,
            response=response, by=enrolment.user, at=h5p.AT,
        )  # fmt: skip
    teacher = instructor(edition)
    client.force_login(teacher)
    report = client.get(f"{activity.public_path()}report/").content.decode()

    for words in ("Which river flows through Paris?", "Rhône", "Rome", "1 of 1", "Show the table"):
        assert words in report
    assert report.count("<svg") >= 3
    table = client.get(f"{activity.public_path()}report.csv").content.decode()
    assert "Rhône,0,1,no,yes" in table
    assert "How participants answered" in client.get(activity.public_path()).content.decode()
    client.force_login(enrolment.user)
    assert client.get(f"{activity.public_path()}report/").status_code == 404
    assert "How participants answered" not in client.get(activity.public_path()).content.decode()


def test_one_browser_does_not_decide_what_the_report_says(
    edition: Edition, lesson: LessonPage, client: Client
) -> None:
    from modules.actions.h5p_results import record_statements
    from tests.factories.programme import instructor

    activity = h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package("function () {}")))
    iri = activity_iri(activity.pk)

    def answer(enrolment: Enrolment, prompt: str, words: str) -> None:
        definition = {
            "description": {"en": prompt},
            "choices": [{"id": "0", "description": {"en": words}}],
            "correctResponsesPattern": ["0"],
        }
        said = {
            "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
            "object": {"id": iri, "definition": definition},
            "result": {"response": "0", "score": {"raw": 1, "max": 1}},
        }
        record_statements(
            enrolment=enrolment, activity=activity, play=h5p.play_of(enrolment, activity),
            statements=read_statements(said, iri), by=enrolment.user, at=h5p.AT,
        )  # fmt: skip

    for _person in range(2):
        answer(participant(edition).enrolments.get(), "Which river?", "The Seine")
    answer(participant(edition).enrolments.get(), "Everybody cheats", "Forged")
    # Nor does somebody who has left.
    for _person in range(3):
        gone = participant(edition).enrolments.get()
        answer(gone, "From outside", "Left")
        Enrolment.objects.filter(pk=gone.pk).update(status=EnrolmentStatus.CANCELLED)
    client.force_login(instructor(edition))
    report = client.get(f"{activity.public_path()}report/").content.decode()

    assert "Which river?" in report
    for words in ("Everybody cheats", "Forged", "From outside"):
        assert words not in report


def test_nobody_records_in_the_name_of_somebody_else(
    edition: Edition, enrolment: Enrolment, activity: ActivityPage
) -> None:
    from modules.actions.h5p_results import save_state
    from tests.factories.accounts import AdministratorFactory

    play = h5p.play_of(enrolment, activity)
    with pytest.raises(PermissionDenied):
        save_state(
            enrolment=enrolment, activity=activity, play=play, data={},
            by=AdministratorFactory.create(), at=h5p.AT,
        )  # fmt: skip


def test_what_was_done_on_a_page_that_plays_something_else_now_is_kept(
    enrolment: Enrolment, pictured: ActivityPage
) -> None:
    from modules.actions.h5p_results import record_statements
    from modules.h5p_frames import activity_iri
    from modules.h5p_statements import read_statements
    from modules.models import H5PStatement

    play = h5p.play_of(enrolment, pictured)
    changed = change(pictured, body=[played(h5p.make_questions())])
    iri = activity_iri(pictured.pk)
    said = {
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": iri},
        "result": {"completion": True},
    }
    standing = record_statements(
        enrolment=enrolment, activity=changed, play=play,
        statements=read_statements(said, iri), by=enrolment.user, at=h5p.AT,
    )  # fmt: skip
    assert H5PStatement.objects.get().version_id == play.version_id
    assert not standing.is_done
