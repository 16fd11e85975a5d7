"""Every wording that readers had: who may look back to which, and what changed."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core.languages import language_tag
from lms.core.rich_text import html_from_text
from lms.core.word_diff import difference_of
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.enums import ExperienceStatus, Part, Visibility
from peer_exchange.models import CityExperience, ExperienceRevision
from peer_exchange.models.experience import CONTACT_FIELDS, TEXT_FIELDS
from peer_exchange.selectors.experience_history import Compared, compared, texts_in
from peer_exchange.when import done_in_words, years_in_words


@dataclass(frozen=True)
class VersionRow:
    """`changes`: against the version before; None where that is not for this reader."""

    revision: ExperienceRevision
    is_newest: bool
    changes: list[Compared] | None

    @property
    def words_added(self) -> int:
        return sum(one.difference.added for one in self.changes or ())

    @property
    def words_removed(self) -> int:
        return sum(one.difference.removed for one in self.changes or ())


def revisions_for(
    user: User | AnonymousUser | Any, experience: CityExperience | None = None
) -> QuerySet[ExperienceRevision]:
    """Versions that the user reads, of one experience or of all, as far as each of them
    reached: a text that was once for the cohort alone is not opened by a later one."""
    revisions = ExperienceRevision.objects.select_related("experience__edition").order_by(
        "-experience", "-number"
    )
    if experience is None:
        readable = CityExperience.objects.visible_to(user)
        revisions = revisions.filter(experience__in=readable.values("pk"))
    else:
        # Whoever asks has found it among what they read.
        revisions = revisions.filter(experience=experience)
    if user.is_authenticated and user.is_superuser:
        return revisions
    editions = standing_of(user).edition_ids
    of_my_programmes = Edition.objects.filter(programme__editions__in=editions)
    return revisions.filter(
        Q(visibility=Visibility.PUBLIC)
        | Q(experience__edition__in=editions)
        | Q(visibility=Visibility.MEMBERS, experience__edition__in=of_my_programmes.values("pk"))
    )


def texts_of_revision(revision: ExperienceRevision) -> dict[str, str]:
    """Field → text, the parts as HTML, also of a version from before there was formatting."""
    content = revision.content
    texts = {name: content.get(name, "") for name in TEXT_FIELDS}
    if content.get("format") != "html":
        texts |= {part: html_from_text(texts[part]) for part in Part.values}
    return texts


def language_of(revision: ExperienceRevision) -> str:
    return language_tag(revision.content.get("language", "en"))


def version_rows(revisions: list[ExperienceRevision]) -> list[VersionRow]:
    """The newest first, each with what changed against the one before."""
    rows = []
    for place, revision in enumerate(revisions):
        before = revisions[place + 1] if place + 1 < len(revisions) else None
        rows.append(
            VersionRow(revision, is_newest=place == 0, changes=changes_between(before, revision))
        )
    return rows


def changes_between(
    before: ExperienceRevision | None, after: ExperienceRevision
) -> list[Compared] | None:
    if before is None or before.number != after.number - 1:
        return None
    changes = compared(texts_of_revision(before), texts_of_revision(after))
    return [*_without_contact(changes), *_changed_years(_years_of(before), _years_of(after))]


def reworking_of(experience: CityExperience) -> CityExperience | None:
    """The new version of a text that is in work, or waits for its day."""
    if experience.revises_id:
        return None
    underway = experience.reworkings.exclude(status=ExperienceStatus.ARCHIVED)
    return underway.filter(given_up_at__isnull=True).first()


def changes_of_reworking(reworking: CityExperience) -> list[Compared]:
    """What a new version would change in the text it revises."""
    revised = reworking.revises
    changes = compared(texts_in(revised), texts_in(reworking))
    return [*changes, *_changed_years(done_in_words(revised), done_in_words(reworking))]


def _years_of(revision: ExperienceRevision) -> str:
    return years_in_words(revision.content.get("began_in"), revision.content.get("ended_in"))


def _changed_years(before: str, after: str) -> list[Compared]:
    if before == after:
        return []
    difference = difference_of(html_from_text(before), html_from_text(after))
    return [Compared("years", _("When it was done"), difference)]


def _without_contact(changes: list[Compared]) -> list[Compared]:
    """Who was to be asked once is nobody's business later."""
    return [one for one in changes if one.name not in CONTACT_FIELDS]
