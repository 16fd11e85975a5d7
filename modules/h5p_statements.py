"""Reading xAPI statements that a browser sends: every value is checked, none is believed.

What an actor is called and when it happened is the server's to say: both are dropped.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_duration
from django.utils.translation import gettext as _

from lms.core.errors import InvalidInput, TooLarge
from lms.core.text import refuse_unstorable
from modules.models.h5p_results import LONGEST_RESPONSE

MOST_STATEMENTS: Final = 100
LONGEST_STATEMENT: Final = 100_000
_DEEPEST: Final = 30
_KEPT: Final = ("id", "verb", "object", "result", "context")
_KEPT_CONTEXT: Final = ("contextActivities", "extensions", "language", "platform")
_TEXTS_OF_DEFINITION: Final = ("type", "moreInfo", "interactionType")
_LISTS_OF_DEFINITION: Final = (
    "correctResponsesPattern", "choices", "scale", "source", "target", "steps",
)  # fmt: skip
_SUB_CONTENT: Final = "http://h5p.org/x-api/h5p-subContentId"
_VOIDED: Final = "http://adlnet.gov/expapi/verbs/voided"
_POINT: Final = Decimal("0.0001")
_SHARE: Final = Decimal("0.000001")
_LARGEST: Final = 10_000_000


class MalformedStatement(InvalidInput):
    """`errors`: where in what was sent → what is wrong there."""

    code = "malformed_statement"
    status = 400


@dataclass(frozen=True)
class Statement:
    """`verb` is the last part of its id. `sub_content_id` is "" for the activity as a whole,
    unless the statement names a parent or another address all the same: `is_part` says so.
    `scaled` is worked out from `raw` and `max` where both are there."""

    id: UUID | None
    verb: str
    object_id: str
    sub_content_id: str
    is_part: bool
    raw: Decimal | None
    max: Decimal | None
    scaled: Decimal | None
    success: bool | None
    completion: bool | None
    duration: Decimal | None
    response: str
    body: dict[str, Any]

    @property
    def finishes(self) -> bool:
        """Whether the activity as a whole was played to its end. A bare `completed`, with
        neither a score nor the word that it is complete, says nothing."""
        return (
            not self.is_part
            and self.verb in {"completed", "answered", "passed", "failed", "mastered"}
            and (self.scaled is not None or self.completion is True)
        )


def read_statements(sent: Any, iri: str) -> list[Statement]:
    """One statement or a list of them about the activity `iri`.

    Raises MalformedStatement that says where, TooLarge.
    """
    if isinstance(sent, list):
        if not 1 <= len(sent) <= MOST_STATEMENTS:
            sentence = _("Send between 1 and %(most)d statements.") % {"most": MOST_STATEMENTS}
            raise MalformedStatement(errors={"statements": [sentence]})
        return [read_statement(each, iri, f"statements[{at}]") for at, each in enumerate(sent)]
    return [read_statement(sent, iri, "statement")]


def read_statement(sent: Any, iri: str, where: str = "statement") -> Statement:
    look = _Reader(where)
    value = look.mapping(sent, "")
    _require_storable(value, where)
    verb = look.mapping(value.get("verb"), "verb")
    about = look.mapping(value.get("object"), "object")
    result = look.part(value, "result", "result")
    context = look.part(value, "context", "context")
    activities = look.part(context, "contextActivities", "context.contextActivities")
    score = look.part(result, "score", "result.score")

    verb_id = look.iri(verb.get("id"), "verb.id")
    if verb_id == _VOIDED:
        look.refuse("verb.id", _("What was said here is not taken back."))
    _require_shapes(verb, about, result, context, look)
    object_id = look.iri(about.get("id"), "object.id")
    if object_id != iri and not object_id.startswith((f"{iri}?", f"{iri}#", f"{iri}/")):
        look.refuse("object.id", _("This is not the activity that is played here."))
    raw = look.number(score.get("raw"), "result.score.raw")
    most = look.number(score.get("max"), "result.score.max")
    scaled = look.number(score.get("scaled"), "result.score.scaled")
    if raw is not None and most is not None and raw > most:
        look.refuse("result.score.raw", _("This is more than the maximum."))
    if scaled is not None and abs(scaled) > 1:
        look.refuse("result.score.scaled", _("This is a share, between -1 and 1."))
    if raw is not None and most is not None:
        # Without a maximum there is no score: players say 0 of 0 then.
        scaled = max(raw / most, Decimal(-1)) if most > 0 else None
    sub_content_id = _part_of(about, object_id, look)
    return Statement(
        id=look.uuid(value.get("id"), "id"),
        verb=verb_id.rstrip("/").rpartition("/")[2][:100] or "unknown",
        object_id=object_id,
        sub_content_id=sub_content_id,
        is_part=bool(sub_content_id) or bool(activities.get("parent")) or object_id != iri,
        raw=None if raw is None else raw.quantize(_POINT),
        max=None if most is None else most.quantize(_POINT),
        scaled=None if scaled is None else scaled.quantize(_SHARE),
        success=look.flag(result.get("success"), "result.success"),
        completion=look.flag(result.get("completion"), "result.completion"),
        duration=look.seconds(result.get("duration"), "result.duration"),
        response=look.text(result.get("response"), "result.response", LONGEST_RESPONSE),
        body=_kept(value, context),
    )


class _Reader:
    """Reads values; what is wrong is refused with the place where it stands."""

    def __init__(self, where: str) -> None:
        self._where = where

    def refuse(self, path: str, sentence: str) -> None:
        place = f"{self._where}.{path}" if path else self._where
        raise MalformedStatement(errors={place: [sentence]})

    def mapping(self, value: Any, path: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.refuse(path, _("Send an object here."))
        found: Mapping[str, Any] = value
        return found

    def part(self, whole: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
        """What need not be there. Nothing else than null stands for nothing."""
        value = whole.get(name)
        return {} if value is None else self.mapping(value, path)

    def words(self, whole: Mapping[str, Any], name: str, path: str) -> None:
        """A text in one or more languages."""
        for language, text in self.part(whole, name, path).items():
            self.text(text, f"{path}.{language}", LONGEST_STATEMENT)

    def texts(self, whole: Mapping[str, Any], names: Iterable[str], path: str) -> None:
        for name in names:
            self.text(whole.get(name), f"{path}.{name}", LONGEST_STATEMENT)

    def lists(self, whole: Mapping[str, Any], names: Iterable[str], path: str) -> None:
        for name in names:
            if not isinstance(whole.get(name), list | None):
                self.refuse(f"{path}.{name}", _("Send a list here."))

    def text(self, value: Any, path: str, longest: int) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(path, _("Send text here."))
        if len(value) > longest:
            self.refuse(path, _("This is longer than %(most)d characters.") % {"most": longest})
        return str(value)

    def storable(self, text: str, path: str) -> None:
        _in_place(refuse_unstorable, text, f"{self._where}.{path}")

    def iri(self, value: Any, path: str) -> str:
        found = self.text(value, path, 2000)
        try:
            is_absolute = bool(urlsplit(found).scheme)
        except ValueError:
            is_absolute = False
        if not is_absolute:
            self.refuse(path, _("Send an absolute address here."))
        return found

    def number(self, value: Any, path: str) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(path, _("Send a number here."))
        # In this order: a whole number may be too large to be made a float.
        if abs(value) > _LARGEST or not math.isfinite(value):
            self.refuse(path, _("This number is too large."))
        return Decimal(str(value))

    def flag(self, value: Any, path: str) -> bool | None:
        if value is not None and not isinstance(value, bool):
            self.refuse(path, _("Send true or false here."))
        found: bool | None = value
        return found

    def uuid(self, value: Any, path: str) -> UUID | None:
        if value is None:
            return None
        try:
            return UUID(self.text(value, path, 100))
        except ValueError:
            self.refuse(path, _("Send a UUID here."))
        return None

    def seconds(self, value: Any, path: str) -> Decimal | None:
        if value is None:
            return None
        said = self.text(value, path, 100)
        try:
            found: timedelta | None = parse_duration(said) if said.startswith("P") else None
        except (ValueError, OverflowError):
            found = None
        if found is None or found < timedelta(0):
            self.refuse(path, _("Send a duration as ISO 8601 has it, such as PT12.5S."))
        seconds = Decimal(str(found.total_seconds())) if found else Decimal(0)
        return min(seconds, Decimal(_LARGEST)).quantize(Decimal("0.001"))


def _require_shapes(
    verb: Mapping[str, Any],
    about: Mapping[str, Any],
    result: Mapping[str, Any],
    context: Mapping[str, Any],
    look: _Reader,
) -> None:
    """What is only kept: no less of the kind that the standard says. What it says of the
    words in a list, players do not all keep to."""
    look.words(verb, "display", "verb.display")
    if about.get("objectType") not in (None, "Activity"):
        look.refuse("object.objectType", _("Only an activity can be spoken of here."))
    definition = look.part(about, "definition", "object.definition")
    for name in ("name", "description"):
        look.words(definition, name, f"object.definition.{name}")
    look.texts(definition, _TEXTS_OF_DEFINITION, "object.definition")
    look.lists(definition, _LISTS_OF_DEFINITION, "object.definition")
    look.number(look.part(result, "score", "result.score").get("min"), "result.score.min")
    look.part(result, "extensions", "result.extensions")
    look.part(context, "extensions", "context.extensions")
    look.texts(context, ("language", "platform"), "context")
    place = "context.contextActivities"
    for name, others in look.part(context, "contextActivities", place).items():
        for at, other in enumerate(others if isinstance(others, list) else [others]):
            if other is not None:
                here = f"{place}.{name}" + (f"[{at}]" if isinstance(others, list) else "")
                look.iri(look.mapping(other, here).get("id"), f"{here}.id")


def _part_of(about: Mapping[str, Any], object_id: str, look: _Reader) -> str:
    """The part of the activity that this is about: as H5P names it, in either place."""
    definition = look.part(about, "definition", "object.definition")
    extensions = look.part(definition, "extensions", "object.definition.extensions")
    part = look.text(extensions.get(_SUB_CONTENT), "object.definition.extensions", 200)
    if not part:
        named = parse_qs(urlsplit(object_id).query).get("subContentId", [""])[0]
        part = look.text(named, "object.id", 200)
    # An address is text that may stand for what no database keeps.
    look.storable(part, "object.id")
    return part


def _kept(value: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored: without actor, authority, instructor, team and times."""
    body = {name: value[name] for name in _KEPT if value.get(name) is not None}
    kept = {name: context[name] for name in _KEPT_CONTEXT if context.get(name) is not None}
    return {**body, "context": kept} if kept else {k: v for k, v in body.items() if k != "context"}


def _require_storable(value: Any, where: str) -> None:
    if len(json.dumps(value)) > LONGEST_STATEMENT:
        raise TooLarge(_("This statement is longer than allowed."), field=where)

    def visit(each: Any, place: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise MalformedStatement(errors={place: [_("This is nested too deeply.")]})
        if isinstance(each, str):
            _in_place(refuse_unstorable, each, place)
        elif isinstance(each, float) and not math.isfinite(each):
            raise MalformedStatement(errors={place: [_("Send a number here.")]})
        elif isinstance(each, dict):
            for name, inner in each.items():
                _in_place(refuse_unstorable, name, place)
                visit(inner, f"{place}.{name}"[:300], depth + 1)
        elif isinstance(each, list):
            for at, inner in enumerate(each):
                visit(inner, f"{place}[{at}]", depth + 1)

    visit(value, where, 0)


def _in_place(check: Callable[[str], None], text: str, place: str) -> None:
    try:
        check(text)
    except ValidationError as error:
        raise MalformedStatement(errors={place: list(error.messages)}) from error
