"""Text as it comes in from people: kept whole or refused, never cut."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from lms.core.errors import InvalidInput, TooLarge

WORD = re.compile(r"\w+(?:[’'\-]\w+)*")
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f\U00020000-\U0003134f]")
MAX_TEXT_BYTES = 500_000


def refuse_unstorable(value: object) -> None:
    """Raise ValidationError for NUL and lone surrogates, which no database keeps. A field of
    text may make something else of it (a moment, JSON)."""
    text = str(value)
    if "\x00" in text:
        raise ValidationError(_("The text contains a NUL character."), code="nul")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValidationError(
            _("The text contains half of a character (a lone surrogate)."), code="surrogate"
        ) from None


def clean_text(value: object, *, field: str, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """The text as it is stored, or InvalidInput / TooLarge naming the `field`."""
    if not isinstance(value, str):
        raise InvalidInput(errors={field: [_("Send text.")]})
    try:
        refuse_unstorable(value)
    except ValidationError as error:
        raise InvalidInput(errors={field: list(error.messages)}) from error
    if len(value.encode()) > max_bytes:
        raise TooLarge(
            _("This text is longer than %(limit)s kB.") % {"limit": max_bytes // 1000},
            field=field,
        )
    return value.replace("\r\n", "\n")


def clean_reason(value: object, *, field: str = "reason", longest: int = 1000) -> str:
    """Why somebody decided something: words, in at most `longest` characters, or
    InvalidInput."""
    reason = clean_text(value, field=field).strip()
    if not count_words(reason):
        raise InvalidInput(errors={field: [_("Say why.")]})
    require_length(reason, at_most=longest, field=field)
    return reason


def require_length(value: str, *, at_most: int, field: str) -> None:
    """Raise InvalidInput for more than `at_most` characters."""
    if len(value) > at_most:
        sentence = _("Use at most %(limit)d characters.") % {"limit": at_most}
        raise InvalidInput(errors={field: [sentence]})


def count_words(value: str) -> int:
    """Words as a reader counts them; text without spaces between words
    (Chinese, Japanese, Thai) counts two characters as a word."""
    value = unicodedata.normalize("NFC", value)
    if not _DENSE.search(value):
        return len(WORD.findall(value))
    words = 0
    for word in WORD.findall(value):
        dense = len(_DENSE.findall(word))
        words += max(1, (dense + 1) // 2) if dense else 1
    return words


def require_words(value: str, *, at_least: int, field: str) -> None:
    if count_words(value) < at_least:
        raise InvalidInput(
            errors={
                field: [
                    ngettext_lazy(
                        "Write at least %(count)d word.",
                        "Write at least %(count)d words.",
                        at_least,
                    )
                    % {"count": at_least}
                ]
            }
        )
