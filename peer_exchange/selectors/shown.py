"""An experience as a page, a document on paper and a search engine show it."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from lms.core import clock
from lms.core.languages import language_name, language_tag
from lms.core.rich_text import is_blank
from peer_exchange.addresses import address_of
from peer_exchange.enums import Attachment, Part, Visibility
from peer_exchange.evidence_links import EvidenceLink
from peer_exchange.models import CityExperience, ExperienceFile
from peer_exchange.selectors.signed import authors_for, team_of
from peer_exchange.when import done_in_words

# What a search engine is told of links that people wrote.
_REL = '<a rel="nofollow ugc noopener" href="'
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


@dataclass(frozen=True)
class ShownPart:
    part: str
    heading: Any
    html: SafeString


@dataclass(frozen=True)
class ShownPicture:
    """`src`: a middling width, for browsers without `srcset`."""

    file: ExperienceFile
    src: str
    srcset: str
    width: int
    height: int


@dataclass(frozen=True)
class Shown:
    """`contact_email` is for people who have signed in. `address`: the one address of the
    text, with the host. `authors`: who the
    reader is told has written it."""

    experience: CityExperience
    parts: list[ShownPart]
    lang: str
    language: str
    direction: str
    links: list[EvidenceLink]
    contact: dict[str, str]
    address: str
    is_shared: bool
    when: str = ""
    authors: list[str] = field(default_factory=list)
    pictures: list[ShownPicture] = field(default_factory=list)
    files: list[ExperienceFile] = field(default_factory=list)


def shown(experience: CityExperience, *, to: Any) -> Shown:
    """`to`: the reader; the caller has asked whether they may read it. Two queries, and
    three for who does not know the authors."""
    files = list(experience.files.attached())
    contact = {"name": experience.contact_name, "office": experience.contact_office}
    if to.is_authenticated:
        contact["email"] = experience.contact_email
    return Shown(
        experience=experience,
        parts=shown_parts(experience.parts),
        lang=language_tag(experience.language),
        language=language_name(experience.language),
        direction="rtl" if experience.language in RIGHT_TO_LEFT else "ltr",
        links=experience.evidence_links,
        contact=contact,
        address=full_address(experience),
        is_shared=is_shared(experience),
        when=done_in_words(experience),
        authors=[str(user) for user in authors_for(to, [experience])[experience.pk]]
        or [team_of(experience)],
        pictures=[_picture(file) for file in files if file.kind == Attachment.PICTURE],
        files=[file for file in files if file.kind == Attachment.FILE],
    )


def shown_parts(texts: dict[str, str]) -> list[ShownPart]:
    """`texts`: part → HTML that was cleaned before it was stored."""
    return [
        ShownPart(part.value, part.label, safe_html(texts[part]))
        for part in Part
        if not is_blank(texts.get(part, ""))
    ]


def safe_html(html: str) -> SafeString:
    return mark_safe(html.replace('<a href="', _REL))  # noqa: S308 - cleaned when it was stored


def is_shared(experience: CityExperience) -> bool:
    """Whether anybody on the web reads it now, and so may pass it on."""
    return experience.visibility == Visibility.PUBLIC and experience.is_out(clock.now())


def full_address(experience: CityExperience, name: str = "detail") -> str:
    return settings.SITE_URL.rstrip("/") + address_of(experience, name)


def _picture(file: ExperienceFile) -> ShownPicture:
    addresses = [
        (size["width"], reverse("peer_exchange:picture", args=[file.pk, size["width"]]))
        for size in file.sizes
    ]
    middle = file.sizes[min(1, len(file.sizes) - 1)]
    return ShownPicture(
        file=file,
        src=reverse("peer_exchange:picture", args=[file.pk, middle["width"]]),
        srcset=", ".join(f"{address} {width}w" for width, address in addresses),
        width=middle["width"],
        height=middle["height"],
    )
