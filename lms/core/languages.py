"""The languages that people read and write in, by their codes."""

import re

from django.utils.translation import get_language_info

# The official languages of many cities; short enough for a list of boxes.
KNOWN = (
    "ar", "ca", "de", "el", "en", "es", "fa", "fr", "hi", "id", "it", "ja", "ko", "nl", "pl",
    "pt", "ru", "sw", "th", "tr", "uk", "vi", "zh-hans",
)  # fmt: skip


def known_languages() -> list[tuple[str, str]]:
    """(code, name in the language itself) of those that can be chosen, by code."""
    return [(code, language_name(code)) for code in KNOWN]


def codes_in(text: str) -> list[str]:
    """The codes of a list with commas or spaces, the first one first; English for none."""
    codes = [code for code in re.split(r"[\s,;]+", text.lower()) if code]
    return list(dict.fromkeys(codes)) or ["en"]


def language_name(code: str) -> str:
    """In the language itself: “Español”. The code, of a language we do not know."""
    try:
        name: str = get_language_info(code)["name_local"]
    except KeyError:
        return code
    return name[:1].upper() + name[1:]


def language_label(code: str) -> str:
    """“Spanish” for “es”, in the reader's language; the code where we know no name."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def language_tag(code: str) -> str:
    """As HTML and schema.org want it: “zh-Hans”."""
    head, _dash, tail = code.partition("-")
    return f"{head}-{tail.capitalize()}" if tail else head
