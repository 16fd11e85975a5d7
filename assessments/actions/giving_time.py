"""More time for somebody who has not begun their project yet."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.drafts import open_draft
from assessments.actions.extensions import give_extension
from assessments.actions.teams import lock_place
from assessments.models import Extension, Project
from lms.accounts.models import User
from lms.core.errors import InvalidInput
from lms.core.permissions import require_perm
from lms.programme.enums import TAKING_PART
from lms.programme.models import Enrolment


@transaction.atomic
def give_time_to(
    *,
    enrolment: Enrolment,
    project: Project,
    until_at: datetime,
    until_zone: str,
    reason: str,
    by: User,
    at: datetime,
) -> Extension:
    """Time belongs to a project: an empty draft is begun for them, as their own button
    would. Whoever has begun meanwhile is given it for what they have begun.

    Raises what `give_extension` raises, NoGuidelines, InvalidInput.
    """
    # As for their own button: two who begin it at once begin one.
    enrolment = lock_place(enrolment)
    require_perm(by, "assessments.set_deadline", project)
    if enrolment.edition_id != project.edition_id or enrolment.status not in TAKING_PART:
        raise InvalidInput(errors={"enrolment": [_("This person does not take part here.")]})
    submission = open_draft(project, enrolment, by=by, at=at)
    return give_extension(
        submission=submission, until_at=until_at, until_zone=until_zone, reason=reason,
        by=by, at=at,
    )  # fmt: skip
