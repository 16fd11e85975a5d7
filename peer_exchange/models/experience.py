from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from lms.accounts.models import City, User
from lms.programme.enums import Role
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.enums import CLEARED, ExperienceStatus, FacetKind, Part, Visibility
from peer_exchange.models.taxonomy import Facet, Theme

TITLE_MAX = 160
SUMMARY_MAX = 600
S = ExperienceStatus


def _recorded(step: str, *, text: str = "") -> Q:
    """`<step>_at` and `<step>_by` are set together or not at all; so is the `text`."""
    done = Q(**{f"{step}_at__isnull": False, f"{step}_by__isnull": False})
    not_done = Q(**{f"{step}_at__isnull": True, f"{step}_by__isnull": True})
    if not text:
        return done | not_done
    return (done & ~Q(**{text: ""})) | (not_done & Q(**{text: ""}))


class CityExperienceQuerySet(models.QuerySet["CityExperience"]):
    def visible_to(self, user: User) -> Self:
        """What somebody may read.

        The city's team and the authors see their own in every state; moderators
        and coordinators from moderation on; everybody else what is published,
        as far as its visibility reaches.
        """
        if user.is_superuser:
            return self
        standing = standing_of(user)
        editions = standing.edition_ids
        own = Q(authors=user, edition__in=editions)
        for edition_id in editions:
            own |= Q(edition=edition_id, city__in=standing.team_cities(edition_id))
        looked_after = [
            e for e in editions if standing.has_role(e, Role.MODERATOR, Role.COORDINATOR)
        ]
        of_my_programmes = Edition.objects.filter(programme__editions__in=editions)
        readable = (
            Q(visibility=Visibility.COHORT, edition__in=editions)
            | Q(visibility=Visibility.MEMBERS, edition__in=of_my_programmes)
            | Q(visibility=Visibility.PUBLIC)
        )
        visible = (
            own
            | Q(edition__in=looked_after, status__in=CLEARED)
            | (Q(status=S.PUBLISHED) & readable)
        )
        # By id, so that the join to the authors does not repeat rows.
        return self.filter(pk__in=CityExperience.objects.filter(visible).values("pk"))

    def published(self) -> Self:
        return self.filter(status=S.PUBLISHED)

    def with_words(self) -> Self:
        """With all that a list shows beside the text."""
        return self.select_related("city", "edition").prefetch_related(
            "themes", "facets", "authorships__user"
        )


class CityExperience(models.Model):
    """What a city tried, told by its own team in six parts (D18).

    `version` counts the draft's saves (invariant 3). The named official is the
    one in the city who cleared the text; `cleared_by` is the team member who
    recorded that.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="experiences")
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="experiences")
    authors: Any = models.ManyToManyField(
        User,
        through="ExperienceAuthor",
        through_fields=("experience", "user"),
        related_name="experiences",
    )
    title = models.CharField(max_length=TITLE_MAX, blank=True)
    summary = models.CharField(max_length=SUMMARY_MAX, blank=True)
    context = models.TextField(blank=True)
    challenge = models.TextField(blank=True)
    strategy = models.TextField(blank=True)
    succeeded = models.TextField(blank=True)
    failed = models.TextField(blank=True)
    lessons = models.TextField(blank=True)
    themes: Any = models.ManyToManyField(Theme, related_name="experiences", blank=True)
    facets: Any = models.ManyToManyField(Facet, related_name="experiences", blank=True)
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.COHORT
    )
    search_text = models.TextField(blank=True, editable=False)

    status = models.CharField(max_length=16, choices=S.choices, default=S.DRAFT)
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cleared_by_name = models.CharField(max_length=200, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    returned_reason = models.TextField(blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    archived_reason = models.TextField(blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    archived_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = CityExperienceQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=S.values), name="experience_status_known"
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="experience_visibility_known"
            ),
            models.CheckConstraint(
                condition=_recorded("submitted"), name="experience_submitted_pair"
            ),
            models.CheckConstraint(
                condition=_recorded("cleared", text="cleared_by_name"),
                name="experience_cleared_with_name",
            ),
            models.CheckConstraint(
                condition=_recorded("returned", text="returned_reason"),
                name="experience_returned_with_reason",
            ),
            models.CheckConstraint(
                condition=_recorded("published"), name="experience_published_pair"
            ),
            models.CheckConstraint(
                condition=_recorded("archived", text="archived_reason"),
                name="experience_archived_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(status=S.DRAFT, submitted_at__isnull=True)
                | (~Q(status=S.DRAFT) & Q(submitted_at__isnull=False, returned_at__isnull=True)),
                name="experience_draft_is_not_submitted",
            ),
            models.CheckConstraint(
                condition=Q(status__in=CLEARED, cleared_at__isnull=False)
                | (~Q(status__in=CLEARED) & Q(cleared_at__isnull=True)),
                name="experience_leaves_the_city_cleared",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(S.PUBLISHED, S.ARCHIVED), published_at__isnull=False)
                | (~Q(status__in=(S.PUBLISHED, S.ARCHIVED)) & Q(published_at__isnull=True)),
                name="experience_published_state",
            ),
            models.CheckConstraint(
                condition=Q(status=S.ARCHIVED, archived_at__isnull=False)
                | (~Q(status=S.ARCHIVED) & Q(archived_at__isnull=True)),
                name="experience_archived_state",
            ),
        ]
        indexes = [
            models.Index(fields=["edition", "status", "-published_at", "-id"]),
            models.Index(fields=["edition", "city"]),
        ]

    def __str__(self) -> str:
        return self.title or _("Without a title yet")

    @property
    def texts(self) -> dict[str, str]:
        """Title, summary and the six parts by field name."""
        return {name: getattr(self, name) for name in TEXT_FIELDS}

    @property
    def facet_words(self) -> list[tuple[str, list[str]]]:
        """(kind, names) for each kind of facet, from what was prefetched."""
        facets = self.facets.all()
        return [
            (str(kind.label), [facet.name for facet in facets if facet.kind == kind])
            for kind in FacetKind
        ]


TEXT_FIELDS = ("title", "summary", *Part.values)


class ExperienceAuthor(models.Model):
    """Somebody of the city's team who signs the text."""

    experience = models.ForeignKey(
        CityExperience, on_delete=models.PROTECT, related_name="authorships"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="authorships")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["experience", "user"], name="experience_author_once")
        ]

    def __str__(self) -> str:
        return str(self.user)


class ExperienceRevision(models.Model):
    """The text as it was published. Append-only.

    `content`: {"title", "summary", the six parts, "themes": [slug],
    "facets": {kind: [slug]}, "authors": [user id]}; `sha256` is the hash of its
    canonical JSON.
    """

    experience = models.ForeignKey(
        CityExperience, on_delete=models.PROTECT, related_name="revisions"
    )
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    cleared_by_name = models.CharField(max_length=200)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["experience", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["experience", "number"], name="experience_revision_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="experience_revisions_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experience} r{self.number}"
