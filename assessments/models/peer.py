"""Participants read each other's drafts before they hand in. Nothing here is a mark: these
rows are separate from those of instructors (invariant 11)."""

from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, Q
from django.utils.translation import gettext_lazy as _

from assessments.enums import STANDING_REVIEW, PeerReviewStatus
from assessments.models.project import GuidelinesVersion, Project
from assessments.models.submission import Submission
from assessments.models.team import TeamMember
from lms.accounts.models import User
from lms.core.clock import validate_zone
from lms.programme.enums import TAKING_PART
from lms.programme.models import Edition, Enrolment


class PeerRoundQuerySet(models.QuerySet["PeerRound"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(edition__in=Edition.objects.visible_to(user))


class PeerRound(models.Model):
    """A stretch of time in which drafts of a project are reviewed by other participants.

    Drafts enter until `opens_at`, or later while there is room; reviews are handed in until
    `closes_at`: instants, set on the clock of `zone`. Each draft gets at least `minimum`
    reviews where that is possible, nobody reads more than `most`. Whoever does not answer
    within `answer_hours` is replaced. `takes_all`: every draft with words in it enters by
    itself. `questions`: [{"key", "title", "help", "required"}]. `seed`: what decides between
    equals. `version` counts changes (invariant 3).
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="peer_rounds")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="peer_rounds")
    title = models.CharField(max_length=120)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    zone = models.CharField(max_length=64, validators=[validate_zone])
    minimum = models.PositiveSmallIntegerField(
        default=2, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    most = models.PositiveSmallIntegerField(
        default=3, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    answer_hours = models.PositiveSmallIntegerField(
        default=72, validators=[MinValueValidator(1), MaxValueValidator(720)]
    )
    takes_all = models.BooleanField(default=False)
    matches_language = models.BooleanField(
        default=True, verbose_name=_("only those who read the language of the draft")
    )
    hides_names = models.BooleanField(
        default=False, verbose_name=_("writers and reviewers do not see each other’s names")
    )
    questions = models.JSONField()
    seed = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    called_off_at = models.DateTimeField(null=True, blank=True)
    called_off_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = PeerRoundQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="peer_round_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(
                    minimum__range=(1, 10), most__range=(1, 20), answer_hours__range=(1, 720)
                ),
                name="peer_round_numbers_in_range",
            ),
            models.CheckConstraint(
                condition=Q(called_off_at=None, called_off_by=None)
                | Q(called_off_at__isnull=False, called_off_by__isnull=False),
                name="peer_round_called_off_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition}: {self.title}"

    @property
    def question_keys(self) -> tuple[str, ...]:
        return tuple(question["key"] for question in self.questions)


class PeerEntry(models.Model):
    """The writers of a draft want it reviewed in a round, and review others."""

    round = models.ForeignKey(PeerRound, on_delete=models.PROTECT, related_name="entries")
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="peer_entries"
    )
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text=_("Empty where the round takes all drafts."),
    )  # fmt: skip
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "peer entries"
        constraints = [
            models.UniqueConstraint(fields=["round", "submission"], name="peer_entry_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="peer_entry_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.submission}"


class PeerDraft(models.Model):
    """A draft as it stood when reviewers were found for it. Append-only.

    `sections`: section key → canonical HTML; `sha256` is the hash of their canonical JSON.
    """

    entry = models.OneToOneField(PeerEntry, on_delete=models.PROTECT, related_name="draft")
    guidelines = models.ForeignKey(GuidelinesVersion, on_delete=models.PROTECT, related_name="+")
    submission_version = models.PositiveIntegerField()
    language = models.CharField(max_length=8)
    sections = models.JSONField()
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.entry}, as of {self.frozen_at:%Y-%m-%d}"


def writes_draft(user: User, submission: str) -> Exists:
    """A condition: `user` is in the team of the submission the outer query names."""
    return Exists(TeamMember.objects.present().of(user, submission))


class PeerReviewQuerySet(models.QuerySet["PeerReview"]):
    def standing(self) -> Self:
        return self.filter(status__in=STANDING_REVIEW)

    def of_reviewer(self, user: User) -> Self:
        return self.filter(reviewer__user=user)

    def received_by(self, user: User) -> Self:
        """Handed in about a draft that one writes."""
        return self.filter(
            writes_draft(user, "draft__entry__submission"), status=PeerReviewStatus.SUBMITTED
        )

    def visible_to(self, user: User) -> Self:
        """One's own while one takes part, those one received, and those of editions one
        coordinates."""
        if user.is_superuser:
            return self
        coordinated = Edition.objects.coordinated_by(user)
        return self.filter(
            Q(reviewer__user=user, reviewer__status__in=TAKING_PART)
            | Q(writes_draft(user, "draft__entry__submission"), status=PeerReviewStatus.SUBMITTED)
            | Q(round__edition__in=coordinated)
        )


class PeerReview(models.Model):
    """One participant's review of one draft. `answers`: question key → text. `version`
    counts its saves (invariant 3); once handed in, nothing of it but the rating changes.

    `usefulness`: 1 to 5, by a writer of the draft, with a word to the reviewer.
    """

    round = models.ForeignKey(PeerRound, on_delete=models.PROTECT, related_name="reviews")
    draft = models.ForeignKey(PeerDraft, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="peer_reviews")
    status = models.CharField(
        max_length=20, choices=PeerReviewStatus.choices, default=PeerReviewStatus.INVITED
    )
    version = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict, blank=True)
    invited_at = models.DateTimeField()
    answer_until_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Declined, or given to somebody else.")
    )
    reason = models.CharField(max_length=1000, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    usefulness = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    usefulness_note = models.CharField(max_length=1000, blank=True)
    rated_at = models.DateTimeField(null=True, blank=True)
    rated_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = PeerReviewQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "reviewer"], name="peer_review_once"),
            models.CheckConstraint(
                condition=Q(status__in=PeerReviewStatus.values), name="peer_review_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=PeerReviewStatus.DECLINED) | ~Q(reason=""),
                name="peer_review_declined_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status=PeerReviewStatus.SUBMITTED) | Q(submitted_at__isnull=False),
                name="peer_review_submitted_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(rated_at=None, rated_by=None, usefulness=None)
                | Q(rated_at__isnull=False, rated_by__isnull=False, usefulness__range=(1, 5))
                & Q(status=PeerReviewStatus.SUBMITTED),
                name="peer_review_rated_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft}: {self.reviewer}"

    @property
    def edition_id(self) -> Any:
        return self.round.edition_id
