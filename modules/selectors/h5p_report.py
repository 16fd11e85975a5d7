"""Every answer of an edition's participants to one interactive content, by question.

Three queries, whatever the number of participants and questions.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.html import strip_tags

from h5p.questions import Gaps, Leaf, Match, MultipleChoice, Order, SingleChoice
from lms.programme.enums import TAKING_PART
from lms.programme.models import Edition
from modules.h5p_projection import WHOLE
from modules.h5p_staging import questions_of
from modules.models import ActivityPage, H5PResult, H5PStatement, H5PVersion
from modules.models.charts import Chart, bars

MOST_SHOWN = 12
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Answer:
    """`raw` and `max` are points, as text; `at` is ISO 8601."""

    person: str
    city: str
    parts: tuple[str, ...]
    raw: str | None
    max: str | None
    share: Decimal | None
    is_right: bool
    is_marked_here: bool
    at: str

    @property
    def words(self) -> str:
        return "; ".join(self.parts)


@dataclass(frozen=True)
class Given:
    """One answer as several people gave it. `is_key`: it is right, as far as we know."""

    words: str
    count: int
    percent: int
    is_key: bool


@dataclass(frozen=True)
class QuestionReport:
    """`facility`: the mean share of the points, in per cent; None without any score. The
    lower, the harder. `given` counts answers, the commonest first."""

    key: str
    number: int
    prompt: str
    answers: tuple[Answer, ...]
    given: tuple[Given, ...]
    facility: int | None
    right: int

    @property
    def answered(self) -> int:
        return len(self.answers)

    @property
    def chart(self) -> Chart:
        return bars(((each.words, each.percent) for each in self.given), "%")

    @property
    def chart_id(self) -> str:
        return f"question-{self.number}"


@dataclass(frozen=True)
class Report:
    """`difficulty` draws the facility of every question that has one."""

    version: H5PVersion
    people: int
    begun: int
    completed: int
    mean: int | None
    questions: tuple[QuestionReport, ...]
    is_marked_here: bool

    @property
    def rated(self) -> tuple[QuestionReport, ...]:
        return tuple(each for each in self.questions if each.facility is not None)

    @property
    def difficulty(self) -> Chart:
        return bars(
            ((f"{each.number}. {each.prompt}", each.facility or 0) for each in self.rated), "%"
        )


def report_of(activity: ActivityPage, edition: Edition) -> Report:
    """Answers to the current version, of those who take part."""
    assert activity.h5p is not None
    version = activity.h5p.current
    assert version is not None
    results = list(
        H5PResult.objects.filter(
            activity=activity, enrolment__edition=edition, enrolment__status__in=TAKING_PART
        ).select_related("enrolment__user", "enrolment__city")
    )
    readings = _readings(version) or _claimed_readings(activity, version, edition)
    found: dict[str, list[Answer]] = {key: [] for key in readings}
    for result in results:
        for key, entry in result.answered.items():
            if entry["version"] == version.pk and key in found:
                found[key].append(_answer(result, entry, readings[key]))
    shares = [result.best_scaled for result in results if result.best_scaled is not None]
    return Report(
        version=version,
        people=edition.enrolments.filter(status__in=TAKING_PART).count(),
        begun=len(results),
        completed=sum(result.completed_at is not None for result in results),
        mean=_percent(shares),
        questions=tuple(
            _question(number, key, readings[key], tuple(answers))
            for number, (key, answers) in enumerate(found.items(), start=1)
        ),
        is_marked_here=version.is_marked_here,
    )


@dataclass(frozen=True)
class Reading:
    """What an answer's code means, and which codes are right, as far as we know."""

    prompt: str
    words: Mapping[str, str]
    right: frozenset[str]
    left: Mapping[str, str]

    def __hash__(self) -> int:
        # The mappings cannot be hashed; equal readings still share a hash.
        return hash((self.prompt, self.right))

    def parts(self, response: str) -> list[str]:
        """The answer in pieces that can be counted, in words."""
        return [self._part(piece) for piece in response.split("[,]") if piece] or ["–"]

    def _part(self, piece: str) -> str:
        if "[.]" in piece:
            left, right = piece.split("[.]", 1)
            return f"{self.left.get(left, left)} → {self.words.get(right, right)}"[:200]
        return self.words.get(piece, piece)[:200]


def _readings(version: H5PVersion) -> dict[str, Reading]:
    """Of our own questions, in their order."""
    question_set = questions_of(version)
    return {key: _own_reading(leaf) for key, leaf in question_set.leaves()} if question_set else {}


def _own_reading(leaf: Leaf) -> Reading:
    words: dict[str, str] = {}
    left: dict[str, str] = {}
    right: list[str] = []
    match leaf:
        case SingleChoice() | MultipleChoice():
            words = {option.id: option.text for option in leaf.options}
            right = [option.text for option in leaf.options if option.correct]
        case Order():
            words = {item.id: item.text for item in leaf.items}
        case Match():
            words = {target.id: target.text for target in leaf.targets}
            left = {pair.id: pair.left for pair in leaf.pairs}
            right = [f"{pair.left} → {pair.right.text}"[:200] for pair in leaf.pairs]
        case Gaps():
            right = [answer for gap in leaf.gaps for answer in gap.answers]
    return Reading(_plain(leaf.prompt), words, frozenset(right), left)


def _claimed_readings(
    activity: ActivityPage, version: H5PVersion, edition: Edition
) -> dict[str, Reading]:
    """Of an uploaded content: as the players of most who answered described the questions.
    One browser can say what it likes, and is not believed against the others."""
    rows = H5PStatement.objects.filter(
        activity=activity,
        version=version,
        enrolment__edition=edition,
        enrolment__status__in=TAKING_PART,
    ).order_by()
    rows = rows.exclude(verb="attempted").exclude(response="", scaled__isnull=True)
    newest = rows.values("sub_content_id", "enrolment").annotate(newest=Max("pk")).values("newest")
    said: dict[str, Counter[Reading]] = {}
    for row in H5PStatement.objects.filter(pk__in=newest).order_by("-pk"):
        definition = row.statement.get("object", {}).get("definition") or {}
        reading = _claimed_reading(definition if isinstance(definition, dict) else {})
        said.setdefault(row.sub_content_id or WHOLE, Counter())[reading] += 1
    # In the order in which they were last answered; of two that are as common, the newer.
    return {key: said[key].most_common(1)[0][0] for key in reversed(said)}


def _claimed_reading(definition: Mapping[str, Any]) -> Reading:
    def named(*lists: str) -> dict[str, str]:
        return {
            str(each.get("id")): _plain(_any(each.get("description")))
            for name in lists
            for each in _list(definition.get(name))
            if isinstance(each, dict)
        }

    words = named("choices", "scale", "target", "steps")
    patterns = [p for p in _list(definition.get("correctResponsesPattern")) if isinstance(p, str)]
    right = {words.get(part, part) for pattern in patterns for part in pattern.split("[,]")}
    prompt = _any(definition.get("description")) or _any(definition.get("name"))
    return Reading(_plain(prompt), words, frozenset(right), named("source"))


def _answer(result: H5PResult, entry: Mapping[str, Any], reading: Reading) -> Answer:
    share = Decimal(entry["scaled"]) if entry["scaled"] is not None else None
    return Answer(
        person=str(result.enrolment.user),
        city=str(result.enrolment.city or ""),
        parts=tuple(reading.parts(entry["response"])),
        raw=entry["raw"],
        max=entry["max"],
        share=share,
        is_right=bool(entry["success"]) or (share is not None and share >= 1),
        is_marked_here=entry["here"],
        at=entry["at"],
    )


def _question(
    number: int, key: str, reading: Reading, answers: tuple[Answer, ...]
) -> QuestionReport:
    counted = Counter(part for answer in answers for part in set(answer.parts))
    return QuestionReport(
        key=key,
        number=number,
        prompt=reading.prompt or key,
        answers=answers,
        given=tuple(
            Given(words, count, count * 100 // len(answers), words in reading.right)
            for words, count in counted.most_common(MOST_SHOWN)
        ),
        facility=_percent(answer.share for answer in answers if answer.share is not None),
        right=sum(answer.is_right for answer in answers),
    )


def _percent(shares: Iterable[Decimal]) -> int | None:
    known = list(shares)
    return int(sum(known, Decimal(0)) * 100 / len(known)) if known else None


def _any(words: Any) -> str:
    """A text of a language map, whatever its language."""
    if isinstance(words, dict):
        return next((each for each in words.values() if isinstance(each, str)), "")
    return words if isinstance(words, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _plain(text: str) -> str:
    return _SPACE.sub(" ", html.unescape(strip_tags(text))).strip()[:300]
