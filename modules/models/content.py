"""An activity rendered once for everybody: what the cache holds under a course's version."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from wagtail.rich_text import expand_db_html

from h5p.outside import Outside
from modules.enums import ActivityKind
from modules.models.body_blocks import INTERACTIVE
from modules.models.questions import Requirement


@dataclass(frozen=True)
class InteractivePart:
    """What is played: the version of it that is current. `outside`: what it has on hosts that
    may not be asked."""

    version_id: int
    title: str
    is_marked_here: bool
    outside: tuple[Outside, ...] = ()


@dataclass(frozen=True)
class ActivityContent:
    """`body` stands before the place of the interactive content and `rest` after it; the player
    between them is the reader's own. `requirement` holds the right answers: templates get
    `requirement.states(…)` and `questions`, the rendered form of somebody who has answered
    nothing."""

    id: int
    revision_id: int | None
    title: str
    kind: str
    kind_label: str
    minutes: int
    summary: str
    body: SafeString
    rest: SafeString
    prompt: SafeString
    feeds: str
    requirement: Requirement
    questions: SafeString
    interactive: InteractivePart | None = None

    @property
    def has_questions(self) -> bool:
        return bool(self.requirement.questions)

    def around(self, before: SafeString, player: SafeString, after: SafeString) -> SafeString:
        """The whole page: what a reader gets of it stands around what all of them read."""
        return before + self.body + player + self.rest + after


def content_of(page: Any) -> ActivityContent:
    """Render what the page holds now, published or not."""
    requirement = page.requirement
    body, rest = _body_of(page)
    return ActivityContent(
        id=page.pk or 0,
        revision_id=page.live_revision_id,
        title=page.title,
        kind=page.kind,
        kind_label=str(ActivityKind(page.kind).label) if page.kind else "",
        minutes=page.minutes or 0,
        summary=page.summary,
        body=body,
        rest=rest,
        prompt=SafeString(expand_db_html(page.prompt)),
        feeds=page.feeds,
        requirement=requirement,
        questions=render_to_string(
            "modules/_questions.html", {"questions": requirement.states({})}
        ),
        interactive=_interactive_part(page),
    )


def _body_of(page: Any) -> tuple[SafeString, SafeString]:
    blocks = list(page.body)
    ends = [at for at, block in enumerate(blocks) if block.block_type == INTERACTIVE]
    end = ends[0] if ends else len(blocks)
    parts = ({"blocks": blocks[:end]}, {"blocks": blocks[end + 1 :], "sources": page.sources})
    body, rest = (render_to_string("modules/_body.html", part) for part in parts)
    return body, rest


def _interactive_part(page: Any) -> InteractivePart | None:
    version = page.h5p.current if page.h5p_id else None
    if version is None:
        return None
    outside = version.allowed_outside.refused
    return InteractivePart(version.pk, page.h5p.title, version.is_marked_here, outside)
