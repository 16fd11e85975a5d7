"""Text that is noise: pictures and marks piled up instead of words."""

import unicodedata

from django.utils.translation import gettext_lazy as _

from lms.core.errors import InvalidInput

FEW_SYMBOLS = 30
MARKS_ON_A_LETTER = 8
SAME_IN_A_ROW = 80
MOST_LINES = 2_000


def refuse_floods(text: str, *, field: str) -> None:
    """Raise InvalidInput for more emoji than letters, for letters under a pile of
    combining marks, for one character again and again, and for thousands of lines.

    Flags and families are made of several symbols each; a response with many of them and
    words beside is nobody's flood, so few are always welcome.
    """
    if text.count("\n") > MOST_LINES:
        raise InvalidInput(errors={field: [_("There are too many lines in this.")]})
    symbols = letters = marks = run = 0
    before = ""
    for char in text:
        kind = unicodedata.category(char)
        symbols += kind in ("So", "Sk", "Cs", "Co")
        letters += kind[0] in "LN"
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        run = run + 1 if char == before and not char.isspace() else 1
        before = char
        if marks > MARKS_ON_A_LETTER or run > SAME_IN_A_ROW:
            raise InvalidInput(errors={field: [_("This cannot be read. Write it in words.")]})
    if symbols > FEW_SYMBOLS and symbols > letters:
        raise InvalidInput(errors={field: [_("There are more symbols than words in this.")]})
