"""What markers write beside a project: comments at a place in it, and their bank of comments."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.enums import AssessmentStatus
from assessments.models.marking import Assessment, is_blind
from assessments.models.submission import AttemptFile
from assessments.models.team import was_in_team
from lms.accounts.models import User
from lms.programme.models import Edition


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def present(self) -> Self:
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> Self:
        """A marker's own; those of a colleague once the marks are handed in, and where two
        people mark once both are. Never those on a project one has had a hand in."""
        others = self.filter(~was_in_team(user, "assessment__submission")).filter(
            assessment__edition__in=Edition.objects.taught_by(user)
        )
        handed_in = Q(assessment__status=AssessmentStatus.SUBMITTED)
        return others.filter(
            Q(assessment__marker=user) | (handed_in & ~is_blind("assessment__attempt"))
        )


class Annotation(models.Model):
    """A marker's comment at a place in an attempt: a passage or a whole section of its
    text, or a file, a page of it, a region or passage on a page.

    `anchor` says where (`assessments.anchors`). `key` is the page's own, so that what is
    sent twice is stored once. `version` counts the changes (invariant 3). What was handed
    in is frozen in `AssessmentRevision.annotations`; deleted rows stay and can come back.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="annotations")
    section = models.CharField(max_length=50, blank=True, help_text=_("Key of a section."))
    file = models.ForeignKey(
        AttemptFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    anchor = models.JSONField()
    text = models.TextField()
    key = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "key"], name="annotation_once"),
            models.CheckConstraint(
                condition=(Q(file__isnull=True) & ~Q(section=""))
                | Q(file__isnull=False, section=""),
                name="annotation_in_a_section_or_a_file",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="annotation_says_something"),
            models.CheckConstraint(
                condition=Q(changed_at__gte=F("created_at")), name="annotation_changed_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment}: {self.section or self.file}"


class SnippetQuerySet(models.QuerySet["Snippet"]):
    def present(self) -> Self:
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> Self:
        """One's own, deleted or not, and those shared in the editions one teaches in."""
        return self.filter(edition__in=Edition.objects.taught_by(user)).filter(
            Q(owner=user) | Q(is_shared=True, deleted_at=None)
        )


class Snippet(models.Model):
    """A comment kept to be used again: one's own, or shared with those who mark in the
    edition. `criterion`: the key of the rubric's criterion it is about, if of one.

    `version` counts the changes (invariant 3), not the uses. Deleted ones can come back.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="snippets")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="snippets")
    criterion = models.CharField(max_length=50, blank=True)
    text = models.TextField()
    is_shared = models.BooleanField(default=False)
    uses = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = SnippetQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="snippet_says_something"),
        ]
        indexes = [
            models.Index(
                fields=["edition", "owner"],
                condition=Q(deleted_at__isnull=True),
                name="snippet_present",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]
