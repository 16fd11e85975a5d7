"""Whom one may call by name in an edition, and who is called in a text."""

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core.errors import InvalidInput
from lms.programme.enums import TAKING_PART
from lms.programme.models import Enrolment, RoleAssignment
from lms.programme.selectors import standing_of
from peer_exchange.selectors.blocking import blockers_of, hidden_authors

MOST_MENTIONS = 10
MOST_SIGNS = 60  # of @ in one text, meant or not
SUGGESTIONS = 8
LONGEST_NAME = 7  # words
# Not within a word (an address of mail) nor within an address of the web.
_SIGN = re.compile(r"(?<![\w/@.])@(?=\w)")
_AFTER_A_NAME = ".,;:!?…)]}»”’\"'"


@dataclass(frozen=True)
class Suggestion:
    """`insert`: what stands after the @, with the city where two have the same name."""

    id: int
    name: str
    city: str
    insert: str


def people_of_edition(edition_id: int) -> QuerySet[User]:
    """Who takes part or has a role there."""
    return _people_of([edition_id])


def people_met(user: User) -> QuerySet[User]:
    """Everybody of one's editions: whom one may know to have an account here."""
    if user.is_superuser:
        return User.objects.all()
    return _people_of(standing_of(user).edition_ids)


def _people_of(edition_ids: Collection[int]) -> QuerySet[User]:
    enrolled = Enrolment.objects.filter(edition__in=edition_ids, status__in=TAKING_PART)
    in_roles = RoleAssignment.objects.filter(edition__in=edition_ids)
    return User.objects.filter(
        Q(pk__in=enrolled.values("user")) | Q(pk__in=in_roles.values("user")), is_active=True
    )


def people_to_mention(edition_id: int, by: User) -> QuerySet[User]:
    """Nobody outside the edition, not oneself, and nobody who is kept away or keeps away."""
    return people_of_edition(edition_id).exclude(
        pk__in={by.pk} | hidden_authors(by) | blockers_of(by)
    )


def suggestions(edition_id: int, by: User, begun: str) -> list[Suggestion]:
    """People whose name has the words begun, for the list under an @. Four queries or so,
    whatever the edition's size."""
    found = people_to_mention(edition_id, by).exclude(name="")
    for word in begun.split()[:LONGEST_NAME]:
        found = found.filter(name__icontains=word)
    people = list(found.order_by("name", "pk")[:SUGGESTIONS])
    cities = cities_of(edition_id, [person.pk for person in people])
    names = [person.name.casefold() for person in people]
    shared = set(
        people_to_mention(edition_id, by)
        .annotate(lower=Lower("name"))
        .filter(lower__in={person.name.lower() for person in people})
        .exclude(pk__in=[person.pk for person in people])
        .values_list("lower", flat=True)
    )
    rows = []
    for person in people:
        city = cities.get(person.pk, "")
        is_shared = names.count(person.name.casefold()) > 1 or person.name.lower() in shared
        insert = f"{person.name} ({city})" if is_shared and city else person.name
        rows.append(Suggestion(id=person.pk, name=person.name, city=city, insert=insert))
    return rows


def cities_of(edition_id: int, user_ids: list[int]) -> dict[int, str]:
    """User id → the name of the city they are there for."""
    in_teams = RoleAssignment.objects.filter(
        edition=edition_id, user__in=user_ids, city__isnull=False
    ).values_list("user", "city__name")
    enrolled = Enrolment.objects.filter(
        edition=edition_id, user__in=user_ids, status__in=TAKING_PART
    ).values_list("user", "city__name")
    return {**dict(in_teams), **dict(enrolled)}


def mentioned_in(body: str, *, edition_id: int, by: User) -> list[User]:
    """Whom a text calls with an @ and their name, as it stands in the list of people.

    Somebody outside the edition, or who has blocked the writer, is not found: the words
    stay words. Raises InvalidInput for more than anybody means, and where a name is that
    of several people and no city is said.
    """
    candidates = _candidates(body)
    if not candidates:
        return []
    exact = {name for names in candidates for name in names}
    by_name: dict[str, list[User]] = defaultdict(list)
    for person in (
        people_to_mention(edition_id, by)
        .annotate(lower=Lower("name"))
        .filter(Q(name__in=exact) | Q(lower__in={name.lower() for name in exact}))
    ):
        by_name[person.name.casefold()].append(person)
    cities = cities_of(edition_id, [p.pk for people in by_name.values() for p in people])
    found: dict[int, User] = {}
    for names in candidates:
        # The longest name that somebody has: “Ana Silva” before “Ana”.
        name = next((name for name in names if name.casefold() in by_name), None)
        if name is None:
            continue
        called = _one_of(by_name[name.casefold()], names, cities)
        if called is None:
            raise _refused(
                _(
                    "Several people are called %(name)s. Write the city after the name, as "
                    "in “@%(name)s (%(city)s)”."
                )
                % {
                    "name": name,
                    "city": cities.get(by_name[name.casefold()][0].pk, "") or _("city"),
                }
            )
        found[called.pk] = called
    if len(found) > MOST_MENTIONS:
        raise _refused(
            _("You call %(count)d people by name. Call at most %(most)d.")
            % {"count": len(found), "most": MOST_MENTIONS}
        )
    return list(found.values())


def _candidates(body: str) -> list[list[str]]:
    """For each @ what may be the name after it, the longest first; the last one of each is
    all that was looked at, for the city."""
    signs = list(_SIGN.finditer(body))
    if len(signs) > MOST_SIGNS:
        raise _refused(_("There are too many @ signs in this text."))
    found = []
    for sign in signs:
        rest = body[sign.end() : sign.end() + 240].partition("\n")[0].partition("@")[0]
        words = re.findall(r"\S+", rest)[:LONGEST_NAME]
        names = []
        for count in range(len(words), 0, -1):
            name = " ".join(words[:count])
            names += [name, name.rstrip(_AFTER_A_NAME)]
            bare = re.sub(r"[’']s$", "", name.rstrip(_AFTER_A_NAME))
            names.append(bare)
        found.append([*dict.fromkeys(filter(None, names))])
    return found


def _one_of(people: list[User], names: list[str], cities: dict[int, str]) -> User | None:
    if len(people) == 1:
        return people[0]
    written = names[0].casefold()
    meant = [
        person
        for person in people
        if cities.get(person.pk) and f"{person.name} ({cities[person.pk]})".casefold() in written
    ]
    return meant[0] if len(meant) == 1 else None


def _refused(sentence: Any) -> InvalidInput:
    return InvalidInput(errors={"body": [sentence]})
