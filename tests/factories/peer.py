"""Peer review: rounds, drafts in them, reviews.

round_now(edition, boss)        → PeerRound, open at the time of the test
writer(edition, city=…)         → Submission: a written draft of a new participant
asked(round, draft, reviewer)   → PeerReview, accepted
handed_in(review)               → the same, handed in
"""

from datetime import datetime, timedelta
from typing import Any

from assessments.actions.peer_reviews import accept_review, submit_review
from assessments.actions.peer_rounds import open_round
from assessments.models import PeerDraft, PeerEntry, PeerReview, PeerRound, Submission
from lms.accounts.models import City, User
from lms.core import clock
from lms.core.canonical import hash_of
from lms.programme.models import Edition, Enrolment
from tests.factories import assessments
from tests.factories.programme import EnrolmentFactory

QUESTIONS = [
    {"key": "strong", "title": "What is strong?", "help": "", "required": True},
    {"key": "more", "title": "Anything else?", "help": "", "required": False},
]


def round_now(edition: Edition, boss: User, at: datetime | None = None, **values: Any) -> PeerRound:
    """Opened at `at`, which is now without it; reviewers are found at once, ten days long."""
    at = at or clock.now()
    wall = at.replace(tzinfo=None)
    return open_round(
        project=assessments.project_in(edition),
        values={
            "title": "First drafts",
            "opens_wall": wall - timedelta(days=1),
            "closes_wall": wall + timedelta(days=10),
            "questions": QUESTIONS,
            **values,
        },
        by=boss,
        at=at,
    )


def writer(edition: Edition, city: City | None = None) -> Submission:
    place = EnrolmentFactory.create(edition=edition, **({"city": city} if city else {}))
    return assessments.write(assessments.start(edition, enrolment=place))


def asked(peer_round: PeerRound, submission: Submission, reviewer: Enrolment) -> PeerReview:
    """Written directly: whoever is named reviews, without an allocation."""
    at = clock.now()
    entry, _made = PeerEntry.objects.get_or_create(
        round=peer_round, submission=submission, defaults={"entered_at": at}
    )
    draft, _made = PeerDraft.objects.get_or_create(
        entry=entry,
        defaults={
            "guidelines": submission.guidelines,
            "submission_version": submission.version,
            "language": "en",
            "sections": submission.sections,
            "sha256": hash_of(submission.sections),
            "frozen_at": at,
        },
    )
    review = PeerReview.objects.create(
        round=peer_round, draft=draft, reviewer=reviewer, invited_at=at,
        answer_until_at=at + timedelta(days=3),
    )  # fmt: skip
    return accept_review(review=review, by=reviewer.user, at=at)


def handed_in(review: PeerReview) -> PeerReview:
    return submit_review(
        review=review,
        base_version=review.version,
        answers={"strong": "The figures are."},
        by=review.reviewer.user,
        at=clock.now(),
    )
