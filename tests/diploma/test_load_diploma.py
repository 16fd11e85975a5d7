"""`load_diploma`: twice the same, and never a known password in production."""

from collections import Counter
from io import StringIO

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from assessments.enums import CertificateStatus, SubmissionStatus
from assessments.models import Certificate, GuidelinesVersion, Submission
from lms.accounts.models import User
from lms.core.models import OutboxMessage
from lms.diploma.loading.people import PASSWORD
from lms.programme.models import Edition, Enrolment, Skill
from modules.enums import H5POrigin
from modules.models import ActivityPage, LessonPage, TermPage

# On PostgreSQL the journey in Chromium begins with it (tests/browser/test_diploma.py).
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database("sqlite")]


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def load(*args: str) -> str:
    out = StringIO()
    call_command("load_diploma", *args, stdout=out)
    return out.getvalue()


def test_diploma_is_loaded_once_however_often_it_is_asked_for(settings: LazySettings) -> None:
    settings.DEBUG = True

    printed = load()

    edition = Edition.objects.get()
    assert (edition.number, str(edition.starts_on), str(edition.ends_on)) == (
        3,
        "2025-11-17",
        "2025-11-21",
    )
    assert Skill.objects.count() == 8
    assert PASSWORD in printed
    assert "participant1@rambla.example" in printed

    # D6: five lessons, each with knowledge, skills and case-study content, 20–40 minutes
    # and five of practice.
    lessons = LessonPage.objects.live().order_by("number")
    assert [lesson.number for lesson in lessons] == [1, 2, 3, 4, 5]
    for lesson in lessons:
        activities = ActivityPage.objects.live().child_of(lesson)
        kinds = Counter(activity.kind for activity in activities)
        assert kinds["knowledge"] >= 2, lesson
        assert kinds["skills"] >= 1, lesson
        assert kinds["case_study"] >= 1, lesson
        assert 20 <= sum(activity.minutes for activity in activities) <= 45, lesson
        # Each has questions that are played in the page and that the server marks.
        played = activities.filter(h5p__current__questions__isnull=False)
        assert {activity.h5p.origin for activity in played} == {H5POrigin.QUESTIONS}, lesson
        assert all(activity.interactive_ids() == [activity.h5p_id] for activity in played)
    assert TermPage.objects.live().filter(slug="city-diplomacy").exists()
    assert GuidelinesVersion.objects.get().number == 1

    # Twelve people in six cities, brought to twelve stages by the real actions.
    assert Enrolment.objects.count() == 12
    assert Enrolment.objects.values("city").distinct().count() == 6
    assert Counter(Submission.objects.values_list("status", flat=True)) == {
        SubmissionStatus.DRAFT: 1,
        SubmissionStatus.SUBMITTED: 1,
        SubmissionStatus.LOCKED_FOR_MARKING: 2,
        SubmissionStatus.FINALISED: 3,
    }
    assert Certificate.objects.get().status == CertificateStatus.ISSUED
    # What is not due comes when it is: the releases it would begin are carried out already,
    # and one experience is under embargo.
    waiting = OutboxMessage.objects.filter(delivered_at=None)
    assert set(waiting.values_list("task", flat=True)) <= {
        "assessments.tasks.begin_release",
        "peer_exchange.tasks.end_embargo",
    }

    before = rows()
    load()
    assert rows() == before


def test_no_account_with_a_known_password_where_debug_is_off(settings: LazySettings) -> None:
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG is off"):
        load("--people")
    assert not Edition.objects.exists()

    load()
    assert LessonPage.objects.count() == 5
    assert not User.objects.exists()
