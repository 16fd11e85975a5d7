from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from lms.accounts.models import City, User
from lms.core.rich_text import bare_text_of
from lms.programme.models import Edition
from peer_exchange.enums import CLEARED, ExperienceStatus, FacetKind, Part, Visibility
from peer_exchange.evidence_links import EvidenceLink, links_in
from peer_exchange.models.experience_queries import CityExperienceQuerySet
from peer_exchange.models.taxonomy import Facet, Theme

TITLE_MAX = 160
SUMMARY_MAX = 600
CONTACT_MAX = 200
LANGUAGE_MAX = 12
FIRST_YEAR, LAST_YEAR = 1800, 2100
S = ExperienceStatus


def _recorded(step: str, *, text: str = "") -> Q:
    """`<step>_at` and `<step>_by` are set together or not at all; so is the `text`."""
    done = Q(**{f"{step}_at__isnull": False, f"{step}_by__isnull": False})
    not_done = Q(**{f"{step}_at__isnull": True, f"{step}_by__isnull": True})
    if not text:
        return done | not_done
    return (done & ~Q(**{text: ""})) | (not_done & Q(**{text: ""}))


class CityExperience(models.Model):
    """What a city tried, told by its own team part by part (D18).

    The parts are HTML of the editor, always in its canonical form; `links` are lines, an
    address and what stands there in each. `version` counts the draft's saves (invariant
    3). The named official is the one in the city who cleared the text; `cleared_by` is the
    team member who recorded that. Until `embargo_until` nobody but the city's people and
    the moderators reads it, and `published_at` is not before that instant. `began_in` and
    `ended_in`: the years in which it was done; a beginning without an end still runs.

    A published text is changed in a row of its own that `revises` it and goes the same
    way. When that is published, its text takes the place of the one it revises, which
    keeps its address, its responses and every wording it had (`ExperienceRevision`), and
    the row is archived.
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
    language = models.CharField(max_length=LANGUAGE_MAX, default="en")
    context = models.TextField(blank=True)
    challenge = models.TextField(blank=True)
    strategy = models.TextField(blank=True)
    done = models.TextField(blank=True)
    succeeded = models.TextField(blank=True)
    failed = models.TextField(blank=True)
    lessons = models.TextField(blank=True)
    cost = models.TextField(blank=True)
    links = models.TextField(blank=True)
    began_in = models.PositiveSmallIntegerField(null=True, blank=True)
    ended_in = models.PositiveSmallIntegerField(null=True, blank=True)
    contact_name = models.CharField(max_length=CONTACT_MAX, blank=True)
    contact_office = models.CharField(max_length=CONTACT_MAX, blank=True)
    contact_email = models.CharField(max_length=CONTACT_MAX, blank=True)
    themes: Any = models.ManyToManyField(Theme, related_name="experiences", blank=True)
    facets: Any = models.ManyToManyField(Facet, related_name="experiences", blank=True)
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.COHORT
    )

    status = models.CharField(max_length=16, choices=S.choices, default=S.DRAFT)
    version = models.PositiveIntegerField(default=0)
    revises: Any = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reworkings"
    )
    given_up_at = models.DateTimeField(null=True, blank=True)
    given_up_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    writer = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    history_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cleared_by_name = models.CharField(max_length=200, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    embargo_until = models.DateTimeField(null=True, blank=True)
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
            models.CheckConstraint(
                condition=_recorded("given_up"), name="experience_given_up_pair"
            ),
            models.CheckConstraint(
                condition=Q(given_up_at__isnull=True) | Q(status=S.DRAFT, revises__isnull=False),
                name="experience_given_up_is_a_reworking",
            ),
            # An embargo is the clearance's: it goes with it.
            models.CheckConstraint(
                condition=Q(embargo_until__isnull=True) | Q(cleared_at__isnull=False),
                name="experience_embargo_was_cleared",
            ),
            # A draft may hold a year that is half typed; what is handed in may not.
            models.CheckConstraint(
                condition=Q(status=S.DRAFT)
                | Q(began_in__isnull=True, ended_in__isnull=True)
                | (
                    Q(began_in__isnull=False, began_in__range=(FIRST_YEAR, LAST_YEAR))
                    & (
                        Q(ended_in__isnull=True)
                        | Q(ended_in__gte=models.F("began_in"), ended_in__lte=LAST_YEAR)
                    )
                ),
                name="experience_years_in_order",
            ),
            models.UniqueConstraint(
                fields=["revises"],
                condition=~Q(status=S.ARCHIVED) & Q(given_up_at__isnull=True),
                name="experience_reworked_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["edition", "status", "-published_at", "-id"]),
            models.Index(fields=["edition", "city"]),
            models.Index(
                fields=["visibility", "status", "-published_at"], name="experience_by_reach"
            ),
            # All that `visible_to` asks of what is published, so that a search through
            # tens of thousands reads none of their texts.
            models.Index(
                fields=["edition", "-published_at", "-id"],
                include=["city", "visibility", "embargo_until", "status", "revises"],
                condition=Q(status=S.PUBLISHED, revises__isnull=True),
                name="experience_published",
            ),
        ]

    def __str__(self) -> str:
        return self.title or _("Without a title yet")

    @property
    def parts(self) -> dict[str, str]:
        """Part → its HTML, cleaned before it was stored."""
        return {part.value: getattr(self, part) for part in Part}

    @property
    def plain_texts(self) -> dict[str, str]:
        """Field → plain words: title, summary, the parts, what the links are called."""
        return {
            "title": self.title,
            "summary": self.summary,
            **{part: bare_text_of(html) for part, html in self.parts.items()},
            "links": "\n".join(link.title for link in self.evidence_links),
        }

    @property
    def evidence_links(self) -> list[EvidenceLink]:
        return links_in(self.links)

    def is_under_embargo(self, at: datetime) -> bool:
        return self.embargo_until is not None and self.embargo_until > at

    def is_out(self, at: datetime) -> bool:
        """Whether others than its city have it before them, as `readable` asks the database:
        published, past its embargo, and no new version that waits to take a text's place."""
        is_published = self.status == ExperienceStatus.PUBLISHED and self.revises_id is None
        return is_published and not self.is_under_embargo(at)

    @property
    def facet_words(self) -> list[tuple[str, list[str]]]:
        """(kind, names) for each kind of facet, from what was prefetched."""
        facets = self.facets.all()
        return [
            (str(kind.label), [facet.name for facet in facets if facet.kind == kind])
            for kind in FacetKind
        ]


CONTACT_FIELDS = ("contact_name", "contact_office", "contact_email")
TEXT_FIELDS = ("title", "summary", *Part.values, "links", *CONTACT_FIELDS)
YEAR_FIELDS = ("began_in", "ended_in")


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

    `content`: {"title", "summary", the parts, "themes": [slug], "facets": {kind: [slug]},
    "authors": [user id], since there is formatting also "format": "html", "language",
    "links", the contact, "files": [{"name", "sha256", "kind", "alt", "caption"}]};
    `sha256` is the hash of its canonical JSON. `visibility`: who could read it then, and
    so who may look back to it.
    """

    experience = models.ForeignKey(
        CityExperience, on_delete=models.PROTECT, related_name="revisions"
    )
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.COHORT
    )
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
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values),
                name="experience_revision_visibility_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experience} r{self.number}"
