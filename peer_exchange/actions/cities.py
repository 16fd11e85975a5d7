"""What a city says of itself: profile, what it looks for and offers, who may be named."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf.locale import LANG_INFO
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput, Sentence, StaleVersion, TooLarge
from lms.core.permissions import require_in_person, require_perm
from lms.core.text import clean_text, require_length
from peer_exchange.actions.cleaning import clean_line
from peer_exchange.actions.transfer_evidence import clean_address
from peer_exchange.enums import TopicKind
from peer_exchange.models import CityProfile, CityTopic, DismissedMatch, ShownMember, Theme
from peer_exchange.models.city_profile import ABOUT_MAX, DOES_MAX, OFFICE_MAX, WORDS_MAX

PROFILE_FIELDS = ("population", "languages", "office_name", "about", "website")
# ISO 639-1 codes of languages whose names we know.
LANGUAGES = tuple(sorted(code for code in LANG_INFO if len(code) == 2))
LANGUAGES_MOST = 12
POPULATION_MOST = 100_000_000
WEBSITE_MAX = 300


def stored_profile(profile: CityProfile) -> dict[str, Any]:
    """What a profile holds, in the shape `save_city_profile` takes."""
    values = {name: getattr(profile, name) for name in PROFILE_FIELDS}
    return {**values, "languages": list(profile.language_codes)}


@transaction.atomic
def save_city_profile(
    *, city: City, base_version: int, values: Mapping[str, object], by: User, at: datetime
) -> CityProfile:
    """Save some or all fields over the version one has seen.

    Raises StaleVersion with `version` and `stored` when a colleague saved meanwhile,
    InvalidInput naming each field.
    """
    profile = _locked_profile(city)
    require_perm(by, "peer_exchange.edit_city", city)
    cleaned = _clean_profile(values)
    if base_version != profile.version:
        raise StaleVersion(version=profile.version, stored=stored_profile(profile))
    changed = [name for name, value in cleaned.items() if getattr(profile, name) != value]
    if not changed:
        return profile
    for name in changed:
        setattr(profile, name, cleaned[name])
    profile.version += 1
    profile.saved_at, profile.saved_by = at, by
    profile.save()
    audit.record(
        by=by,
        verb="city.profile_saved",
        target=city,
        at=at,
        version=profile.version,
        fields=changed,
    )
    return profile


def _locked_profile(city: City) -> CityProfile:
    # The city first: two who save the first profile compete for something that is there.
    City.objects.select_for_update(no_key=True).get(pk=city.pk)
    return CityProfile.objects.get_or_create(city=city)[0]


def _clean_profile(values: Mapping[str, object]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    errors: dict[str, list[Sentence]] = {}
    for name, value in values.items():
        try:
            cleaned[name] = _clean_field(name, value)
        except InvalidInput as error:
            errors.update({field: list(said) for field, said in error.errors.items()})
        except TooLarge as error:
            errors[name] = [error.sentence]
    if errors:
        raise InvalidInput(errors=errors)
    return cleaned


def _clean_field(name: str, value: object) -> Any:
    if name == "population":
        return _clean_population(value)
    if name == "languages":
        return _clean_languages(value)
    if name == "office_name":
        return clean_line(value, field=name, max_length=OFFICE_MAX)
    if name == "website":
        return clean_address(value, field=name, max_length=WEBSITE_MAX)
    if name == "about":
        text = clean_text(value, field=name).strip()
        require_length(text, at_most=ABOUT_MAX, field=name)
        return text
    raise InvalidInput(errors={"values": [_("A city’s profile has no such field.")]})


def _clean_population(value: object) -> int | None:
    if value is None:
        return None
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or not 1 <= value <= POPULATION_MOST:  # type: ignore[operator]
        raise InvalidInput(errors={"population": [_("Give a whole number of people.")]})
    return value  # type: ignore[return-value]


def _clean_languages(value: object) -> str:
    if not isinstance(value, list | tuple) or not all(code in LANGUAGES for code in value):
        raise InvalidInput(errors={"languages": [_("Choose languages from the list.")]})
    codes = list(dict.fromkeys(value))
    if len(codes) > LANGUAGES_MOST:
        sentence = _("Choose at most %(limit)d languages.") % {"limit": LANGUAGES_MOST}
        raise InvalidInput(errors={"languages": [sentence]})
    return " ".join(codes)


@transaction.atomic
def show_member(*, city: City, does: str, by: User, at: datetime) -> ShownMember:
    """Agree, for oneself alone, to be named on the page of one's city."""
    require_in_person(by, "peer_exchange.edit_city", city)
    line = clean_line(does, field="does", max_length=DOES_MAX)
    member, is_new = ShownMember.objects.get_or_create(
        city=city, user=by, defaults={"does": line, "agreed_at": at}
    )
    if is_new:
        audit.record(by=by, verb="city.member_shown", target=city, at=at)
    elif member.does != line:
        member.does = line
        member.save(update_fields=["does"])
    return member


@transaction.atomic
def hide_member(*, city: City, by: User, at: datetime) -> None:
    """Take the agreement back; also by who has left the city's team."""
    gone, _rows = ShownMember.objects.filter(city=city, user=by).delete()
    if gone:
        audit.record(by=by, verb="city.member_hidden", target=city, at=at)


@transaction.atomic
def add_topic(
    *, city: City, kind: str, theme: Theme, words: str, by: User, at: datetime
) -> CityTopic:
    """Say what one's city looks for or has to give; for a theme it has named before, the
    words are replaced."""
    _require_editor(city, by=by)
    if kind not in TopicKind.values:
        raise InvalidInput(errors={"kind": [_("Choose whether you look for it or offer it.")]})
    line = clean_line(words, field="words", max_length=WORDS_MAX)
    topic = CityTopic.objects.filter(city=city, kind=kind, theme=theme, removed_at=None).first()
    if topic and topic.words == line:
        return topic
    if topic:
        topic.words, topic.added_at, topic.added_by = line, at, by
        topic.save(update_fields=["words", "added_at", "added_by"])
    else:
        topic = CityTopic.objects.create(
            city=city, kind=kind, theme=theme, words=line, added_at=at, added_by=by
        )
    audit.record(by=by, verb="city.topic_added", target=topic, at=at, kind=kind, theme=theme.slug)
    return topic


@transaction.atomic
def remove_topic(*, topic: CityTopic, by: User, at: datetime) -> CityTopic:
    """Take a need or an offer out; it can be put back."""
    _require_editor(topic.city, by=by)
    topic = CityTopic.objects.select_for_update().get(pk=topic.pk)
    if topic.removed_at:
        raise Conflict(_("This is taken out already."))
    topic.removed_at, topic.removed_by = at, by
    topic.save(update_fields=["removed_at", "removed_by"])
    audit.record(by=by, verb="city.topic_removed", target=topic, at=at)
    return topic


@transaction.atomic
def restore_topic(*, topic: CityTopic, by: User, at: datetime) -> CityTopic:
    """Undo `remove_topic`."""
    _require_editor(topic.city, by=by)
    topic = CityTopic.objects.select_for_update().get(pk=topic.pk)
    standing = CityTopic.objects.filter(
        city=topic.city_id, kind=topic.kind, theme=topic.theme_id, removed_at=None
    )
    if not topic.removed_at or standing.exists():
        raise Conflict(_("Your city names this already."))
    topic.removed_at, topic.removed_by = None, None
    topic.save(update_fields=["removed_at", "removed_by"])
    audit.record(by=by, verb="city.topic_restored", target=topic, at=at)
    return topic


@transaction.atomic
def dismiss_match(*, city: City, other: City, by: User, at: datetime) -> None:
    """Do not suggest this city to ours; `bring_match_back` undoes it."""
    _require_editor(city, by=by)
    if city.pk == other.pk:
        raise Conflict(_("Your own city is never suggested."))
    _row, is_new = DismissedMatch.objects.get_or_create(
        city=city, other=other, defaults={"dismissed_at": at, "dismissed_by": by}
    )
    if is_new:
        audit.record(by=by, verb="match.dismissed", target=city, at=at, other=other.pk)


@transaction.atomic
def bring_match_back(*, city: City, other: City, by: User, at: datetime) -> None:
    _require_editor(city, by=by)
    gone, _rows = DismissedMatch.objects.filter(city=city, other=other).delete()
    if gone:
        audit.record(by=by, verb="match.brought_back", target=city, at=at, other=other.pk)


def _require_editor(city: City, *, by: User) -> None:
    """Whoever changes what the city says; two of them one after the other."""
    City.objects.select_for_update(no_key=True).get(pk=city.pk)
    require_perm(by, "peer_exchange.edit_city", city)
