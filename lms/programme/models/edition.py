from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core.clock import validate_zone
from lms.programme.enums import TAKING_PART, TEACHING_ROLES, PhaseKind, Role


class Programme(models.Model):
    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    host = models.CharField(max_length=200, help_text=_("Who awards the diploma."))
    partners = models.CharField(max_length=300, blank=True)
    accreditation = models.CharField(
        max_length=200,
        blank=True,
        help_text=_("The accreditation record; “accredited” is printed only with one (D16)."),
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EditionQuerySet(models.QuerySet["Edition"]):
    def visible_to(self, user: User) -> Self:
        """Editions somebody takes part in or has a role in; all of them for administrators."""
        if user.is_superuser:
            return self
        # By subqueries: a join would read everybody's place to find this person's.
        places = user.enrolments.filter(status__in=TAKING_PART)
        return self.filter(
            Q(pk__in=places.values("edition_id")) | Q(pk__in=user.roles.values("edition_id"))
        )

    def taught_by(self, user: User) -> Self:
        """Editions whose participants somebody follows for their work; all of them for
        administrators. A subquery for others: a person of both roles is there twice."""
        if user.is_superuser:
            return self
        return self.filter(roles__user=user, roles__role__in=TEACHING_ROLES)

    def coordinated_by(self, user: User) -> Self:
        """A subquery for others, as above; all of them for administrators."""
        if user.is_superuser:
            return self
        return self.filter(roles__user=user, roles__role=Role.COORDINATOR)


class Edition(models.Model):
    """One run of a programme: dates, place, people (D1)."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField()
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    place = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, validators=[validate_zone])
    starts_on = models.DateField(help_text=_("First in-person day."))
    ends_on = models.DateField(help_text=_("Last in-person day."))
    languages = models.CharField(max_length=60, default="en")

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="edition_number_once"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="edition_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Phase(models.Model):
    """A stretch of an edition, online or in person, with dates of its own (D2)."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="phases")
    kind = models.CharField(max_length=20, choices=PhaseKind.choices)
    title = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField()
    time_zone = models.CharField(max_length=64, validators=[validate_zone])

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind"], name="phase_kind_once"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="phase_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(kind__in=PhaseKind.values), name="phase_kind_known"),
        ]

    def __str__(self) -> str:
        return self.title


class Skill(models.Model):
    """One of the eight skills a programme develops (D3)."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="skills")
    slug = models.SlugField()
    title = models.CharField(max_length=120)
    text = models.TextField()
    evidence = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["programme", "slug"], name="skill_once")]

    def __str__(self) -> str:
        return self.title
