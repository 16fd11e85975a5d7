"""Allocation, conflicts and peer review in the scene: the participant's, as everything."""

from typing import TYPE_CHECKING, Any

from assessments.actions.conflicts import declare_conflict
from assessments.actions.languages import set_languages
from assessments.models import AllocationRun, Submission
from lms.accounts.models import User
from tests.factories import peer
from tests.factories.marking import MARKED_AT

if TYPE_CHECKING:
    from tests.architecture.scene import Scene

REASON = {"reason": "A reason that says why."}


def put_marking_by_many(scene: "Scene", participant: User) -> None:
    """An allocation by rule, a conflict of the instructor, the participant's languages."""
    edition = scene.edition
    instructor, boss = scene.people["instructor"], scene.people["coordinator"]
    assert instructor is not None
    assert boss is not None
    run = AllocationRun.objects.create(
        project=edition.project, number=1, digest="0" * 64, rule={}, allocations=[],
        at=MARKED_AT, by=boss,
    )  # fmt: skip
    stranger = peer.writer(edition).owner.user
    conflict = declare_conflict(
        edition=edition, person=instructor, other=stranger, by=instructor, at=MARKED_AT, **REASON
    )
    languages: dict[str, Any] = {"reads": ["en"], "writes": "en", "base_version": 0}
    profile = set_languages(
        edition=edition, user=participant, by=participant, at=MARKED_AT, **languages
    )
    scene.at("api:v1:allocation", pk=run.pk)
    for address in ("assessments:take_back_conflict", "api:v1:conflict"):
        scene.at(address, pk=conflict.pk)
    scene.at("api:v1:language-profile", pk=profile.pk)
    rule = {"edition": edition.slug, "markers": [instructor.pk]}
    scene.bodies |= {
        "POST assessments:apply_allocation": {"markers": [instructor.pk], "digest": "x"},
        "POST assessments:take_back_conflict": REASON,
        "POST assessments:declare_conflict": REASON,
        "POST assessments:languages": languages,
        "POST api:v1:allocation-list": {**rule, "digest": "x"},
        "POST api:v1:allocation-preview": rule,
        "POST api:v1:conflict-list": {
            "edition": edition.slug, "other": participant.pk, **REASON,
        },
        "POST api:v1:conflict-take-back": REASON,
        "POST api:v1:language-profile-list": {"edition": edition.slug, **languages},
        "POST api:v1:marking-queue-next": {"edition": edition.slug},
    }  # fmt: skip


def put_peer_review(scene: "Scene", participant: User) -> None:
    """A round that is open now: the participant reads a draft of another, and another has
    read theirs."""
    edition = scene.edition
    boss = scene.people["coordinator"]
    assert boss is not None
    peer_round = peer.round_now(edition, boss)
    own = Submission.objects.get(
        members__enrolment__user=participant, members__left_at=None, edition=edition
    )
    other = peer.writer(edition)
    theirs = peer.asked(peer_round, other, participant.enrolments.get())
    received = peer.handed_in(peer.asked(peer_round, own, other.owner))
    for address in (
        "assessments:peer_round", "assessments:find_peer", "assessments:call_off_peer",
        "api:v1:peer-round",
    ):  # fmt: skip
        scene.at(address, pk=peer_round.pk)
    for address in (
        "assessments:peer_review", "assessments:accept_peer", "assessments:decline_peer",
        "api:v1:peer-review",
    ):  # fmt: skip
        scene.at(address, pk=theirs.pk)
    for address in ("assessments:rate_peer", "api:v1:peer-review-rate"):
        scene.at(address, pk=received.pk)
    values = {
        "title": "Another", "opens_wall": "2099-01-01T10:00", "closes_wall": "2099-02-01T10:00",
        "questions": [{"title": "What is good?"}],
    }  # fmt: skip
    scene.bodies |= {
        "POST assessments:peer_round": {"base_version": 0},
        "PUT assessments:peer_review_answers": {"base_version": 0, "values": {}},
        "POST assessments:peer_review": {"base_version": 0},
        "POST assessments:decline_peer_review": REASON,
        "POST assessments:rate_peer_review": {"usefulness": 5},
        "POST api:v1:peer-round-list": {"edition": edition.slug, **values},
        "POST api:v1:peer-round-change": {"base_version": 0, **values},
        "POST api:v1:peer-review-decline": REASON,
        "PUT api:v1:peer-review-answers": {"base_version": 0, "answers": {}},
        "POST api:v1:peer-review-submit": {"base_version": 0},
        "POST api:v1:peer-review-rate": {"usefulness": 5},
    }
