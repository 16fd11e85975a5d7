import secrets
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.enums import (
    STANDING_CERTIFICATE,
    CertificateStatus,
    RequirementKey,
    RequirementStatus,
)
from lms.accounts.models import User
from lms.programme.models import Edition, Enrolment

# Letters and digits nobody confuses when they are read from paper.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12


def new_code() -> str:
    """58 bits of chance: a verification address cannot be guessed."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


class CompletionPolicy(models.Model):
    """What an edition asks for its certificate (D15). Without a row, the brochure's rule.

    How much a city has to share is the exchange's own policy.
    """

    edition = models.OneToOneField(
        Edition, on_delete=models.PROTECT, related_name="completion_policy"
    )
    activity_percent = models.PositiveSmallIntegerField(
        default=100, help_text=_("How much of the online activities, in per cent.")
    )
    requires_attendance = models.BooleanField(default=True)
    requires_sharing = models.BooleanField(default=True)
    requires_project = models.BooleanField(default=True)
    requires_presentation = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "completion policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(activity_percent__lte=100), name="completion_activity_is_a_percentage"
            )
        ]

    def __str__(self) -> str:
        return f"Completion policy, {self.edition}"


class RequirementDecision(models.Model):
    """A requirement of the certificate, as it was found or decided at a time
    (invariant 14). Append-only: the highest number is in force.

    `evidence`: kind → ids ({"attendance": [3, 9], "presentation": [4], …}).
    `decided_by` is empty where the system read it from the evidence.
    """

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="requirement_decisions"
    )
    key = models.CharField(max_length=20, choices=RequirementKey.choices)
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=RequirementStatus.choices)
    evidence = models.JSONField(default=dict)
    reason = models.CharField(max_length=1000, blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["enrolment", "key", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "key", "number"], name="requirement_decision_once"
            ),
            models.CheckConstraint(
                condition=Q(key__in=RequirementKey.values, status__in=RequirementStatus.values),
                name="requirement_decision_known",
            ),
            models.CheckConstraint(
                condition=~Q(status=RequirementStatus.WAIVED)
                | (Q(decided_by__isnull=False) & ~Q(reason="")),
                name="requirement_waived_by_somebody_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.key} {self.status}"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def standing(self) -> Self:
        """The one that counts now: neither revoked nor replaced."""
        return self.filter(status__in=STANDING_CERTIFICATE)

    def visible_to(self, user: User) -> Self:
        """One's own once issued; those of others for staff of the edition."""
        if user.is_superuser:
            return self
        own = Q(enrolment__user=user) & ~Q(status=CertificateStatus.ELIGIBLE)
        return self.filter(own | Q(edition__in=Edition.objects.taught_by(user)))


class Certificate(models.Model):
    """A certificate of completion (D16). What is printed on it is kept here as it was
    when the place became eligible. Append-only but for its state and its reviews.
    `evidence` is what it rests on: requirement key → the evidence of its decision.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="certificates")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="certificates")
    number = models.CharField(max_length=40, unique=True)
    code = models.CharField(max_length=16, unique=True, default=new_code)
    status = models.CharField(
        max_length=20, choices=CertificateStatus.choices, default=CertificateStatus.ELIGIBLE
    )
    eligible_at = models.DateTimeField()
    evidence = models.JSONField(default=dict)
    # As printed.
    name = models.CharField(max_length=254)
    city_name = models.CharField(max_length=120)
    programme_name = models.CharField(max_length=200)
    edition_name = models.CharField(max_length=200)
    host = models.CharField(max_length=200)
    partners = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField()
    accreditation = models.CharField(max_length=200, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    stored_as = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0, help_text=_("In bytes."))
    # The latest review, and its end.
    review_reason = models.CharField(max_length=1000, blank=True)
    review_opened_at = models.DateTimeField(null=True, blank=True)
    review_opened_by = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty where changed evidence opened it."),
    )
    review_closed_at = models.DateTimeField(null=True, blank=True)
    review_closed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_reason = models.CharField(max_length=1000, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(status__in=STANDING_CERTIFICATE),
                name="certificate_one_that_counts",
            ),
            models.CheckConstraint(
                condition=Q(status__in=CertificateStatus.values), name="certificate_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status=CertificateStatus.ELIGIBLE)
                | (Q(issued_at__isnull=False, size__gt=0) & ~Q(stored_as="") & ~Q(sha256="")),
                name="certificate_issued_with_its_file",
            ),
            models.CheckConstraint(
                condition=Q(review_closed_at__isnull=True, review_closed_by__isnull=True)
                | Q(review_closed_at__isnull=False, review_closed_by__isnull=False),
                name="certificate_review_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status=CertificateStatus.UNDER_REVIEW)
                | (
                    Q(review_opened_at__isnull=False, review_closed_at__isnull=True)
                    & ~Q(review_reason="")
                ),
                name="certificate_under_review_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(review_opened_by__isnull=True) | Q(review_opened_at__isnull=False),
                name="certificate_review_opened_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=CertificateStatus.REVOKED)
                | (Q(review_closed_by__isnull=False) & ~Q(revoked_reason="")),
                name="certificate_revoked_by_somebody_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def file_name(self) -> str:
        return f"certificate-{self.number}.pdf"
