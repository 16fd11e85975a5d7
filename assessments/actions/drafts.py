"""Writing the final project: beginning it, saving it, moving it to newer guidelines."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from assessments.enums import SubmissionStatus
from assessments.models import Project, Submission
from assessments.selectors.project import with_answer
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.permissions import require_in_person
from lms.core.text import clean_text
from lms.programme.models import Enrolment

MAX_SECTION_BYTES = 200_000
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
    """Open the participant's draft on the newest guidelines; once, however often asked."""
    # The enrolment row orders two requests of the same person.
    enrolment = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    require_in_person(by, "assessments.start_project", project)
    if enrolment.user_id != by.pk or enrolment.edition_id != project.edition_id:
        raise InvalidInput(errors={"enrolment": [_("This is not your place in this edition.")]})
    begun = Submission.objects.filter(project=project, owner=enrolment).first()
    if begun is not None:
        return begun
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
) -> Submission:
    """Store the sections in `values` (section key → text); others keep their text.

    Raises StaleVersion with all stored texts, NotADraft, TooLarge, or
    InvalidInput for a section the guidelines do not have.
    """
    submission = draft_for_change(submission, by=by)
    cleaned = _cleaned(submission, values)
    require_version(submission, base_version)
    if all(submission.sections.get(key, "") == text for key, text in cleaned.items()):
        return submission

    submission.sections = {**submission.sections, **cleaned}
    _store(submission, at, "sections")
    audit.record(
        by=by, verb="project.saved", target=submission, at=at, version=submission.version,
        sections=sorted(cleaned),
    )  # fmt: skip
    return submission


@transaction.atomic
def insert_answer(
    *, submission: Submission, section: str, base_version: int, by: User, at: datetime
) -> Submission:
    """Put the participant's answer from the lesson under a section's stored text (D5).

    Raises StaleVersion, Conflict where there is nothing to insert.
    """
    submission = draft_for_change(submission, by=by)
    require_version(submission, base_version)
    if section not in submission.guidelines.section_keys:
        raise InvalidInput(errors={"section": [_("The guidelines have no such section.")]})
    text = with_answer(submission, section, submission.sections.get(section, ""))
    if text is None:
        raise Conflict(_("The lessons hold no answer for this section that it does not have."))
    return save_draft(
        submission=submission, values={section: text}, base_version=base_version, by=by, at=at
    )


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


def draft_for_change(submission: Submission, *, by: User) -> Submission:
    """The locked row, when `by` may write it and it is a draft. Everything that
    changes a project competes for this row."""
    locked = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("owner", "guidelines", "project")
        .get(pk=submission.pk)
    )
    require_in_person(by, "assessments.write_submission", locked)
    require_draft(locked)
    return locked


def require_draft(submission: Submission) -> None:
    if submission.status != SubmissionStatus.DRAFT:
        raise NotADraft(NOT_OPEN[SubmissionStatus(submission.status)], state=submission.status)


def require_version(submission: Submission, base_version: int) -> None:
    """Raise StaleVersion, with what is stored, unless nothing was saved since
    `base_version` (invariant 3). All sections are handed back, so that a page left
    open elsewhere can take over those it has not touched."""
    if submission.version != base_version:
        raise StaleVersion(
            version=submission.version,
            stored={
                key: submission.sections.get(key, "") for key in submission.guidelines.section_keys
            },
        )


def _cleaned(submission: Submission, values: Mapping[str, str]) -> dict[str, str]:
    known = submission.guidelines.section_keys
    unknown = {
        key: [_("The guidelines have no such section.")] for key in values if key not in known
    }
    if unknown:
        raise InvalidInput(errors=unknown)
    return {
        key: clean_text(text, field=key, max_bytes=MAX_SECTION_BYTES)
        for key, text in values.items()
    }


def _store(submission: Submission, at: datetime, *fields: str) -> None:
    submission.version += 1
    submission.saved_at = at
    submission.save(update_fields=[*fields, "version", "saved_at"])
