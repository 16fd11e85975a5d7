"""What a player sends back: statements, states, answers to be marked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from h5p.questions import Leaf, QuestionMark, QuestionSet, read_xapi_response, result_for_player
from h5p.questions.marking import mark_question
from lms.accounts.models import User
from lms.core import outbox
from lms.core.errors import Conflict, InvalidInput, TooLarge
from lms.core.text import clean_text
from lms.programme.models import Enrolment
from modules import tasks
from modules.actions.activity import (
    begin,
    complete_activity,
    locked_progress,
    require_own_open,
)
from modules.enums import ActivityStatus, CompletionRule
from modules.h5p_frames import Play, activity_iri
from modules.h5p_projection import project_claim, project_mark, standing_marks, xapi_response
from modules.h5p_staging import stage_of
from modules.h5p_statements import Statement
from modules.models import (
    ActivityPage,
    ActivityProgress,
    H5PResult,
    H5PState,
    H5PStatement,
    H5PVersion,
)
from modules.models.questions import Played
from modules.selectors.h5p import played_by, state_in

_LONGEST_NAME: Final = 200
_LONGEST_STATE: Final = 300_000
# Loading the player is not yet work.
_ONLY_LOOKED: Final = frozenset({"attempted", "initialized", "launched"})
# What players say of the activity as a whole when it was played to its end.
_WHOLE: Final = ("completed", "answered")


@dataclass(frozen=True)
class Standing:
    """Where somebody stands with the activity after a write."""

    ids: tuple[UUID, ...]
    played: Played
    status: str

    @property
    def is_done(self) -> bool:
        return self.status == ActivityStatus.DONE


@transaction.atomic
def record_statements(
    *,
    enrolment: Enrolment,
    activity: ActivityPage,
    play: Play,
    statements: Sequence[Statement],
    by: User,
    at: datetime,
) -> Standing:
    """Append what is new, work out the result, finish the activity if its rule is met.

    A statement that is here already, by its id, changes nothing; the same id with another
    content is a Conflict. Of our own question types these are claims that are kept and
    not counted: the server marks (`mark_answer`).
    """
    require_own_open(enrolment, activity, by)
    _require_played_here(play, activity)
    rows, new = _rows_of(enrolment, activity, play, statements, at)
    if not new:
        return _standing(enrolment, activity, tuple(row.statement_id for row in rows))
    progress = locked_progress(enrolment, activity, at)
    version = H5PVersion.objects.get(pk=play.version_id)
    H5PStatement.objects.bulk_create(row for row, _said in new)
    result = _locked_result(enrolment, activity, version, at)
    if version.content_id == activity.h5p_id:
        if not version.is_marked_here:
            for _row, said in new:
                project_claim(result, said, version.pk, at)
        if any(said.verb in _WHOLE and not said.is_part for _row, said in new):
            result.attempts = _count_attempts(enrolment, activity)
        _keep(result, version, at)
    if any(said.verb not in _ONLY_LOOKED for _row, said in new):
        _begin(progress)
    _forward([row for row, said in new if not (version.is_marked_here and said.is_part)])
    _finish_by_rule(enrolment, activity, progress, by, at)
    return _standing(enrolment, activity, tuple(row.statement_id for row in rows))


@transaction.atomic
def mark_answer(
    *,
    enrolment: Enrolment,
    activity: ActivityPage,
    play: Play,
    question: str,
    response: Any,
    statement_id: UUID | None = None,
    by: User,
    at: datetime,
) -> tuple[dict[str, Any], Standing]:
    """Mark one answer to a question of ours, record it, and say what the player shows.

    The same `statement_id` again is the same answer again. Where questions may not be
    tried twice, the first answer stands. Raises InvalidInput for what is no answer.
    """
    require_own_open(enrolment, activity, by)
    _require_played_here(play, activity)
    stage = stage_of(play.version_id)
    leaf, marked = _marked(stage.question_set, question, response)
    question_set = stage.question_set
    assert question_set is not None
    progress = locked_progress(enrolment, activity, at)
    version = H5PVersion.objects.get(pk=play.version_id)
    if version.content_id != activity.h5p_id:
        raise Conflict(_("This page plays another content now. Load the page again."))
    result = _locked_result(enrolment, activity, version, at)
    statement_id = statement_id or uuid4()
    known = H5PStatement.objects.filter(enrolment=enrolment, statement_id=statement_id).first()
    if known is not None and not _is_mark_of(known, activity, version, question):
        # Marked but not kept, an answer would be a way to ask for the key.
        raise Conflict(_("Another statement with this id is here."), id=str(statement_id))
    stored = standing_marks(result.answered, version.pk).get(question)
    first = known.response if known else None
    if first is None and stored is not None and not question_set.behaviour.retry:
        first = stored["response"]
    if first is not None:
        again = read_xapi_response(leaf, first)
        marked, _problems = mark_question(question, leaf, again)
    else:
        said = xapi_response(leaf, marked.response)
        row = H5PStatement.objects.create(
            statement_id=statement_id,
            enrolment=enrolment,
            activity=activity,
            version=version,
            registration=play.registration,
            is_marked_here=True,
            received_at=at,
            **_as_statement(activity, question, marked, said),
        )
        project_mark(result, question_set, marked, said, version.pk, at)
        _keep(result, version, at)
        _begin(progress)
        _forward([row])
        _finish_by_rule(enrolment, activity, progress, by, at)
    return shown_to_player(question_set, leaf, marked), _standing(enrolment, activity, ())


def try_answer(*, play: Play, question: str, response: Any) -> dict[str, Any]:
    """What `mark_answer` says, for somebody of whom nothing is recorded (staff)."""
    stage = stage_of(play.version_id)
    leaf, marked = _marked(stage.question_set, question, response)
    assert stage.question_set is not None
    return shown_to_player(stage.question_set, leaf, marked)


@transaction.atomic
def save_state(
    *,
    enrolment: Enrolment,
    activity: ActivityPage,
    play: Play,
    data: Mapping[str, Mapping[str, str | None]],
    by: User,
    at: datetime,
) -> H5PState:
    """Lay the parts over what is stored: part of the activity → kind of data → text, or
    None to forget it. Another device may have stored other parts."""
    require_own_open(enrolment, activity, by)
    _require_played_here(play, activity)
    row, _is_new = H5PState.objects.get_or_create(
        enrolment=enrolment,
        activity=activity,
        version_id=play.version_id,
        defaults={"data": "{}", "saved_at": at},
    )
    row = H5PState.objects.select_for_update().get(pk=row.pk)
    stored: dict[str, dict[str, str]] = {
        part: dict(kinds) for part, kinds in state_in(row.data).items()
    }
    for part, kinds in data.items():
        for kind, text in kinds.items():
            _require_names(part, kind)
            if text is None:
                stored.get(part, {}).pop(kind, None)
            else:
                cleaned = clean_text(text, field="data", max_bytes=_LONGEST_STATE)
                stored.setdefault(part, {})[kind] = cleaned
    row.data = json.dumps({part: kinds for part, kinds in stored.items() if kinds})
    if len(row.data) > 2 * _LONGEST_STATE:
        raise TooLarge(_("The player wants to keep more than is allowed."), field="data")
    row.saved_at = at
    row.save(update_fields=["data", "saved_at"])
    return row


def _require_names(part: str, kind: str) -> None:
    for name in (part, kind):
        clean_text(name, field="data")
        if not 0 < len(name) <= _LONGEST_NAME:
            raise InvalidInput(errors={"data": [_("A name here is empty or too long.")]})


def _require_played_here(play: Play, activity: ActivityPage) -> None:
    if play.activity_id != activity.pk:
        raise Conflict(_("This was played on another page. Load the page again."))


def _rows_of(
    enrolment: Enrolment,
    activity: ActivityPage,
    play: Play,
    statements: Sequence[Statement],
    at: datetime,
) -> tuple[list[H5PStatement], list[tuple[H5PStatement, Statement]]]:
    """All as rows, and those of them that are new with what they say."""
    ids = [said.id for said in statements if said.id]
    mine = H5PStatement.objects.filter(enrolment=enrolment, statement_id__in=ids)
    known = {row.statement_id: row for row in mine}
    rows, new = [], []
    for said in statements:
        before = known.get(said.id) if said.id else None
        if before is not None:
            if before.statement != said.body:
                raise Conflict(_("Another statement with this id is here."), id=str(said.id))
            rows.append(before)
            continue
        row = H5PStatement(
            statement_id=said.id or uuid4(),
            enrolment=enrolment,
            activity=activity,
            version_id=play.version_id,
            registration=play.registration,
            verb=said.verb,
            object_id=said.object_id,
            sub_content_id=said.sub_content_id,
            raw=said.raw,
            max=said.max,
            scaled=said.scaled,
            is_success=said.success,
            is_completion=said.completion,
            duration=said.duration,
            response=said.response,
            statement=said.body,
            received_at=at,
        )
        known[row.statement_id] = row
        rows.append(row)
        new.append((row, said))
    return rows, new


def _locked_result(
    enrolment: Enrolment, activity: ActivityPage, version: H5PVersion, at: datetime
) -> H5PResult:
    H5PResult.objects.get_or_create(
        enrolment=enrolment,
        activity=activity,
        defaults={"version": version, "changed_at": at},
    )
    locked: H5PResult = H5PResult.objects.select_for_update().get(
        enrolment=enrolment, activity=activity
    )
    return locked


def _keep(result: H5PResult, version: H5PVersion, at: datetime) -> None:
    result.version, result.changed_at = version, at
    result.save()


def _count_attempts(enrolment: Enrolment, activity: ActivityPage) -> int:
    """How often it was played to its end. Some players say “completed”, some that the one
    question was answered, some both."""
    whole = {"sub_content_id": "", "object_id": activity_iri(activity.pk)}
    rows = H5PStatement.objects.filter(enrolment=enrolment, activity=activity, **whole)
    return max(rows.filter(verb=verb).count() for verb in _WHOLE)


def _begin(progress: ActivityProgress) -> None:
    if progress.status == ActivityStatus.OPEN:
        begin(progress)
        progress.save(update_fields=["status"])


def _is_mark_of(
    row: H5PStatement, activity: ActivityPage, version: H5PVersion, question: str
) -> bool:
    """Whether the server made this statement of an answer to the question."""
    place = (row.activity_id, row.version_id, row.sub_content_id)
    return row.is_marked_here and place == (activity.pk, version.pk, question)


def _finish_by_rule(
    enrolment: Enrolment,
    activity: ActivityPage,
    progress: ActivityProgress,
    by: User,
    at: datetime,
) -> None:
    """Nobody needs to press a button for what the server sees by itself."""
    decides = activity.rule in {CompletionRule.ANSWERED, CompletionRule.SCORE}
    if not decides or progress.status == ActivityStatus.DONE:
        return
    requirement = activity.requirement
    played = played_by(enrolment.pk, activity.pk)
    if requirement.plays and not requirement.missing(progress.answers, progress.text, played):
        complete_activity(enrolment=enrolment, activity=activity, by=by, at=at)


def _standing(enrolment: Enrolment, activity: ActivityPage, ids: tuple[UUID, ...]) -> Standing:
    progress = ActivityProgress.objects.filter(enrolment=enrolment, activity=activity)
    status = progress.values_list("status", flat=True).first() or ActivityStatus.OPEN
    return Standing(ids, played_by(enrolment.pk, activity.pk), status)


def _forward(rows: Sequence[H5PStatement]) -> None:
    if settings.H5P_LRS_URL and rows:
        ids = [row.pk for row in rows]
        outbox.enqueue(tasks.forward_h5p_statements, statement_ids=ids)


def _marked(
    question_set: QuestionSet | None, question: str, response: Any
) -> tuple[Leaf, QuestionMark]:
    if question_set is None:
        raise Conflict(_("This content is marked by its player."))
    leaf = dict(question_set.leaves()).get(question)
    if leaf is None:
        raise InvalidInput(errors={"question": [_("There is no such question.")]})
    marked, problems = mark_question(question, leaf, response)
    if problems:
        raise InvalidInput(errors={"response": [problem.message for problem in problems]})
    if not marked.answered:
        raise InvalidInput(errors={"response": [_("Give an answer first, then check it.")]})
    return leaf, marked


def shown_to_player(question_set: QuestionSet, leaf: Leaf, marked: QuestionMark) -> dict[str, Any]:
    """What is right shows when it was found, or when there is no second try."""
    behaviour = question_set.behaviour
    reveal = behaviour.solutions and (marked.correct or not behaviour.retry)
    return result_for_player(leaf, marked, reveal=reveal)


def _as_statement(
    activity: ActivityPage, question: str, marked: QuestionMark, said: str
) -> dict[str, Any]:
    """The fields of a statement of our own."""
    object_id = f"{activity_iri(activity.pk)}?subContentId={question}"
    scaled = round(marked.score / marked.maximum, 6)
    return {
        "verb": "answered",
        "object_id": object_id,
        "sub_content_id": question,
        "raw": marked.score,
        "max": marked.maximum,
        "scaled": scaled,
        "is_success": marked.correct,
        "is_completion": True,
        "response": said,
        "statement": {
            "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
            "object": {"objectType": "Activity", "id": object_id},
            "result": {
                "score": {
                    "raw": float(marked.score),
                    "min": 0,
                    "max": float(marked.maximum),
                    "scaled": float(scaled),
                },
                "success": marked.correct,
                "completion": True,
                "response": said,
            },
        },
    }
