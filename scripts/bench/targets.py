"""What is measured. A later feature adds its line to `targets`."""

import json
from dataclasses import dataclass, field

from django.urls import reverse

from assessments.enums import SubmissionStatus
from lms.programme.models import Edition
from modules.h5p_frames import activity_iri, sign_play
from modules.models import ActivityPage
from scripts.bench.population import MANY, PARTICIPANTS, Population


@dataclass
class Request:
    """`version`: of a draft, followed from answer to answer; None where there is none."""

    path: str
    cookie: str
    body: str = ""
    version: int | None = None


@dataclass
class Target:
    name: str
    scale: int  # participants, or submissions in the queue
    requests: list[Request] = field(default_factory=list)
    method: str = "GET"
    expect: int = 200


def targets(people: Population) -> list[Target]:
    slug = people.edition.slug
    untouched, answered = _pages_with_questions(people)[:2]
    read, work = _place(slug, untouched), _place(slug, answered)
    draft = reverse("assessments:draft", kwargs={"edition_slug": slug}) + "?project=%d"
    save = '{"base_version": %%(version)s, "text_format": "html", "values": %s}'

    def of_everybody(path: str) -> list[Request]:
        return [Request(path, cookie) for cookie in people.cookies]

    def queue(edition_slug: str, asked: str = "") -> list[Request]:
        path = reverse("assessments:queue", kwargs={"edition_slug": edition_slug}) + asked
        return [Request(path, cookie) for cookie in people.markers]

    return [
        Target("floor", PARTICIPANTS, of_everybody("/bench/floor/")),
        Target("lesson page", PARTICIPANTS, of_everybody(reverse("modules:activity", kwargs=read))),
        # After the first round everybody has answered here ("progress POST").
        Target(
            "lesson page with own answers",
            PARTICIPANTS,
            of_everybody(reverse("modules:activity", kwargs=work)),
        ),
        Target("dashboard", PARTICIPANTS, of_everybody(reverse("dashboard:home"))),
        Target("marking queue, 200", PARTICIPANTS, queue(people.few.slug)),
        Target("marking queue, 10,000", MANY, queue(people.many.slug)),
        Target("queue by city, 200", PARTICIPANTS, queue(people.few.slug, "?show=free&order=city")),
        Target("queue by city, 10,000", MANY, queue(people.many.slug, "?show=free&order=city")),
        Target("desk, 200", PARTICIPANTS, _desks(people, people.few)),
        Target("desk, 10,000", MANY, _desks(people, people.many)),
        # What a write costs at least: know who asks, read the body, INSERT one row.
        Target(
            "floor of a write",
            PARTICIPANTS,
            [
                Request("/bench/insert/", cookie, save % _a_section(written.sections), 0)
                for cookie, written in zip(people.cookies, people.drafts, strict=True)
            ],
            method="PUT",
        ),
        Target(
            "draft save",
            PARTICIPANTS,
            [
                Request(
                    draft % written.pk, cookie, save % _a_section(written.sections), written.version
                )
                for cookie, written in zip(people.cookies, people.drafts, strict=True)
            ],
            method="PUT",
        ),
        Target("mark save", PARTICIPANTS, _mark_saves(people), method="PUT"),
        Target(
            "progress POST",
            PARTICIPANTS,
            [
                Request(reverse("modules:answer", kwargs=work), cookie, _an_answer(answered))
                for cookie in people.cookies
            ],
            method="POST",
            expect=302,
        ),
        *_statements(people),
    ]


def _desks(people: Population, edition: Edition) -> list[Request]:
    """Projects that nobody has begun, each opened by every marker."""
    waiting = edition.submissions.filter(status=SubmissionStatus.SUBMITTED).order_by("-pk")
    return [
        Request(reverse("assessments:desk", args=[edition.slug, pk]), cookie)
        for pk in waiting.values_list("pk", flat=True)[:20]
        for cookie in people.markers
    ]


def _mark_saves(people: Population) -> list[Request]:
    """A comment on one criterion as it is typed: other words each time."""
    requests = []
    for cookie, assessment in people.marked:
        criterion = assessment.attempt.rubric.criteria.first()
        assert criterion is not None
        args = [people.few.slug, assessment.submission_id]
        path = reverse("assessments:marks", args=args)
        values = {f"comment-{criterion.key}": "A figure would help here. " * 8 + "%(version)s"}
        body = '{"base_version": %(version)s, "values": ' + json.dumps(values) + "}"
        meant = f"?attempt={assessment.attempt.receipt}&assessment={assessment.pk}"
        requests.append(Request(path + meant, cookie, body, 0))
    return requests


def _statements(people: Population) -> list[Target]:
    """A statement of a player about one part, new every time: the server gives its id."""
    played = ActivityPage.objects.live().descendant_of(people.edition.course.page)
    page = played.filter(h5p__current__isnull=False).select_related("h5p").order_by("path").first()
    if page is None:
        return []
    statement = {
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
        "object": {"id": f"{activity_iri(page.pk)}?subContentId=bench"},
        "result": {"response": "a", "score": {"raw": 1, "max": 2}},
    }
    path = reverse("api:v1:activity-statements", kwargs={"pk": page.pk})
    body = json.dumps(statement)
    plays = [
        sign_play(written.owner.user, page.h5p.current_id, page.pk, "http://127.0.0.1")
        for written in people.drafts
    ]
    requests = [
        Request(f"{path}?play={play}", cookie, body)
        for play, cookie in zip(plays, people.cookies, strict=True)
    ]
    return [Target("H5P statement POST", PARTICIPANTS, requests, method="POST")]


def _pages_with_questions(people: Population) -> list[ActivityPage]:
    pages = ActivityPage.objects.live().descendant_of(people.edition.course.page)
    return [page for page in pages.order_by("path") if page.requirement.questions]


def _place(edition_slug: str, page: ActivityPage) -> dict[str, str]:
    return {
        "edition_slug": edition_slug,
        "lesson_slug": page.get_parent().slug,
        "activity_slug": page.slug,
    }


def _an_answer(lesson: ActivityPage) -> str:
    question = lesson.requirement.questions[0]
    return f"answer-{question.key}={question.options[0].key}"


def _a_section(sections: dict[str, str]) -> str:
    """A text that differs with every save: an equal one is not written."""
    key = next(iter(sections))
    return json.dumps({key: sections[key]})[:-2] + '<p>(%(version)s)</p>"}'
