"""What search engines and shared links are told of a public experience (schema.org)."""

import json
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from peer_exchange.models import CityExperience
from peer_exchange.selectors.shown import Shown, full_address
from peer_exchange.selectors.signed import agreed_authors, team_of

# As django.utils.html.json_script: no text of a person ends the element it stands in.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def structured_data(shown: Shown) -> SafeString:
    """JSON-LD for a data block, which the content policy lets stand: it is no script."""
    text = json.dumps(_article(shown), ensure_ascii=False)
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308 - escaped above


def _article(shown: Shown) -> dict[str, Any]:
    experience = shown.experience
    host = settings.SITE_URL.rstrip("/")
    programme = experience.edition.programme
    city = {
        "@type": "City",
        "name": experience.city.name,
        "containedInPlace": {"@type": "Country", "identifier": experience.city.country},
    }
    article: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "@id": shown.address,
        "url": shown.address,
        "mainEntityOfPage": shown.address,
        "headline": experience.title,
        "abstract": experience.summary,
        "description": experience.summary,
        "inLanguage": shown.lang,
        "author": _authors(experience),
        "sourceOrganization": {"@type": "GovernmentOrganization", "name": experience.city.name},
        "publisher": {"@type": "Organization", "name": programme.name, "url": host},
        "isPartOf": {"@type": "Course", "name": programme.name, "provider": programme.host},
        "contentLocation": city,
        "about": [theme.name for theme in experience.themes.all()],
        "keywords": [facet.name for facet in experience.facets.all()],
        "image": [card_address(shown), *(host + picture.src for picture in shown.pictures)],
        "articleSection": [str(part.heading) for part in shown.parts],
        "citation": [
            {"@type": "CreativeWork", "name": link.title, "url": link.url} for link in shown.links
        ],
        "isAccessibleForFree": True,
    }
    if experience.published_at:
        article["datePublished"] = experience.published_at.isoformat()
        article["dateModified"] = max(experience.published_at, experience.saved_at).isoformat()
    if experience.began_in:
        # An interval of ISO 8601; what still runs has an open end.
        article["temporalCoverage"] = f"{experience.began_in}/{experience.ended_in or '..'}"
    return article


def _authors(experience: CityExperience) -> list[dict[str, Any]]:
    """Those who agreed to be shown, whoever is looking: this is for the world."""
    agreed = agreed_authors([experience])[experience.pk]
    if not agreed:
        return [{"@type": "Organization", "name": team_of(experience)}]
    return [{"@type": "Person", "name": str(user)} for user in agreed]


def card_address(shown: Shown) -> str:
    """With the version: who keeps pictures by their address fetches a changed one."""
    return f"{full_address(shown.experience, 'card')}?v={shown.experience.version}"
