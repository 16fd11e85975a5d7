"""Publishing a rubric: a new version with its criteria and levels, or none."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.guidelines import freeze_conditions
from assessments.enums import GradeStatus
from assessments.models import Criterion, Grade, Level, Rubric, RubricVersion
from lms.accounts.models import User
from lms.core import audit
from lms.core.canonical import hash_of
from lms.core.errors import InvalidInput
from lms.core.permissions import require_perm
from lms.core.text import clean_text

RUBRIC_FIELDS = {"pass_percent", "criteria"}
CRITERION_FIELDS = {"key", "title", "description", "weight", "levels"}
LEVEL_FIELDS = {"key", "title", "points", "descriptor"}
UNDECIDED = (
    GradeStatus.PROVISIONAL,
    GradeStatus.IN_MODERATION,
    GradeStatus.AGREED,
    GradeStatus.READY_FOR_RELEASE,
)


@transaction.atomic
def publish_rubric(
    *, rubric: Rubric, content: Mapping[str, Any], by: User | None, at: datetime
) -> RubricVersion:
    """Freeze `content` as a new version, unless the latest one says the same.

    `content`: {"pass_percent", "criteria": [{"key", "title", "description",
    "weight", "levels": [{"key", "title", "points", "descriptor"}]}]}. Weights add
    up to 100. `by` None: the system published (the first loading). Grades that are
    not released yet need another look (invariant 7). Raises InvalidInput.
    """
    rubric = Rubric.objects.select_for_update(of=("self",)).get(pk=rubric.pk)
    if by is not None:
        require_perm(by, "assessments.publish_rubric", rubric)
    clean = _clean_rubric(content)
    digest = hash_of(clean)
    latest = rubric.versions.first()
    if latest is not None and latest.sha256 == digest:
        return latest

    version = RubricVersion.objects.create(
        rubric=rubric,
        number=latest.number + 1 if latest else 1,
        sha256=digest,
        pass_percent=Decimal(clean["pass_percent"]),
        created_at=at,
        created_by=by,
    )
    for order, criterion in enumerate(clean["criteria"]):
        _store_criterion(version, order, criterion)
    unsettled = Grade.objects.filter(
        attempt__rubric__rubric=rubric, status__in=UNDECIDED, needs_regrade=False
    )
    for grade in unsettled.select_for_update(of=("self",)):
        grade.needs_regrade = True
        grade.version += 1
        grade.save(update_fields=["needs_regrade", "version"])
        audit.record(by=by, verb="grade.needs_regrade", target=grade, at=at, rubric=version.number)
    audit.record(
        by=by, verb="rubric.published", target=version, at=at, number=version.number, sha256=digest
    )
    for project in rubric.projects.select_for_update(of=("self",), no_key=True):
        freeze_conditions(project=project, by=by, at=at)
    return version


def _store_criterion(version: RubricVersion, order: int, content: dict[str, Any]) -> None:
    criterion = Criterion.objects.create(
        version=version,
        key=content["key"],
        title=content["title"],
        description=content["description"],
        weight=Decimal(content["weight"]),
        order=order,
    )
    Level.objects.bulk_create(
        Level(
            criterion=criterion,
            key=level["key"],
            title=level["title"],
            points=Decimal(level["points"]),
            descriptor=level["descriptor"],
            order=place,
        )
        for place, level in enumerate(content["levels"])
    )


def _clean_rubric(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with numbers as canonical strings, so that equal rubrics hash alike."""
    _refuse_unknown(content, RUBRIC_FIELDS, "rubric")
    criteria = content.get("criteria")
    if not isinstance(criteria, list) or not criteria:
        raise InvalidInput(errors={"criteria": [_("Name at least one criterion.")]})
    clean = [_clean_criterion(criterion, f"criteria[{n}]") for n, criterion in enumerate(criteria)]
    _refuse_repeated(clean, "criteria")
    total = sum(Decimal(criterion["weight"]) for criterion in clean)
    if total != 100:
        raise InvalidInput(
            errors={
                "criteria": [_("The weights add up to %(total)s, not to 100.") % {"total": total}]
            }
        )
    passing = _number(content.get("pass_percent"), "pass_percent", highest=Decimal(100))
    return {"pass_percent": passing, "criteria": clean}


def _clean_criterion(content: Any, where: str) -> dict[str, Any]:
    if not isinstance(content, Mapping):
        raise InvalidInput(errors={where: [_("Describe the criterion.")]})
    _refuse_unknown(content, CRITERION_FIELDS, where)
    weight = _number(content.get("weight"), f"{where}.weight", highest=Decimal(100))
    if Decimal(weight) == 0:
        raise InvalidInput(errors={f"{where}.weight": [_("A weight is more than 0.")]})
    levels = content.get("levels")
    if not isinstance(levels, list) or len(levels) < 2:
        raise InvalidInput(errors={f"{where}.levels": [_("Name at least two levels.")]})
    clean = [_clean_level(level, f"{where}.levels[{n}]") for n, level in enumerate(levels)]
    _refuse_repeated(clean, f"{where}.levels")
    points = [Decimal(level["points"]) for level in clean]
    if len(set(points)) != len(points) or max(points) == 0:
        raise InvalidInput(
            errors={f"{where}.levels": [_("Levels have different points, the best more than 0.")]}
        )
    return {
        "key": _key(content.get("key"), f"{where}.key"),
        "title": _words(content.get("title"), f"{where}.title", longest=200),
        "description": clean_text(content.get("description", ""), field=f"{where}.description"),
        "weight": weight,
        "levels": clean,
    }


def _clean_level(content: Any, where: str) -> dict[str, Any]:
    if not isinstance(content, Mapping):
        raise InvalidInput(errors={where: [_("Describe the level.")]})
    _refuse_unknown(content, LEVEL_FIELDS, where)
    return {
        "key": _key(content.get("key"), f"{where}.key"),
        "title": _words(content.get("title"), f"{where}.title", longest=120),
        "points": _number(content.get("points"), f"{where}.points", highest=Decimal("9999.99")),
        "descriptor": _words(content.get("descriptor"), f"{where}.descriptor", longest=5000),
    }


def _refuse_unknown(content: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(str(name) for name in content if name not in known)
    if unknown:
        raise InvalidInput(errors={f"{where}.{name}": [_("Unknown field.")] for name in unknown})


def _refuse_repeated(things: list[dict[str, Any]], where: str) -> None:
    keys = [thing["key"] for thing in things]
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise InvalidInput(
            errors={where: [_("“%(key)s” stands here twice.") % {"key": repeated[0]}]}
        )


def _key(value: Any, where: str) -> str:
    key = clean_text(value, field=where)
    try:
        validate_slug(key)
    except ValidationError as error:
        raise InvalidInput(errors={where: list(error.messages)}) from error
    if len(key) > 50:
        raise InvalidInput(errors={where: [_("Use at most 50 characters.")]})
    return key


def _words(value: Any, where: str, *, longest: int) -> str:
    text = clean_text(value, field=where).strip()
    if not text or len(text) > longest:
        raise InvalidInput(
            errors={where: [_("Write 1 to %(longest)d characters.") % {"longest": longest}]}
        )
    return text


def _number(value: Any, where: str, *, highest: Decimal) -> str:
    """A number from 0 to `highest` with at most two decimal places, as a canonical string.

    Refused: NaN, Infinity, negative numbers, a comma, words, true and false.
    """
    refusal = InvalidInput(
        errors={
            where: [
                _("Give a number from 0 to %(highest)s with at most two decimal places.")
                % {"highest": highest}
            ]
        }
    )
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise refusal
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise refusal from error
    if not number.is_finite() or not 0 <= number <= highest or number != round(number, 2):
        raise refusal
    return str(round(number, 2))
