"""What there is of releases and appeals: the participant's own, and others' for the staff."""

from datetime import timedelta
from typing import Any

from assessments.actions.appeals import assign_appeal, make_appeal
from assessments.actions.releasing import release_grade
from assessments.models import Appeal, Grade
from tests.factories import assessments, marking, programme

AT = marking.MARKED_AT
LATER = AT + timedelta(hours=1)


def at_releases(scene: Any, grade: Grade) -> None:
    """A release that can be undone, a grade that is ready, the participant's appeal, and
    one that the instructor looks at."""
    edition, boss = scene.edition, scene.people["coordinator"]
    colleague = programme.instructor(edition)
    waiting = marking.agreed(assessments.handed_in(edition), colleague)
    ready = marking.agreed(assessments.handed_in(edition), colleague)
    release = release_grade(grade=waiting, base_version=waiting.version, by=boss, at=AT)
    other = marking.released(assessments.handed_in(edition), colleague)
    theirs = assign_appeal(
        appeal=_appeal(other), base_version=0, marker=scene.people["instructor"], by=boss, at=LATER
    )
    own = _appeal(grade)

    scene.at("assessments:release", pk=release.pk)
    scene.at("assessments:move_release", pk=release.pk, move="undo")
    scene.at("assessments:release_message", pk=ready.submission.owner.user_id)
    scene.at("assessments:feedback_pdf", pk=grade.pk)
    scene.at("assessments:grade_history", pk=grade.submission_id)
    for address in ("appeal", "assign_appeal", "appeal_marks"):
        scene.at(f"assessments:{address}", pk=theirs.pk)
    scene.at("api:v1:release", pk=release.pk)
    scene.at("api:v1:appeal", pk=theirs.pk)
    scene.at("api:v1:appeal-detail", pk=own.pk)
    version = {"base_version": release.version}
    free = programme.instructor(edition)
    give = {"base_version": theirs.version, "marker": free.pk}
    decide = {"base_version": 0, "reason": "A reason that says why."}
    receipt = {"attempt": other.attempt.receipt}
    scene.bodies |= {
        "POST assessments:move_release": version,
        "POST assessments:own_appeal": {"revision": 1, "reason": "A reason that says why."},
        "POST assessments:appeal": {"base_version": 0, **receipt},
        "POST assessments:assign_appeal": give,
        "PUT assessments:appeal_marks": {"base_version": 0, "values": {}},
        "POST api:v1:release-list": {"edition": edition.slug, "sha256": "0" * 64},
        "POST api:v1:release-confirm": {**version, "sha256": release.sha256},
        "POST api:v1:release-undo": version,
        "POST api:v1:release-retry": version,
        "POST api:v1:appeal-list": {
            "grade": grade.pk, "revision": 1, "reason": "A reason that says why.",
        },
        "POST api:v1:appeal-assign": give,
        "PUT api:v1:appeal-marks": {"base_version": 0, "marks": []},
        "POST api:v1:appeal-uphold": decide,
        "POST api:v1:appeal-amend": decide,
    }  # fmt: skip


def at_no_release(scene: Any, grade: Grade) -> None:
    """What is asked for while nothing is released: the release it may wait in, its history."""
    item = grade.release_items.first()
    release = item.release_id if item else grade.pk
    for address in ("assessments:release", "assessments:move_release", "api:v1:release"):
        scene.at(address, pk=release)
    scene.at("assessments:move_release", move="undo")
    scene.at("assessments:release_message", pk=grade.submission.owner.user_id)
    scene.at("assessments:feedback_pdf", pk=grade.pk)
    scene.at("assessments:grade_history", pk=grade.submission_id)
    for address in ("assessments:appeal", "assessments:assign_appeal", "api:v1:appeal"):
        scene.at(address, pk=grade.pk)


def _appeal(grade: Grade) -> Appeal:
    return make_appeal(
        grade=grade, revision=1, reason="A reason that says why.",
        by=grade.submission.owner.user, at=LATER,
    )  # fmt: skip
