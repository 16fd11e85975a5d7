"""Messages about grades that are released, confirmed, appealed."""

from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.enums import AppealStatus
from assessments.models import Appeal, Grade, Release
from lms.accounts.models import User
from lms.core.mail import compose_message, send_message
from lms.programme.enums import Role
from lms.programme.models import Edition
from lms.programme.selectors import people_with_role


def grade_released(edition: Edition, *, to: User) -> None:
    send_message(to=to, **_released(edition))


def grade_released_message(edition: Edition, *, to: User) -> EmailMultiAlternatives:
    """The same, not sent: what a rehearsal shows."""
    return compose_message(to=to, **_released(edition))


def _released(edition: Edition) -> dict[str, Any]:
    """The result itself stays on the site: a mailbox may be shared."""
    return {
        "subject": _("Your project has been graded"),
        "paragraphs": [
            _("Your instructors have read your project and decided. The result, level by level and "
              "with their comments, is on the page of your project."),
        ],
        "action_url": _own_grade(edition),
        "action_label": _("See your grade"),
    }  # fmt: skip


def grade_voided(grade: Grade, *, to: User) -> None:
    """To those who wrote the project, with the reason."""
    send_message(
        to=to,
        subject=_("Your project gets no grade"),
        paragraphs=[
            _("%(person)s has declared the grade of your project void, so none is released. "
              "The reason:")
            % {"person": grade.voided_by},
            grade.voided_reason,
            _("If this is a mistake, write to your coordinators."),
        ],
        action_url=reverse("assessments:project", args=[grade.edition.slug]),
        action_label=_("Open your project"),
    )  # fmt: skip


def release_to_confirm(release: Release) -> None:
    """To the coordinators and instructors who may confirm it: not to who made it."""
    people = {
        person.pk: person
        for role in (Role.COORDINATOR, Role.INSTRUCTOR)
        for person in people_with_role(release.edition, role)
    }
    for person in people.values():
        if person.pk == release.made_by_id:
            continue
        send_message(
            to=person,
            subject=_("A release of grades waits for your confirmation"),
            paragraphs=[
                _("%(person)s has rehearsed a release of grades in “%(edition)s”. Somebody else "
                  "looks at it and confirms it before it takes effect.")
                % {"person": release.made_by, "edition": release.edition.name},
            ],
            action_url=reverse("assessments:release", args=[release.edition.slug, release.pk]),
            action_label=_("Look and confirm"),
        )  # fmt: skip


def appeal_received(appeal: Appeal) -> None:
    """To the coordinators: somebody else has to look at it."""
    edition = appeal.edition
    for person in people_with_role(edition, Role.COORDINATOR):
        send_message(
            to=person,
            subject=_("A grade is appealed"),
            paragraphs=[
                _("In “%(edition)s” the grade of a final project is appealed. Give the appeal to "
                  "a colleague who had no part in the grade.")
                % {"edition": edition.name},
            ],
            action_url=reverse("assessments:appeal", args=[edition.slug, appeal.pk]),
            action_label=_("Read the appeal"),
        )  # fmt: skip


def appeal_assigned(appeal: Appeal) -> None:
    assert appeal.assessment is not None
    send_message(
        to=appeal.assessment.marker,
        subject=_("An appeal is yours to look at"),
        paragraphs=[
            _("You are asked to look again at a grade in “%(edition)s” that you had no part in, "
              "and to decide whether it stands.")
            % {"edition": appeal.edition.name},
        ],
        action_url=reverse("assessments:appeal", args=[appeal.edition.slug, appeal.pk]),
        action_label=_("Read the appeal"),
    )  # fmt: skip


def appeal_decided(appeal: Appeal, *, to: User) -> None:
    """To those who wrote the project. The result itself stays on the site (invariant 8)."""
    is_amended = appeal.status == AppealStatus.AMENDED
    said = (
        _("A colleague who had no part in the grade has looked at your project again, and has "
          "changed the grade. The reason:")
        if is_amended
        else _("A colleague who had no part in the grade has looked at your project again. The "
               "grade stands. The reason:")
    )  # fmt: skip
    send_message(
        to=to,
        subject=_("Your appeal: the grade was changed")
        if is_amended
        else _("Your appeal: the grade stands"),
        paragraphs=[said, appeal.decision],
        action_url=_own_grade(appeal.edition),
        action_label=_("See your grade"),
    )


def _own_grade(edition: Edition) -> str:
    return reverse("assessments:project", args=[edition.slug]) + "#grade"
