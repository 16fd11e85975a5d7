"""Content that is played nowhere leaves the list and the chooser, and comes back."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from lms.accounts.models import User
from lms.core.audit import events_of
from modules.actions.h5p_archive import StillPlayed, archive_content, bring_back_content
from modules.models import ActivityPage, H5PContent, LessonPage
from modules.models.body_blocks import BodyBlock
from modules.models.playing import InTheArchive
from modules.selectors.h5p_library import pages_of
from tests.factories.h5p import make_questions, make_uploaded
from tests.factories.modules import WORDS, change, make_activity, played
from tests.modules.h5p_authoring.looking import signed_in

pytestmark = pytest.mark.django_db


def titles(user: User, name: str, **asked: str) -> list[str]:
    page = signed_in(user).get(reverse(name), asked)
    assert page.status_code == 200
    context = page.context
    return [content.title for content in context.get("object_list") or context.get("results") or ()]


def test_it_leaves_list_table_and_chooser_and_comes_back(
    editor: User, administrator: User, at: datetime
) -> None:
    content = make_uploaded(by=administrator, at=at)
    make_questions(by=editor, at=at)
    client = signed_in(editor)
    own = reverse("h5p_library:content", args=[content.pk])

    assert client.post(reverse("h5p_library:archive", args=[content.pk])).headers["Location"] == own

    for name in ("h5p_library:index", "h5p_chooser:choose", "h5p_chooser:choose_results"):
        assert titles(editor, name) == ["Rivers"], name
    assert titles(editor, "h5p_library:archived") == ["Tides"]
    assert "Tides" not in client.get(reverse("h5p_library:csv")).content.decode()
    shown = client.get(own).content.decode()
    assert "In the archive since" in shown
    assert reverse("h5p_library:replace", args=[content.pk]) not in shown

    client.post(reverse("h5p_library:bring_back", args=[content.pk]))

    assert titles(editor, "h5p_library:index") == ["Rivers", "Tides"]
    assert titles(editor, "h5p_library:archived") == []
    verbs = [event.verb for event in events_of(content).order_by("pk")][-2:]
    assert verbs == ["h5p.content_archived", "h5p.content_brought_back"]


def test_the_chooser_is_searched_by_title(editor: User, at: datetime) -> None:
    for title in ("Rivers", "Roads", "Bridges"):
        make_questions(by=editor, at=at, title=title)
    assert titles(editor, "h5p_chooser:choose_results", q="road") == ["Roads"]


def test_while_a_page_plays_it_the_editor_is_told_where(
    editor: User, at: datetime, lesson: LessonPage
) -> None:
    content = make_questions(by=editor, at=at)
    activity = make_activity(lesson, body=[played(content)])
    client = signed_in(editor)

    page = client.post(reverse("h5p_library:archive", args=[content.pk]), follow=True)

    said = "".join(str(message) for message in page.context["messages"])
    assert "“Rivers” stays on the list" in said
    assert activity.title in said
    assert reverse("wagtailadmin_pages:edit", args=[activity.pk]) in said
    assert titles(editor, "h5p_library:index") == ["Rivers"]


def test_a_draft_and_what_is_scheduled_use_it_too(
    editor: User, at: datetime, lesson: LessonPage
) -> None:
    drafted, scheduled = make_questions(by=editor, at=at), make_questions(by=editor, at=at)
    activity = make_activity(lesson)
    for content, go_live in ((scheduled, at + timedelta(days=1)), (drafted, None)):
        draft = ActivityPage.objects.get(pk=activity.pk)
        draft.body = [("interactive", content)]
        draft.save_revision(approved_go_live_at=go_live)

    for content in (drafted, scheduled):
        with pytest.raises(StillPlayed) as refused:
            archive_content(content=content, by=editor, at=at)
        assert refused.value.extra["pages"] == [{"id": activity.pk, "title": activity.title}]
    page = signed_in(editor).get(reverse("h5p_library:content", args=[drafted.pk]))
    assert "in a draft" in page.content.decode()

    change(activity, body=WORDS)
    assert pages_of(drafted) == []
    archive_content(content=drafted, by=editor, at=at)


def test_no_page_begins_to_play_what_is_archived(
    editor: User, at: datetime, lesson: LessonPage
) -> None:
    """Not even what an old revision, another tab or code brings back."""
    content = make_questions(by=editor, at=at)
    activity = make_activity(lesson, body=[played(content)])
    old = activity.latest_revision
    change(activity, body=WORDS)
    archive_content(content=content, by=editor, at=at)

    with pytest.raises(InTheArchive) as refused:
        old.publish()
    assert "“Rivers” is in the archive of H5P activities" in str(refused.value)
    draft = ActivityPage.objects.get(pk=activity.pk)
    draft.body = [("interactive", content)]
    with pytest.raises(InTheArchive):
        draft.save_revision(clean=False)
    assert pages_of(content) == []

    bring_back_content(content=content, by=editor, at=at)
    old.publish()
    assert pages_of(content) == [activity]


def test_the_editor_reads_it_at_the_block(editor: User, at: datetime) -> None:
    content = make_questions(by=editor, at=at)
    archive_content(content=content, by=editor, at=at)
    # With the CMS comes the chooser that the block offers.
    reverse("wagtailadmin_home")
    block = BodyBlock().child_blocks["interactive"]
    with pytest.raises(ValidationError, match="“Rivers” is in the archive"):
        block.clean(H5PContent.objects.get(pk=content.pk))


def test_archiving_twice_keeps_who_did_it_first(
    editor: User, administrator: User, at: datetime
) -> None:
    content = make_questions(by=editor, at=at)
    for by in (editor, administrator):
        archive_content(content=content, by=by, at=at)
    content.refresh_from_db()
    assert content.archived_by == editor
    assert events_of(content).filter(verb="h5p.content_archived").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        H5PContent.objects.filter(pk=content.pk).update(archived_by=None)
