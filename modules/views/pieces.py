"""The reading page in pieces. What a participant sees of it depends on what they have
done; it is rendered once for each state of their work and kept under that state, so
that nothing has to be thrown away when the work goes on.
"""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lms.core.kept import Kept
from lms.core.numbers import whole_number
from modules.enums import ActivityStatus, CompletionRule
from modules.models.content import ActivityContent
from modules.selectors import (
    ActivityOutline,
    ActivityState,
    CourseProgress,
    LessonOutline,
    OwnWork,
    lesson_progress,
    progress_through,
)
from modules.views.frame import CSRF, PLAYER, PLAYER_CODE, PLAYER_LOAD
from modules.views.readers import Reader

ANSWER = "answer-"


@dataclass(frozen=True)
class Pieces:
    """What stands before, in and after the words that everybody reads."""

    before: SafeString
    player: SafeString
    after: SafeString

    def around(self, content: ActivityContent) -> SafeString:
        return content.around(self.before, self.player, self.after)


_pieces: Kept[Pieces] = Kept(2048)


def kept_pieces(
    reader: Reader,
    lesson: LessonOutline,
    place: ActivityOutline,
    content: ActivityContent,
    work: OwnWork | None,
) -> Pieces:
    """The page for this state of somebody's work, with places for their token (CSRF).
    A text of their own is rendered for them alone and not kept."""

    def render() -> Pieces:
        context = context_of(reader, lesson, place, content, work)
        return render_pieces(context | {"csrf_token": CSRF})

    if work and work.text:
        return render()
    zone = str(timezone.get_current_timezone())
    shown = (repr(work), report_url(reader, lesson, place, content))
    return _pieces.get(
        (reader.course.pk, reader.course.version, place.id, shown, zone, get_language()),
        render,
    )


def report_url(
    reader: Reader, lesson: LessonOutline, place: ActivityOutline, content: ActivityContent
) -> str:
    """How participants answered: for those who follow them."""
    edition = reader.course.edition
    if content.interactive is None or reader.enrolment is not None:
        return ""
    if not reader.user.has_perm("modules.follow_progress", edition):
        return ""
    return reverse("modules:interactive_report", args=[edition.slug, lesson.slug, place.slug])


def render_pieces(context: dict[str, Any]) -> Pieces:
    return Pieces(
        before=render_to_string("modules/_before.html", context),
        player=render_to_string("modules/_interactive.html", context),
        after=render_to_string("modules/_after.html", context),
    )


def context_of(
    reader: Reader,
    lesson: LessonOutline,
    place: ActivityOutline,
    content: ActivityContent,
    work: OwnWork | None,
    typed: QueryDict | None = None,
) -> dict[str, Any]:
    """What the templates of the pieces ask for. `typed`: what was sent and not stored."""
    activities = reader.outline.activities
    index = activities.index(place)
    context: dict[str, Any] = {
        "content": content,
        "activity": place,
        "lesson": lesson,
        "previous": activities[index - 1] if index else None,
        "next": activities[index + 1] if index + 1 < len(activities) else None,
        "course": reader.outline,
        "frame_address": PLAYER,
        "frame_name": PLAYER_LOAD,
        "frame_code": PLAYER_CODE,
        "report_url": report_url(reader, lesson, place, content),
    }
    if work is None:
        return context | {"rail": lesson_progress(lesson, {})}
    progress = progress_through(reader.outline, work.states)
    rail = next(own for own in progress.lessons if own.id == lesson.id)
    return context | {
        "takes_part": True,
        "progress": progress,
        "rail": rail,
        "go_on": _go_on(progress, index),
        **_own_part(content, work, typed),
    }


def _go_on(progress: CourseProgress, index: int) -> ActivityState | None:
    """The next activity that is not done: after this one, or else before it."""
    activities = [own for lesson in progress.lessons for own in lesson.activities]
    ahead = activities[index + 1 :] + activities[:index]
    return next((own for own in ahead if not own.is_done), None)


def _own_part(content: ActivityContent, work: OwnWork, typed: QueryDict | None) -> dict[str, Any]:
    """What this participant sees of the questions, the task and the end of the page."""
    unsent = answers_in(typed) if typed else {}
    written = typed if typed and "text" in typed else None
    shown = content.questions if not (work.answers or unsent) else None
    asked = content.requirement
    return {
        "questions": shown,
        "question_states": () if shown is not None else asked.states(work.answers, unsent),
        "marks": asked.mark(work.answers),
        "missing": asked.missing(work.answers, work.text, work.played),
        "played": work.played,
        "writes": asked.rule == CompletionRule.WRITTEN,
        "min_words": asked.min_words,
        "text": written["text"] if written else work.text,
        # What was typed over an older text must not pass for a change of the newer one
        # (invariant 3).
        "version": version_in(written) if written else work.version,
        "saved_at": work.saved_at,
        "is_done": work.states.get(content.id) == ActivityStatus.DONE,
        "done_at": work.done_at,
        "hint": _hint(content),
    }


def _hint(content: ActivityContent) -> str:
    """How the activity is done, in a sentence."""
    asked = content.requirement
    if asked.rule == CompletionRule.SCORE:
        return _("Done with %(threshold)d %% right answers. Try as often as you like.") % {
            "threshold": asked.threshold
        }
    if asked.rule == CompletionRule.ANSWERED:
        return _("Done when every question has an answer, right or wrong.")
    return ""


def answers_in(post: QueryDict) -> dict[str, list[str]]:
    return {
        name.removeprefix(ANSWER): post.getlist(name) for name in post if name.startswith(ANSWER)
    }


def version_in(post: QueryDict) -> int:
    """The version a form was based on; −1, which nothing has, for anything unreadable."""
    version = whole_number(post.get("base_version"))
    return -1 if version is None else version
