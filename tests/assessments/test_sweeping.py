"""What workers that died and people who left have left behind, and what the disk holds."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile

from assessments.actions import leave_team
from assessments.actions.sweeping import sweep_uploads
from assessments.enums import UploadStatus
from assessments.models import Upload
from lms.core import audit, clock
from lms.core.partial_files import FORGOTTEN_AFTER, PartialFile
from lms.core.storage import evidence, store_by_content
from lms.programme.models import Edition
from tests.assessments.test_uploads import blocked_store, kept, stored
from tests.factories.assessments import pdf, start
from tests.factories.teams import mates, team
from tests.factories.uploads import Sender, upload_at

CONTENT = pdf(padding=5_000)


@pytest.fixture(autouse=True)
def empty_disk(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_ROOT = str(tmp_path / "uploads")
    options = {"OPTIONS": {"location": str(tmp_path / "evidence")}}
    settings.STORAGES = {
        **settings.STORAGES, "evidence": {**settings.STORAGES["evidence"], **options},
    }  # fmt: skip


def test_a_file_that_arrived_is_attached_though_its_sender_has_left(
    edition: Edition, settings: Any, tmp_path: Path
) -> None:
    submission = team(edition)
    _ana, juma = mates(submission)
    stores = settings.STORAGES
    blocked_store(settings, tmp_path)
    sender = Sender(juma.user)
    address = sender.begin(submission, "a.pdf", CONTENT)
    assert sender.append(address, CONTENT, offset=0).status_code == 503
    settings.STORAGES = stores
    leave_team(submission=submission, by=juma.user, at=clock.now(), reason="")

    assert sweep_uploads(at=clock.now() + timedelta(minutes=3)) == (1, 0)

    file = submission.files.get()
    assert (stored(file), file.uploaded_by) == (CONTENT, juma.user)
    assert audit.events_of(submission).get(verb="project.file_attached").actor is None


def test_bytes_of_uploads_that_have_ended_are_dropped(edition: Edition) -> None:
    """A worker was killed after it had said “finished” and before it cleared up."""
    submission = start(edition)
    sender = Sender(submission.owner.user)
    done, running = (sender.begin(submission, name, CONTENT) for name in ("a.pdf", "b.pdf"))
    sender.append(done, CONTENT, offset=0)
    sender.append(running, CONTENT[:2_000], offset=0)
    left, goes_on = PartialFile(upload_at(done).pk), PartialFile(upload_at(running).pk)
    left.path.write_bytes(CONTENT)
    new, old = PartialFile(uuid4()), PartialFile(uuid4())
    for unknown in (new, old):
        unknown.path.write_bytes(b"of another database, perhaps")
    then = old.path.stat().st_mtime - FORGOTTEN_AFTER - 1
    os.utime(old.path, (then, then))

    assert sweep_uploads(at=clock.now()) == (0, 0)

    assert set(kept()) == {goes_on.path, new.path}
    assert Upload.objects.filter(status=UploadStatus.FINISHED).count() == 1


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, str]]:
    """What is asked of the disk, in order."""
    asked: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        asked.append(("fsync", str(Path(path).relative_to(tmp_path / "evidence"))))
        fsync(descriptor)

    def noted_replace(source: Any, target: Any) -> None:
        asked.append(("replace", str(Path(target).relative_to(tmp_path / "evidence"))))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    return asked


def test_the_disk_holds_a_file_and_its_name_before_it_counts(disk: list[tuple[str, str]]) -> None:
    name, digest = store_by_content(ContentFile(b"words of a city"))

    (_fsync, part), moved, *after = disk
    folder = f"sha256/{digest[:2]}"
    assert part.startswith("parts/")
    assert moved == ("replace", name)
    assert after == [("fsync", path) for path in (name, folder, "sha256", ".")]


def test_content_that_is_there_is_put_on_the_disk_all_the_same(
    disk: list[tuple[str, str]],
) -> None:
    """Whoever brought it may have died between moving it there and saying so to the disk."""
    name, _digest = store_by_content(ContentFile(b"words of a city"))
    disk.clear()

    assert store_by_content(ContentFile(b"words of a city"))[0] == name

    assert disk[0] == ("fsync", name)
    with evidence().open(name) as file:
        assert file.read() == b"words of a city"
