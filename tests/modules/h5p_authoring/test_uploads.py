"""A package on its way in: reviewed once, brought in as it was reviewed."""

import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from h5p.package import read_package
from lms.accounts.models import User
from lms.core.errors import Conflict
from modules.actions.h5p_content import create_content
from modules.actions.h5p_packages import prepare_package
from modules.h5p_store import DjangoStore, store
from modules.h5p_uploads import keep_upload, open_upload
from modules.models import H5PContent, H5PLibrary
from modules.selectors.h5p_library import package_of
from tests.factories.h5p import make_uploaded, package
from tests.modules.h5p_authoring.looking import (
    nothing_is_stored,
    shown_version,
    signed_in,
    tides,
    waiting_uploads,
)

pytestmark = pytest.mark.django_db


def test_what_was_reviewed_is_its_uploaders_and_goes_after_a_day(
    administrator: User, editor: User, at: datetime
) -> None:
    def keep(when: datetime) -> str:
        prepared = prepare_package(file=package(), by=administrator, at=when)
        return keep_upload(
            prepared, name="t.h5p", by=administrator, content_id=None, base_version=0
        )

    token = keep(at)
    for person, said in ((editor, token), (administrator, "made-up")):
        with pytest.raises(Conflict):
            open_upload(said, by=person)
    waiting = open_upload(token, by=administrator)
    assert waiting.prepared.draft.title == "Tides"

    keep(at + timedelta(hours=23))
    assert len(waiting_uploads()) == 2
    keep(at + timedelta(hours=25))
    assert len(waiting_uploads()) == 2
    with pytest.raises(Conflict):
        open_upload(token, by=administrator)
    with pytest.raises(Conflict):
        create_content(prepared=waiting.prepared, by=administrator, at=at)
    assert nothing_is_stored()


def test_what_comes_in_is_what_was_reviewed_and_it_is_read_once(
    administrator: User, at: datetime
) -> None:
    """The package is gone after the review; a reading that somebody changed is not taken."""
    file = package()
    prepared = prepare_package(file=file, by=administrator, at=at)
    token = keep_upload(prepared, name="t.h5p", by=administrator, content_id=None, base_version=0)
    file.close()

    waiting = open_upload(token, by=administrator)
    assert waiting.prepared == prepared
    assert waiting.prepared.draft.sha256 == prepared.draft.sha256
    content = create_content(prepared=waiting.prepared, by=administrator, at=at)
    assert content.current is not None
    assert content.current.sha256 == prepared.draft.sha256
    assert read_package(io.BytesIO(package_of(content.current))).problems == ()
    # Nothing of it is left where it waited.
    assert all(not DjangoStore(prepared.folder).has(sha256) for sha256 in prepared.blobs)
    assert all(store().has(sha256) for sha256 in prepared.blobs)

    reading = Path(storages["h5p"].path(f"{prepared.folder}/reading.json"))
    reading.write_text(reading.read_text().replace("Tides", "Tired"))
    with pytest.raises(Conflict):
        open_upload(token, by=administrator)


def test_an_editors_file_waits_for_nobody(administrator: User, editor: User, at: datetime) -> None:
    make_uploaded(by=administrator, at=at)
    signed_in(editor).post(reverse("h5p_library:upload"), {"file": tides("Ebb")})
    assert H5PContent.objects.filter(title="Ebb").exists()
    assert waiting_uploads() == []


def test_only_the_libraries_can_be_installed(administrator: User, editor: User) -> None:
    client = signed_in(administrator)
    review = client.post(reverse("h5p_library:upload"), {"file": tides()})
    client.post(
        reverse("h5p_library:install"), {"token": review.context["token"], "libraries": "1"}
    )
    assert (H5PLibrary.objects.count(), H5PContent.objects.count()) == (2, 0)
    assert waiting_uploads() == []
    assert (
        signed_in(editor).post(reverse("h5p_library:upload"), {"file": tides("Ebb")}).status_code
        == 302
    )


def test_who_reviewed_an_older_version_replaces_nothing(administrator: User, at: datetime) -> None:
    content = make_uploaded(by=administrator, at=at)
    client = signed_in(administrator)
    url = reverse("h5p_library:replace", args=[content.pk])
    script: dict[str, Any] = {"Test.Main-1.2/js/main.js": b"var H5P = H5P || {two: 2};"}
    said = {"base_version": shown_version(client, url)}
    review = client.post(url, {**said, "file": tides("Slow", **script)})
    client.post(url, {**said, "file": tides("Quick")})

    answer = client.post(
        reverse("h5p_library:install"), {"token": review.context["token"]}, follow=True
    )
    content.refresh_from_db()
    assert (content.title, content.versions.count()) == ("Quick", 2)
    assert "Somebody stored another version" in answer.content.decode()


def test_an_administrator_reviews_before_anything_is_installed(administrator: User) -> None:
    client = signed_in(administrator)
    review = client.post(reverse("h5p_library:upload"), {"file": tides()})

    assert review.status_code == 200
    assert "would install 2 libraries" in review.content.decode()
    assert "Test.Main 1.2.4" in review.content.decode()
    assert not H5PLibrary.objects.exists()

    done = client.post(reverse("h5p_library:install"), {"token": review.context["token"]})
    content = H5PContent.objects.get()
    assert done["Location"] == reverse("h5p_library:content", args=[content.pk])
    assert H5PLibrary.objects.count() == 2
    assert waiting_uploads() == []


def test_a_review_can_end_with_nothing(administrator: User) -> None:
    client = signed_in(administrator)
    review = client.post(reverse("h5p_library:upload"), {"file": tides()})
    client.post(reverse("h5p_library:install"), {"token": review.context["token"], "cancel": "1"})
    assert not H5PLibrary.objects.exists()
    assert waiting_uploads() == []
    again = client.post(reverse("h5p_library:install"), {"token": review.context["token"]})
    assert again.status_code == 409


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_second_click_finds_what_the_first_one_made(
    administrator: User, at: datetime, is_killed: bool
) -> None:
    """Also where the first was killed before it could say so; the same file chosen again is
    another upload."""
    client, install = signed_in(administrator), reverse("h5p_library:install")

    def click(token: str) -> str:
        if is_killed:
            prepared = open_upload(token, by=administrator).prepared
            create_content(prepared=prepared, by=administrator, at=at)
        else:
            client.post(install, {"token": token})
        page = client.post(install, {"token": token}, follow=True)
        assert "is in the library" in page.content.decode()
        return str(page.request["PATH_INFO"])

    for number, script in enumerate((b"var a = 1;", b"var a = 2;"), start=1):
        brings: dict[str, Any] = {"Test.Part-1.0/js/part.js": script}
        review = client.post(reverse("h5p_library:upload"), {"file": tides(**brings)})
        shown = click(review.context["token"])
        newest = H5PContent.objects.latest("pk")
        assert shown == reverse("h5p_library:content", args=[newest.pk])
        assert H5PContent.objects.count() == number
    assert waiting_uploads() == []


def test_a_second_click_replaces_once_and_installs_once(administrator: User, at: datetime) -> None:
    content = make_uploaded(by=administrator, at=at)
    client, install = signed_in(administrator), reverse("h5p_library:install")
    url = reverse("h5p_library:replace", args=[content.pk])
    script: dict[str, Any] = {"Test.Main-1.2/js/main.js": b"var H5P = H5P || {two: 2};"}

    said = {"base_version": shown_version(client, url), "file": tides("High", **script)}
    token = client.post(url, said).context["token"]
    pages = [client.post(install, {"token": token}, follow=True) for _ in range(2)]
    assert ["Version 2 is played from now on" in page.content.decode() for page in pages] == [
        True, True
    ]  # fmt: skip
    assert content.versions.count() == 2
    # Nobody is told that it is played once that is no longer so.
    client.post(url, {"base_version": "2", "file": tides("Low")})
    late = client.post(install, {"token": token}, follow=True).content.decode()
    assert "Version 2 is played from now on" not in late
    assert content.versions.count() == 3

    script["Test.Part-1.0/js/part.js"] = b"var a = 3;"
    token = client.post(reverse("h5p_library:upload"), {"file": tides(**script)}).context["token"]
    for _ in range(2):
        page = client.post(install, {"token": token, "libraries": "1"}, follow=True)
        assert "The libraries are installed" in page.content.decode()
    assert H5PContent.objects.count() == 1


def test_nobody_installs_what_somebody_else_reviewed(administrator: User, editor: User) -> None:
    review = signed_in(administrator).post(reverse("h5p_library:upload"), {"file": tides()})
    answer = signed_in(editor).post(
        reverse("h5p_library:install"), {"token": review.context["token"]}
    )
    assert answer.status_code == 409
    assert not H5PLibrary.objects.exists()


def test_the_report_shows_every_problem(editor: User) -> None:
    spoiled: dict[str, Any] = {"content/evil.exe": b"MZ", "Test.Part-1.0/library.json": b"{"}
    broken = tides(**spoiled)
    answer = signed_in(editor).post(reverse("h5p_library:upload"), {"file": broken})

    assert answer.status_code == 422
    problems = answer.context["problems"]
    assert {problem.code for problem in problems} >= {"file-type", "bad-json"}
    page = answer.content.decode()
    assert f"was not taken: {len(problems)} problems" in page
    assert page.count("<li><p>") == len(problems)


def test_an_editor_is_told_which_libraries_are_missing(
    editor: User, administrator: User, at: datetime
) -> None:
    client = signed_in(editor)
    answer = client.post(reverse("h5p_library:upload"), {"file": tides()})
    assert answer.status_code == 422
    assert "Test.Main 1.2 is not installed here" in answer.content.decode()

    make_uploaded(by=administrator, at=at)
    assert client.post(reverse("h5p_library:upload"), {"file": tides("Ebb")}).status_code == 302


def test_who_uploads_content_without_libraries_is_told_what_to_do(
    editor: User, administrator: User
) -> None:
    with ZipFile(io.BytesIO(tides().read())) as whole:
        bare = {name: whole.read(name) for name in whole.namelist() if not name.startswith("Test.")}
    for person, told in ((editor, True), (administrator, False)):
        buffer = io.BytesIO()
        with ZipFile(buffer, "w") as archive:
            for name, data in bare.items():
                archive.writestr(name, data)
        file = SimpleUploadedFile("bare.h5p", buffer.getvalue())
        page = signed_in(person).post(reverse("h5p_library:upload"), {"file": file})
        shown = page.content.decode()
        assert "This file carries no libraries; install Test.Main 1.2 first." in shown
        assert ("Only administrators install libraries." in shown) is told


def test_replacing_makes_the_next_version(administrator: User, at: datetime) -> None:
    content = make_uploaded(by=administrator, at=at)
    client = signed_in(administrator)
    url = reverse("h5p_library:replace", args=[content.pk])
    said = {"base_version": shown_version(client, url)}
    client.post(url, {**said, "file": tides("High")})
    late = client.post(url, {**said, "file": tides("Late")}, follow=True)

    assert "Somebody stored another version" in late.content.decode()
    content.refresh_from_db()
    assert (content.title, content.versions.count()) == ("High", 2)
    first = content.versions.get(number=1)
    client.post(reverse("h5p_library:restore", args=[first.pk]), {"base_version": 2})
    content.refresh_from_db()
    assert (content.title, content.versions.count()) == ("Tides", 3)
    client.post(reverse("h5p_library:restore", args=[first.pk]), {"base_version": 1})
    assert content.versions.count() == 3
