"""Whose project a page is about. What the reader may not see is not found."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from assessments.models import Project, Submission
from assessments.selectors.project import project_of, projects_in_full, submission_of
from lms.accounts.models import User
from lms.core.errors import Conflict
from lms.core.numbers import whole_number
from lms.programme.models import Edition, Enrolment
from lms.programme.selectors import standing_of


@dataclass(frozen=True)
class Place:
    """A participant's own corner of an edition."""

    edition: Edition
    enrolment: Enrolment
    project: Project | None
    submission: Submission | None


def edition_of(user: User, slug: str) -> Edition:
    return get_object_or_404(Edition.objects.visible_to(user), slug=slug)


def marked_edition(user: User, slug: str) -> Edition:
    """An edition whose marking the reader follows; 404 for everybody else."""
    edition = edition_of(user, slug)
    if not user.has_perm("assessments.view_marking", edition):
        raise Http404
    return edition


def place_of(user: User, slug: str) -> Place:
    """Where the reader writes; 404 for everybody who is not a participant there."""
    return place_in(user, edition_of(user, slug))


def place_in(user: User, edition: Edition) -> Place:
    enrolment = standing_of(user).enrolments.get(edition.pk)
    if enrolment is None:
        raise Http404
    submission = submission_of(enrolment)
    project = submission.project if submission else project_of(edition)
    return Place(edition, enrolment, project, submission)


def own_submission(user: User, slug: str) -> Submission:
    """The reader's project, begun; 404 otherwise."""
    submission = place_of(user, slug).submission
    if submission is None:
        raise Http404
    return submission


def draft_to_write(user: User, slug: str) -> Submission:
    """Which project an autosave is for, and where it stands, no more of it: it comes every
    few seconds, and the action reads the row under its lock."""
    own = Submission.objects.filter(
        edition__slug=slug, members__enrolment__user=user, members__left_at=None
    )
    return get_object_or_404(own.only("pk", "version", "status"))


class AnotherProject(Conflict):
    """The page belongs to a project that its reader has set aside or left."""

    code = "another_project"


def require_meant(request: HttpRequest, submission: Submission) -> None:
    """Raise AnotherProject for what was written on a page of another project: whoever joins
    or leaves a team may have one open, whose versions count alike."""
    meant = whole_number(request.POST.get("of-project") or request.GET.get("project"))
    if meant is not None and meant != submission.pk:
        raise AnotherProject(
            _(
                "You write another project now: you have joined or left a team. Your text is "
                "kept on this device. Open your project to go on."
            )
        )


def read_again(submission: Submission) -> Submission:
    """As it is stored now, after a write. Its owner may have become another meanwhile."""
    return projects_in_full().get(pk=submission.pk)
