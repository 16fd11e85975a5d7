"""Giving an edition its final project."""

from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.deadlines import require_deadline
from assessments.actions.guidelines import publish_guidelines
from assessments.models import GuidelinesPage, Project, Rubric
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_perm
from lms.programme.models import Edition


@transaction.atomic
def make_project(
    *,
    edition: Edition,
    guidelines_page: GuidelinesPage,
    rubric: Rubric,
    wall: datetime,
    zone: str,
    grace_minutes: int,
    accepts_late: bool,
    by: User,
    at: datetime,
    upload_window_minutes: int = 30,
) -> Project:
    """Give an edition its final project. What stands on the published page becomes
    version 1 of the guidelines; `wall` is the time on the clock (naive) in `zone`.

    Raises PermissionDenied, Conflict where there is a project, InvalidInput.
    """
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    require_perm(by, "assessments.make_project", edition)
    if Project.objects.filter(edition=edition).exists():
        raise Conflict(_("This edition has a project. Change its deadline or its rubric."))
    require_deadline(wall, zone, grace_minutes, upload_window_minutes)
    rubric.refresh_from_db()
    errors = {}
    course = getattr(edition, "course", None)
    page = GuidelinesPage.objects.select_for_update(of=("self",)).get(pk=guidelines_page.pk)
    if course is None or not page.is_child_of(course.page) or hasattr(page, "project"):
        errors["guidelines_page"] = [_("Choose a guidelines page of this edition’s course.")]
    elif not page.live:
        errors["guidelines_page"] = [_("Publish the guidelines page first.")]
    if rubric.edition_id != edition.pk or rubric.deleted_at or not rubric.versions.exists():
        errors["rubric"] = [_("Choose a published rubric of this edition.")]
    if errors:
        raise InvalidInput(errors=errors)
    project = Project.objects.create(
        edition=edition,
        rubric=rubric,
        guidelines_page=page,
        deadline_wall=wall.replace(tzinfo=UTC),
        deadline_zone=zone,
        grace_minutes=grace_minutes,
        accepts_late=accepts_late,
        upload_window_minutes=upload_window_minutes,
    )
    audit.record(
        by=by, verb="project.made", target=project, at=at, rubric=rubric.pk, page=page.pk,
        deadline_at=project.deadline_at.isoformat(), grace=grace_minutes,
        accepts_late=accepts_late, upload_window=upload_window_minutes,
    )  # fmt: skip
    # An editor has published the page; this freezes it as it is, whoever makes the project.
    publish_guidelines(page=page, by=None, at=at, page_revision_id=page.live_revision_id)
    return project
