"""What a rubric says: the form it is kept in, and which rubrics may be published.

{"pass_percent", "criteria": [{"key", "title", "description", "weight", "levels": [{"key",
"title", "points", "descriptor"}]}]}. A key is what a criterion or a level is known by from
version to version; numbers are strings with two decimal places.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.translation import gettext as _

from assessments.models import RubricVersion
from assessments.rubric_weights import WHOLE
from lms.core.errors import InvalidInput, Sentence, TooLarge
from lms.core.text import clean_text

RUBRIC_FIELDS = {"pass_percent", "criteria"}
CRITERION_FIELDS = {"key", "title", "description", "weight", "levels"}
LEVEL_FIELDS = {"key", "title", "points", "descriptor"}
MOST_CRITERIA = 40
MOST_LEVELS = 12
LONGEST_KEY = 50
LONGEST_TITLE = 200
LONGEST_LEVEL_TITLE = 120
LONGEST_TEXT = 5000
HIGHEST_POINTS = Decimal("9999.99")


def content_of(version: RubricVersion) -> dict[str, Any]:
    """A published version in the form it was published in. Two queries unless prefetched."""
    return {
        "pass_percent": f"{version.pass_percent:.2f}",
        "criteria": [
            {
                "key": criterion.key,
                "title": criterion.title,
                "description": criterion.description,
                "weight": f"{criterion.weight:.2f}",
                "levels": [
                    {
                        "key": level.key,
                        "title": level.title,
                        "points": f"{level.points:.2f}",
                        "descriptor": level.descriptor,
                    }
                    for level in criterion.levels.all()
                ],
            }
            for criterion in version.criteria.all()
        ],
    }


def clean_rubric(content: Mapping[str, Any], *, is_whole: bool = True) -> dict[str, Any]:
    """The content with numbers as canonical strings, so that equal rubrics hash alike, or
    InvalidInput with everything that is wrong: “criteria[1].levels[0].points” → sentences.

    `is_whole` False: for a working copy, that weights do not add up yet and that levels
    are missing is no mistake.
    """
    reading = _Reading(is_whole=is_whole)
    clean = reading.rubric(content)
    if reading.errors:
        raise InvalidInput(errors=reading.errors)
    return clean


def weight_of(text: object) -> Decimal | None:
    """A weight as it counts; None for what is none."""
    number = _decimal(text)
    return number if number is not None and 0 <= number <= WHOLE else None


class _Reading:
    """Reads a rubric to its end and notes everything that is wrong with it."""

    def __init__(self, *, is_whole: bool) -> None:
        self.is_whole = is_whole
        self.errors: dict[str, list[Sentence]] = {}

    def rubric(self, content: Mapping[str, Any]) -> dict[str, Any]:
        self._known(content, RUBRIC_FIELDS, "rubric")
        passing = self._number(content.get("pass_percent"), "pass_percent", highest=WHOLE)
        sent = content.get("criteria")
        if not isinstance(sent, list) or (self.is_whole and not sent):
            self._wrong("criteria", _("Name at least one criterion."))
            return {}
        if len(sent) > MOST_CRITERIA:
            sentence = _("Name at most %(most)d criteria.") % {"most": MOST_CRITERIA}
            self._wrong("criteria", sentence)
            return {}
        criteria = [self._criterion(one, f"criteria[{n}]") for n, one in enumerate(sent)]
        self._unrepeated(criteria, "criteria")
        weights = [_decimal(criterion.get("weight")) for criterion in criteria]
        total = sum((weight for weight in weights if weight is not None), Decimal(0))
        if self.is_whole and total != WHOLE and None not in weights:
            sentence = _("The weights add up to %(total)s, not to 100.") % {"total": total}
            self._wrong("criteria", sentence)
        return {"pass_percent": passing, "criteria": criteria}

    def _criterion(self, content: Any, where: str) -> dict[str, Any]:
        if not isinstance(content, Mapping):
            self._wrong(where, _("Describe the criterion."))
            return {}
        self._known(content, CRITERION_FIELDS, where)
        weight = self._number(content.get("weight"), f"{where}.weight", highest=WHOLE)
        if weight == "0.00" and self.is_whole:
            self._wrong(f"{where}.weight", _("A weight is more than 0."))
        description = content.get("description", "")
        return {
            "key": self._key(content.get("key"), f"{where}.key"),
            "title": self._words(content.get("title"), f"{where}.title", LONGEST_TITLE),
            "description": self._words(description, f"{where}.description", may_be_empty=True),
            "weight": weight,
            "levels": self._levels(content.get("levels"), f"{where}.levels"),
        }

    def _levels(self, sent: Any, where: str) -> list[dict[str, Any]]:
        if not isinstance(sent, list) or (self.is_whole and len(sent) < 2):
            self._wrong(where, _("Name at least two levels."))
            return []
        if len(sent) > MOST_LEVELS:
            self._wrong(where, _("Name at most %(most)d levels.") % {"most": MOST_LEVELS})
            return []
        levels = [self._level(level, f"{where}[{n}]") for n, level in enumerate(sent)]
        self._unrepeated(levels, where)
        points = [level.get("points") for level in levels]
        is_read = None not in points and "" not in points
        if self.is_whole and is_read and len(set(points)) != len(points):
            self._wrong(where, _("Levels have different points, the best more than 0."))
        return levels

    def _level(self, content: Any, where: str) -> dict[str, Any]:
        if not isinstance(content, Mapping):
            self._wrong(where, _("Describe the level."))
            return {}
        self._known(content, LEVEL_FIELDS, where)
        points = self._number(content.get("points"), f"{where}.points", highest=HIGHEST_POINTS)
        return {
            "key": self._key(content.get("key"), f"{where}.key"),
            "title": self._words(content.get("title"), f"{where}.title", LONGEST_LEVEL_TITLE),
            "points": points,
            "descriptor": self._words(content.get("descriptor"), f"{where}.descriptor"),
        }

    def _wrong(self, where: str, *sentences: Sentence) -> None:
        self.errors.setdefault(where, []).extend(sentences)

    def _known(self, content: Mapping[str, Any], known: set[str], where: str) -> None:
        for name in sorted(str(name) for name in content if name not in known):
            self._wrong(f"{where}.{name}", _("Unknown field."))

    def _unrepeated(self, things: list[dict[str, Any]], where: str) -> None:
        keys = [thing.get("key") for thing in things]
        for key in sorted({key for key in keys if key and keys.count(key) > 1}):
            self._wrong(where, _("“%(key)s” stands here twice.") % {"key": key})

    def _key(self, value: Any, where: str) -> str:
        key = self._text(value, where)
        if where in self.errors:
            return ""
        try:
            validate_slug(key)
        except ValidationError as error:
            self._wrong(where, *error.messages)
        if len(key) > LONGEST_KEY:
            self._wrong(where, _("Use at most %(limit)d characters.") % {"limit": LONGEST_KEY})
        return key

    def _words(
        self, value: Any, where: str, longest: int = LONGEST_TEXT, *, may_be_empty: bool = False
    ) -> str:
        text = self._text(value, where)
        if where in self.errors:
            return ""
        if not may_be_empty:
            text = text.strip()
        if len(text) > longest or not (text or may_be_empty):
            sentence = _("Write 1 to %(longest)d characters.") % {"longest": longest}
            self._wrong(where, sentence)
        return text

    def _text(self, value: Any, where: str) -> str:
        try:
            return clean_text(value, field=where)
        except InvalidInput as error:
            for sentences in error.errors.values():
                self._wrong(where, *sentences)
        except TooLarge as error:
            self._wrong(where, error.sentence)
        return ""

    def _number(self, value: Any, where: str, *, highest: Decimal) -> str:
        """A number from 0 to `highest` with at most two decimal places, as a canonical
        string. Refused: NaN, Infinity, negative numbers, a comma, words, true and false."""
        number = _decimal(value)
        if number is None or not 0 <= number <= highest or number != round(number, 2):
            sentence = _("Give a number from 0 to %(highest)s with at most two decimal places.")
            self._wrong(where, sentence % {"highest": highest})
            return ""
        return str(round(number + 0, 2))  # + 0: “-0” is 0


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
