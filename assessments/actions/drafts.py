"""Writing the final project: beginning it, saving it, moving it to newer guidelines."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from assessments.actions.keeping import begins_sitting, keep_version
from assessments.actions.locking import lock_submission
from assessments.actions.teams import lock_place, lock_projects, take_up
from assessments.enums import (
    DeadlineSubmissionStatus,
    DraftVersionKind,
    SubmissionStatus,
)
from assessments.models import Project, Submission, TeamMember
from assessments.selectors.deadlines import effective_deadline_of
from assessments.selectors.sections import answers_to_insert, former_sections, stored_in
from assessments.selectors.team import drafts_set_aside, member_in_hand, own_enrolment
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.permissions import require_in_person
from lms.core.rich_fields import TextFormat
from lms.core.rich_text import clean_html, html_from_text, html_keeping_format, is_blank
from lms.core.text import clean_text
from lms.programme.models import Enrolment

MAX_SECTION_BYTES = 200_000
MAX_SECTION_HTML_BYTES = 400_000
NOT_OPEN = {
    SubmissionStatus.SUBMITTED: lazy("Your project is submitted. Withdraw it to change it."),
    SubmissionStatus.WITHDRAWN: lazy("Your project is withdrawn. Open it again to change it."),
    SubmissionStatus.LOCKED_FOR_MARKING: lazy(
        "Your project is being marked and cannot be changed."
    ),
    SubmissionStatus.RETURNED_FOR_REVISION: lazy(
        "Your project was returned to you. Open it again to change it."
    ),
    SubmissionStatus.FINALISED: lazy("Your project is finished and cannot be changed."),
}


class NotADraft(Conflict):
    """The project is submitted, being marked or withdrawn: its text rests."""

    code = "not_a_draft"


class NoGuidelines(Conflict):
    """Writing begins when the guidelines are published."""

    code = "no_guidelines"


@transaction.atomic
def start_project(*, project: Project, enrolment: Enrolment, by: User, at: datetime) -> Submission:
    """Open the participant's draft on the newest guidelines; once, however often asked.
    Whoever set a draft aside for a team they have left goes on with it."""
    # The enrolment row orders two requests of the same person.
    enrolment = lock_place(enrolment)
    require_in_person(by, "assessments.start_project", project)
    if enrolment.user_id != by.pk or enrolment.edition_id != project.edition_id:
        raise InvalidInput(errors={"enrolment": [_("This is not your place in this edition.")]})
    return open_draft(project, enrolment, by=by, at=at)


def open_draft(project: Project, enrolment: Enrolment, *, by: User, at: datetime) -> Submission:
    """The same, where the place is locked already, and for whoever else begins it."""
    begun = member_in_hand(enrolment)
    if begun is not None:
        return begun.submission
    for set_aside in drafts_set_aside(enrolment):
        return take_up(
            lock_projects(set_aside.pk)[set_aside.pk], enrolment, by=by, at=at
        )  # fmt: skip
    newest = project.guidelines.first()
    if newest is None:
        raise NoGuidelines(_("The guidelines of the project are not published yet."))

    submission = Submission.objects.create(
        edition_id=project.edition_id,
        project=project,
        owner=enrolment,
        guidelines=newest,
        created_at=at,
        saved_at=at,
    )
    TeamMember.objects.create(
        project=project, submission=submission, enrolment=enrolment, joined_at=at
    )
    audit.record(by=by, verb="project.started", target=submission, at=at, guidelines=newest.number)
    return submission


@transaction.atomic
def save_draft(
    *,
    submission: Submission,
    values: Mapping[str, str],
    base_version: int,
    by: User,
    at: datetime,
    text_format: str = TextFormat.TEXT,
    set_aside: Mapping[str, str] | None = None,
    keeps_before: bool = False,
) -> Submission:
    """Store the sections in `values` (section key → text); others keep their text.

    Plain text never is read as HTML: in `text_format` "text" a paragraph that reads as
    before keeps its form, the others become plain ones. `set_aside`: texts of sections
    that the writer decided against when two of them met; they go to the history, as does
    what is replaced with `keeps_before` or when another sitting begins. What a page from
    before still writes in a section that newer guidelines have taken away stays with the
    draft, outside the next attempt, as `adopt_guidelines` leaves it.

    An event is recorded for each sitting of a writer, not for each pause of theirs: who
    wrote what until when is in the history. Raises StaleVersion with all stored texts,
    NotADraft, TooLarge, or InvalidInput for a section the guidelines never had.
    """
    submission = draft_for_change(submission, by=by)
    cleaned = _cleaned(submission, values, text_format)
    decided_against = _cleaned(submission, set_aside or {}, text_format)
    require_version(submission, base_version, text_format, also=cleaned)
    if decided_against:
        keep_version(
            submission, kind=DraftVersionKind.CONFLICT, by=by, at=at, instead=decided_against
        )
    change_draft(submission, cleaned, by=by, at=at, keeps_before=keeps_before)
    return submission


def change_draft(
    submission: Submission,
    texts: Mapping[str, str],
    *,
    by: User,
    at: datetime,
    keeps_before: bool = False,
) -> list[str]:
    """Put canonical HTML into sections of a locked draft; the keys of those that changed."""
    changed = [key for key, html in texts.items() if submission.sections.get(key, "") != html]
    if not changed:
        return []
    begins = begins_sitting(submission, by=by, at=at)
    # What was complete and no longer is may be wanted at the deadline.
    empties = any(submission.sections.get(key) and is_blank(texts[key]) for key in changed)
    if submission.version and (
        begins or keeps_before or empties or _crosses_deadline(submission, at)
    ):
        keep_version(
            submission,
            kind=DraftVersionKind.WRITING,
            by=submission.writer_id or by,
            at=submission.saved_at,
        )
    if begins:
        submission.history_at = at
    submission.sections = {**submission.sections, **{key: texts[key] for key in changed}}
    submission.writer = by
    _store(submission, at, "sections", "writer", "history_at")
    if begins:
        audit.record(
            by=by, verb="project.saved", target=submission, at=at, version=submission.version,
            sections=sorted(changed),
        )  # fmt: skip
    return changed


def _crosses_deadline(submission: Submission, at: datetime) -> bool:
    """Whether what is replaced at `at` is the draft as it stood at the deadline: that of
    everybody, or a later one of a project that hands itself in then."""
    official = submission.project.effective_deadline_at
    if at <= official:
        return False
    if submission.saved_at <= official:
        return True
    waiting = submission.deadline_submissions.filter(status=DeadlineSubmissionStatus.WAITING)
    if not waiting.exists():
        return False
    deadline = effective_deadline_of(submission.project, submission)
    return submission.saved_at <= deadline.at < at


@transaction.atomic
def insert_answer(
    *,
    submission: Submission,
    section: str,
    base_version: int,
    by: User,
    at: datetime,
    activity_id: int | None = None,
) -> Submission:
    """Put the writer's own answer from the lessons under a section's stored text (D5):
    that of one activity, or of all that feed the section. What was there is kept in the
    history. Raises StaleVersion, Conflict where there is nothing to insert.
    """
    submission = draft_for_change(submission, by=by)
    require_version(submission, base_version)
    if section not in submission.guidelines.section_keys:
        raise InvalidInput(errors={"section": [_("The guidelines have no such section.")]})
    html = submission.sections.get(section, "")
    answers = answers_to_insert(own_enrolment(by, submission), section, html, activity_id)
    if not answers:
        raise Conflict(_("The lessons hold no answer for this section that it does not have."))
    html += "".join(html_from_text(answer.text) for answer in answers)
    change_draft(submission, {section: html}, by=by, at=at, keeps_before=True)
    return submission


@transaction.atomic
def adopt_guidelines(
    *, submission: Submission, base_version: int, by: User, at: datetime
) -> Submission:
    """Pin a draft to the newest guidelines. Text of sections that these no longer
    have stays with the draft, outside the next attempt."""
    submission = draft_for_change(submission, by=by)
    newest = submission.project.guidelines.first()
    if newest is None or newest.pk == submission.guidelines_id:
        return submission
    require_version(submission, base_version)

    before = submission.guidelines.number
    submission.guidelines = newest
    _store(submission, at, "guidelines")
    audit.record(
        by=by, verb="project.guidelines_adopted", target=submission, at=at, before=before,
        after=newest.number,
    )  # fmt: skip
    return submission


def draft_for_change(submission: Submission, *, by: User | None) -> Submission:
    """The locked row, when `by` may write it and it is a draft. Everything that
    changes a project competes for this row. `by` None: the system ends what a writer began."""
    locked = lock_submission(submission.pk, "owner", "guidelines", "project")
    if by is not None:
        require_in_person(by, "assessments.write_submission", locked)
    require_draft(locked)
    return locked


def require_draft(submission: Submission) -> None:
    if submission.status != SubmissionStatus.DRAFT:
        raise NotADraft(NOT_OPEN[SubmissionStatus(submission.status)], state=submission.status)


def require_version(
    submission: Submission,
    base_version: int,
    text_format: str = TextFormat.TEXT,
    also: Collection[str] = (),
) -> None:
    """Raise StaleVersion, with what is stored, unless nothing was saved since
    `base_version` (invariant 3). All sections are handed back, so that a page left
    open elsewhere can take over those it has not touched."""
    if submission.version != base_version:
        stored = stored_in(submission, text_format, also)
        raise StaleVersion(version=submission.version, stored=stored)


def _cleaned(submission: Submission, values: Mapping[str, str], text_format: str) -> dict[str, str]:
    known = submission.guidelines.section_keys
    former = former_sections(submission, values.keys())
    unknown = {
        key: [_("The guidelines have no such section.")]
        for key in values
        if key not in known and key not in former
    }
    if unknown:
        raise InvalidInput(errors=unknown)
    is_html = text_format == TextFormat.HTML
    limit = MAX_SECTION_HTML_BYTES if is_html else MAX_SECTION_BYTES
    cleaned = {}
    for key, value in values.items():
        text = clean_text(value, field=key, max_bytes=limit)
        if is_html:
            # What the editor was given and gives back is canonical already.
            stored = submission.sections.get(key, "")
            cleaned[key] = clean_html(text, known=stored, field=key)
        else:
            cleaned[key] = html_keeping_format(submission.sections.get(key, ""), text)
    return cleaned


def _store(submission: Submission, at: datetime, *fields: str) -> None:
    submission.version += 1
    submission.saved_at = at
    submission.save(update_fields=[*fields, "version", "saved_at"])
