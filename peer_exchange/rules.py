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


@rules.predicate
def is_author(user: Any, experience: Any) -> bool:
    if experience is None or experience.pk is None:
        return False
    return any(authorship.user_id == user.pk for authorship in experience.authorships.all())


@rules.predicate
def is_disinterested(user: Any, experience: Any) -> bool:
    """Neither an author nor of the experience's city (compare invariant 10)."""
    return not is_author(user, experience) and not is_of_city(user, experience)


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


is_of_the_team = is_of_city | (is_author & belongs_to_edition)

rules.add_perm("peer_exchange.write_experience", is_of_the_team)
rules.add_perm("peer_exchange.clear_experience", is_of_city)
rules.add_perm("peer_exchange.publish_experience", is_moderator & is_disinterested)
rules.add_perm("peer_exchange.archive_experience", is_of_city | is_moderator)
rules.add_perm("peer_exchange.respond_to_experience", belongs_to_edition)
rules.add_perm("peer_exchange.edit_response", is_responder)
rules.add_perm("peer_exchange.hide_response", moderates_response & ~is_responder)
# With an edition:
rules.add_perm("peer_exchange.view_moderation", is_moderator | is_coordinator)
rules.add_perm("peer_exchange.export_experiences", is_edition_staff)


# An administrator holds every permission. In these they are held to what binds
# everybody; actions ask them to decide, pages and the API to show.


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
    """Another moderator decides about one's own response."""
    return response.author_id != user.pk and bool(
        user.has_perm("peer_exchange.hide_response", response)
    )
