"""How far somebody has shared their city's experience (D15b)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.programme.models import Enrolment
from peer_exchange.enums import Counting, ExperienceStatus
from peer_exchange.models import CityExperience, Response, SharingPin, SharingPolicy
from peer_exchange.selectors.substance import Said, judge


@dataclass(frozen=True)
class Sharing:
    """Ids are evidence: what was published and what counts. `verdicts`: every
    response of the person → whether it counts. `underway`: titles of their
    experiences on the way to publication. `is_kept_rule`: they are held to a rule that
    was changed after they had met it."""

    experience_ids: tuple[int, ...]
    response_ids: tuple[int, ...]
    min_experiences: int
    min_responses: int
    min_words: int
    verdicts: dict[int, Counting] = field(default_factory=dict)
    underway: tuple[str, ...] = ()
    one_an_experience: bool = True
    is_kept_rule: bool = False

    @property
    def experiences_missing(self) -> int:
        return max(0, self.min_experiences - len(self.experience_ids))

    @property
    def responses_missing(self) -> int:
        return max(0, self.min_responses - len(self.response_ids))

    @property
    def is_complete(self) -> bool:
        return not self.experiences_missing and not self.responses_missing

    @property
    def missing(self) -> tuple[str, ...]:
        """Sentences that say what is still to do; empty when D15b is met."""
        sentences = []
        if self.experiences_missing:
            sentences.append(self._experience_sentence())
        if self.responses_missing:
            sentences.append(
                ngettext(
                    "Respond to one more experience of another city, in at least %(words)d words.",
                    "Respond to %(count)d more experiences of other cities, "
                    "in at least %(words)d words each.",
                    self.responses_missing,
                )
                % {"count": self.responses_missing, "words": self.min_words}
            )
        return tuple(sentences)

    @property
    def evidence(self) -> dict[str, Any]:
        return {"experiences": list(self.experience_ids), "responses": list(self.response_ids)}

    def _experience_sentence(self) -> str:
        if self.underway:
            return _("“%(title)s” is not published yet.") % {"title": self.underway[0]}
        return ngettext(
            "Publish an experience of your city.",
            "Publish %(count)d experiences of your city.",
            self.experiences_missing,
        ) % {"count": self.experiences_missing}


def policy_of(edition_id: int) -> SharingPolicy:
    """The edition's policy; the programme's defaults where staff set none."""
    stored = SharingPolicy.objects.filter(edition_id=edition_id).first()
    return stored or SharingPolicy(edition_id=edition_id)


def sharing_of(enrolment: Enrolment) -> Sharing:
    """D15b for one participant, in four queries.

    A response stays evidence when the city later archives the experience: what
    was given to the cohort was given. A participant's own experience counts
    while it is published.
    """
    return sharing_of_many(enrolment.edition_id, [enrolment])[enrolment.pk]


def sharing_of_many(
    edition_id: int, enrolments: Iterable[Enrolment], *, rule: dict[str, Any] | None = None
) -> dict[int, Sharing]:
    """Enrolment id → sharing, in four queries for any number of one edition's places.

    `rule`: judge by this one, which is not (yet) the edition's, whatever somebody keeps.
    """
    people = list(enrolments)
    users = [enrolment.user_id for enrolment in people]
    present = rule if rule is not None else policy_of(edition_id).rule
    kept: dict[int, dict[str, Any]] = {}
    if rule is None:
        pins = SharingPin.objects.filter(enrolment__in=[enrolment.pk for enrolment in people])
        kept = dict(pins.values_list("enrolment", "revision__before"))
    authored: dict[int, list[CityExperience]] = defaultdict(list)
    for experience in (
        # The new version of a text is no second experience.
        CityExperience.objects.filter(
            authorships__user__in=users, edition=edition_id, revises__isnull=True
        )
        .annotate(written_by=F("authorships__user"))
        .order_by("id")
        .only("id", "title", "status")
    ):
        authored[experience.written_by].append(experience)
    answered: dict[int, list[Response]] = defaultdict(list)
    same_words_before = Response.objects.filter(
        fingerprint=OuterRef("fingerprint"),
        pk__lt=OuterRef("pk"),
        experience__edition=edition_id,
    ).exclude(author=OuterRef("author"))
    for response in (
        Response.objects.filter(author__in=users, experience__edition=edition_id)
        .annotate(is_copied=Exists(same_words_before))
        .select_related("experience")
        .only(
            "id", "body", "author_id", "city_id", "hidden_at", "experience_id",
            "experience__city_id",
        )
        .order_by("created_at", "id")
    ):  # fmt: skip
        answered[response.author_id].append(response)
    found = {}
    for enrolment in people:
        own, said = authored[enrolment.user_id], answered[enrolment.user_id]
        sharing = _sharing(enrolment, present, own, said)
        if not sharing.is_complete and enrolment.pk in kept:
            by_kept = _sharing(enrolment, kept[enrolment.pk], own, said)
            if by_kept.is_complete:
                sharing = replace(by_kept, is_kept_rule=True)
        found[enrolment.pk] = sharing
    return found


def _sharing(
    enrolment: Enrolment,
    rule: dict[str, Any],
    authored: list[CityExperience],
    answered: list[Any],
) -> Sharing:
    said = [
        Said(
            id=response.pk,
            experience_id=response.experience_id,
            body=response.body,
            is_own_city=response.experience.city_id in (response.city_id, enrolment.city_id),
            is_hidden=response.hidden_at is not None,
            is_copied=response.is_copied,
        )
        for response in answered
    ]
    verdicts = judge(
        said,
        min_words=rule["min_words"],
        counts_own_city=rule["counts_own_city"],
        counts_repeats=rule["counts_repeats"],
        one_an_experience=rule["one_an_experience"],
    )
    on_the_way = (ExperienceStatus.CITY_CLEARANCE, ExperienceStatus.IN_MODERATION)
    return Sharing(
        experience_ids=tuple(e.pk for e in authored if e.status == ExperienceStatus.PUBLISHED),
        response_ids=tuple(pk for pk, verdict in verdicts.items() if verdict == Counting.COUNTS),
        min_experiences=rule["min_experiences"],
        min_responses=rule["min_responses"],
        min_words=rule["min_words"],
        verdicts=verdicts,
        underway=tuple(str(e) for e in authored if e.status in on_the_way),
        one_an_experience=rule["one_an_experience"],
    )
