"""The rule of D15b in words, and whom a change of it would affect."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.core.canonical import hash_of
from lms.programme.enums import TAKING_PART, EnrolmentStatus
from lms.programme.models import Edition, Enrolment
from peer_exchange.selectors.sharing import Sharing, sharing_of_many


@dataclass(frozen=True)
class Affected:
    """Somebody to whom a change matters: what they have met now, and what after it."""

    enrolment: Enrolment
    before: Sharing
    after: Sharing
    has_certificate: bool

    @property
    def loses(self) -> bool:
        return self.before.is_complete and not self.after.is_complete

    @property
    def gains(self) -> bool:
        return self.after.is_complete and not self.before.is_complete


@dataclass(frozen=True)
class RulePreview:
    """`digest` names what was seen: a change is confirmed for this and nothing else."""

    affected: list[Affected]
    digest: str

    @property
    def losing(self) -> list[Affected]:
        return [one for one in self.affected if one.loses]

    @property
    def gaining(self) -> list[Affected]:
        return [one for one in self.affected if one.gains]

    @property
    def with_certificate(self) -> list[Affected]:
        return [one for one in self.losing if one.has_certificate]


def preview_rule(edition: Edition, rule: dict[str, Any]) -> RulePreview:
    """Whose requirement would be met, or no longer met, under another rule; and whose
    responses would count differently."""
    people = list(
        Enrolment.objects.filter(edition=edition, status__in=TAKING_PART)
        .select_related("user", "city")
        .order_by("user__name", "pk")
    )
    now = sharing_of_many(edition.pk, people)
    then = sharing_of_many(edition.pk, people, rule=rule)
    affected = [
        Affected(
            enrolment=enrolment,
            before=now[enrolment.pk],
            after=then[enrolment.pk],
            # A place is completed by its certificate alone (D16).
            has_certificate=enrolment.status == EnrolmentStatus.COMPLETED,
        )
        for enrolment in people
        if _standing(now[enrolment.pk]) != _standing(then[enrolment.pk])
    ]
    seen = [[one.enrolment.pk, *_standing(one.before), *_standing(one.after)] for one in affected]
    return RulePreview(affected, hash_of({"rule": rule, "affected": seen}))


def _standing(sharing: Sharing) -> tuple[bool, int, int]:
    return sharing.is_complete, sharing.experiences_missing, sharing.responses_missing


def rule_in_words(rule: dict[str, Any]) -> list[str]:
    """Sentences that say all of it."""
    return [
        ngettext(
            "Publish %(count)d experience of your city that names you as an author.",
            "Publish %(count)d experiences of your city that name you as an author.",
            rule["min_experiences"],
        )
        % {"count": rule["min_experiences"]}
        if rule["min_experiences"]
        else _("No experience of your own city is asked for."),
        ngettext(
            "Write %(count)d response that counts.",
            "Write %(count)d responses that count.",
            rule["min_responses"],
        )
        % {"count": rule["min_responses"]}
        if rule["min_responses"]
        else _("No response is asked for."),
        ngettext(
            "A response counts when it has at least %(count)d word. Emoji, links and signs "
            "are no words.",
            "A response counts when it has at least %(count)d words. Emoji and signs are no "
            "words.",
            rule["min_words"],
        )
        % {"count": rule["min_words"]},
        _("It may be about your own city’s experience too.")
        if rule["counts_own_city"]
        else _("It is about the experience of another city."),
        _("Words that were used before count again.")
        if rule["counts_repeats"]
        else _("Its words were not sent before, by you or by anybody else."),
        _("Of several responses to one experience, one counts.")
        if rule["one_an_experience"]
        else _("Several responses to one experience count."),
        _("Questions and answers in a thread count as responses do; what a moderator has "
          "hidden does not."),
    ]  # fmt: skip
