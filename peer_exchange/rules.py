"""Who may do what with an experience or a response."""

from typing import Any

import rules

from lms.programme.rules import (
    belongs_to_edition,
    is_coordinator,
    is_edition_staff,
    is_moderator,
    is_of_city,
)
from lms.programme.selectors import standing_of
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience


@rules.predicate
def is_author(user: Any, experience: Any) -> bool:
    if experience is None or experience.pk is None:
        return False
    return any(authorship.user_id == user.pk for authorship in experience.authorships.all())


@rules.predicate
def is_disinterested(user: Any, experience: Any) -> bool:
    """Neither an author nor of the experience's city, in this edition or in any other
    (compare invariant 10)."""
    return not is_author(user, experience) and experience.city_id not in standing_of(user).cities


@rules.predicate
def is_responder(user: Any, response: Any) -> bool:
    return (
        response is not None
        and response.author_id == user.pk
        and response.experience.edition_id in standing_of(user).edition_ids
    )


@rules.predicate
def moderates_response(user: Any, response: Any) -> bool:
    return response is not None and is_moderator(user, response.experience)


@rules.predicate
def moderates_report(user: Any, report: Any) -> bool:
    return report is not None and is_moderator(user, report.experience)


@rules.predicate
def is_responder_reported(user: Any, report: Any) -> bool:
    """It is about the person's own words, or their city's text."""
    if report is None:
        return False
    if report.response is not None:
        return report.response.author_id == user.pk
    return not is_disinterested(user, report.experience)


@rules.predicate
def is_party_to(user: Any, response: Any) -> bool:
    """Their own words, or what is said of their own city's text: criticism of a city is
    not for its own moderator to hide."""
    if response is None:
        return False
    cities = standing_of(user).cities
    return response.author_id == user.pk or response.experience.city_id in cities


@rules.predicate
def is_party_to_reported(user: Any, report: Any) -> bool:
    if report is None or report.response is None:
        return False
    cities = standing_of(user).cities
    return report.response.author_id == user.pk or report.experience.city_id in cities


is_of_the_team = is_of_city | (is_author & belongs_to_edition)

rules.add_perm("peer_exchange.write_experience", is_of_the_team)
rules.add_perm("peer_exchange.clear_experience", is_of_city)
rules.add_perm("peer_exchange.publish_experience", is_moderator & is_disinterested)
rules.add_perm("peer_exchange.archive_experience", is_of_city | is_moderator)
rules.add_perm("peer_exchange.respond_to_experience", belongs_to_edition)
rules.add_perm("peer_exchange.edit_response", is_responder)
rules.add_perm("peer_exchange.hide_response", moderates_response & ~is_party_to)
rules.add_perm("peer_exchange.report", belongs_to_edition)
rules.add_perm("peer_exchange.answer_question", is_of_the_team)
rules.add_perm(
    "peer_exchange.settle_report",
    moderates_report & ~is_responder_reported & ~is_party_to_reported,
)
# With an edition:
rules.add_perm("peer_exchange.change_sharing_rule", is_coordinator)
rules.add_perm("peer_exchange.view_moderation", is_moderator | is_coordinator)
rules.add_perm("peer_exchange.export_experiences", is_edition_staff)


# An administrator holds every permission. In these they are held to what binds
# everybody; actions ask them to decide, pages and the API to show.


def may_read(user: Any, experience: Any) -> bool:
    """Whether it is among what somebody reads, asked of the database now."""
    return CityExperience.objects.visible_to(user).filter(pk=experience.pk).exists()


def may_moderate(user: Any, experience: Any) -> bool:
    """Nobody moderates a text of their own city."""
    return bool(
        user.has_perm("peer_exchange.publish_experience", experience)
        and is_disinterested(user, experience)
    )


def may_return(user: Any, experience: Any) -> bool:
    """While the city clears the text it is the city's to send back, then a moderator's."""
    if experience.status == ExperienceStatus.CITY_CLEARANCE:
        return bool(user.has_perm("peer_exchange.clear_experience", experience))
    return may_moderate(user, experience)


def may_archive(user: Any, experience: Any) -> bool:
    return bool(user.has_perm("peer_exchange.archive_experience", experience))


def may_edit_response(user: Any, response: Any) -> bool:
    """Nobody puts words in another's mouth."""
    return response.author_id == user.pk and bool(
        user.has_perm("peer_exchange.edit_response", response)
    )


def may_hide_response(user: Any, response: Any) -> bool:
    """Another moderator decides about one's own response, and about what is said of one's
    own city's text."""
    return not is_party_to(user, response) and bool(
        user.has_perm("peer_exchange.hide_response", response)
    )


# --- Transfers, city pages, talks: what is said in a city's name its own people say. ---


@rules.predicate
def speaks_for(user: Any, city: Any) -> bool:
    return city is not None and city.pk in standing_of(user).cities


@rules.predicate
def is_of_adopting_city(user: Any, transfer: Any) -> bool:
    return transfer is not None and transfer.city_id in standing_of(user).cities


@rules.predicate
def is_of_source_city(user: Any, transfer: Any) -> bool:
    return transfer is not None and transfer.source_city_id in standing_of(user).cities


@rules.predicate
def is_asked_to_talk(user: Any, talk: Any) -> bool:
    return talk is not None and talk.to_city_id in standing_of(user).team_cities(talk.edition_id)


@rules.predicate
def asks_to_talk(user: Any, talk: Any) -> bool:
    return talk is not None and talk.from_city_id in standing_of(user).team_cities(talk.edition_id)


rules.add_perm("peer_exchange.edit_city", speaks_for)
rules.add_perm("peer_exchange.claim_transfer", is_of_adopting_city & ~is_of_source_city)
rules.add_perm("peer_exchange.move_transfer", is_of_adopting_city)
# Nobody confirms a claim of their own, even where they work for both cities.
rules.add_perm("peer_exchange.answer_transfer", is_of_source_city & ~is_of_adopting_city)
rules.add_perm("peer_exchange.propose_talk", asks_to_talk & ~is_asked_to_talk)
rules.add_perm("peer_exchange.answer_talk", is_asked_to_talk & ~asks_to_talk)
rules.add_perm("peer_exchange.withdraw_talk", asks_to_talk)
rules.add_perm("peer_exchange.call_off_talk", asks_to_talk | is_asked_to_talk)


def may_answer(user: Any, experience: Any) -> bool:
    """The city's team answers what is asked of it."""
    return bool(user.has_perm("peer_exchange.answer_question", experience))


def may_reopen_question(user: Any, question: Any) -> bool:
    """The city's team, or whoever asked."""
    return question.author_id == user.pk or may_answer(user, question.experience)


def may_settle_report(user: Any, report: Any) -> bool:
    """Nobody decides about their own words, an administrator neither."""
    return bool(
        user.has_perm("peer_exchange.settle_report", report)
        and not is_responder_reported(user, report)
        and not is_party_to_reported(user, report)
    )
