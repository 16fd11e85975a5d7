"""What statements come to: plain functions over one row of results, called under its lock.

`answered`: question → {"response", "raw", "max", "scaled", "success", "best", "at", "version",
"here"}; numbers as text. "here": the server marked it. Entries of an earlier version stay until
the question is answered again; only those of the version at hand count.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from h5p.questions import Leaf, QuestionMark, QuestionSet
from h5p.questions.model import Gaps
from modules.h5p_statements import Statement
from modules.models import H5PResult

# A content that is one question reports it without the name of a part.
WHOLE: Final = "main"
_SHARE: Final = Decimal("0.000001")
# Parts of one version. Their names are a browser's word; players with more are not known.
MOST_PARTS: Final = 300
_ANSWERS: Final = frozenset({"answered", "completed", "interacted", "responded"})


def project_claim(result: H5PResult, said: Statement, version_id: int, at: datetime) -> None:
    """A statement of a player that marks by itself. The score of a part never becomes that
    of the whole, and a worse attempt never lowers the best."""
    has_answer = bool(said.response) or said.scaled is not None
    if said.verb in _ANSWERS and has_answer and (said.is_part or said.verb == "answered"):
        key = said.sub_content_id or (said.object_id[-200:] if said.is_part else WHOLE)
        entry = _entry(
            result.answered.get(key),
            version_id=version_id,
            response=said.response,
            raw=said.raw,
            most=said.max,
            scaled=said.scaled,
            success=said.success,
            at=at,
            here=False,
        )
        others = {name for name, e in result.answered.items() if e["version"] == version_id}
        if len(others | {key}) <= MOST_PARTS:
            result.answered = {**result.answered, key: entry}
    if said.finishes:
        if said.scaled is not None:
            _score(result, said.scaled, said.raw, said.max)
        result.completed_at = result.completed_at or at


def project_mark(
    result: H5PResult,
    question_set: QuestionSet,
    marked: QuestionMark,
    response: str,
    version_id: int,
    at: datetime,
) -> None:
    """An answer that the server marked. The score is that of all questions together, those
    without an answer counting as nothing."""
    result.answered = {
        **result.answered,
        marked.question: _entry(
            result.answered.get(marked.question),
            version_id=version_id,
            response=response,
            raw=marked.score,
            most=marked.maximum,
            scaled=(marked.score / marked.maximum).quantize(_SHARE),
            success=marked.correct,
            at=at,
            here=True,
        ),
    }
    standing = standing_marks(result.answered, version_id)
    leaves = dict(question_set.leaves())
    most = sum((leaf.points for leaf in leaves.values()), Decimal(0))
    raw = sum((Decimal(standing[name]["raw"]) for name in leaves if name in standing), Decimal(0))
    if most > 0:
        _score(result, (raw / most).quantize(_SHARE), raw, most)
    if all(name in standing for name in leaves):
        result.completed_at = result.completed_at or at


def standing_marks(answered: Mapping[str, Any], version_id: int) -> dict[str, dict[str, Any]]:
    """What the server marked of this version."""
    return {
        name: entry
        for name, entry in answered.items()
        if entry["here"] and entry["version"] == version_id
    }


def xapi_response(leaf: Leaf, response: list[str] | Mapping[str, str]) -> str:
    """A response as statements have it (h5p/own/README.md)."""
    if isinstance(response, list):
        return "[,]".join(response)
    if isinstance(leaf, Gaps):
        return "[,]".join(response.get(gap.id, "") for gap in leaf.gaps)
    return "[,]".join(f"{pair}[.]{target}" for pair, target in response.items())


def _score(result: H5PResult, scaled: Decimal, raw: Decimal | None, most: Decimal | None) -> None:
    result.last_scaled = scaled
    if result.best_scaled is None or scaled > result.best_scaled:
        result.best_scaled, result.best_raw, result.best_max = scaled, raw, most


def _entry(
    before: Mapping[str, Any] | None,
    *,
    version_id: int,
    response: str,
    raw: Decimal | None,
    most: Decimal | None,
    scaled: Decimal | None,
    success: bool | None,
    at: datetime,
    here: bool,
) -> dict[str, Any]:
    earlier = before["best"] if before and before["version"] == version_id else None
    return {
        "response": response,
        "raw": _text(raw),
        "max": _text(most),
        "scaled": _text(scaled),
        "success": success,
        "best": _text(_best(scaled, earlier)),
        "at": at.isoformat(),
        "version": version_id,
        "here": here,
    }


def _best(*shares: Decimal | str | None) -> Decimal | None:
    known: Iterable[Decimal] = [Decimal(share) for share in shares if share is not None]
    return max(known, default=None)


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)
