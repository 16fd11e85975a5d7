"""How a late attempt counts. Its receipt keeps what it said (invariants 1 and 12); what is
decided stands beside it, and the newest word counts."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.locking import lock_submission
from assessments.actions.team_notices import tell_team
from assessments.models import Attempt, LatenessRuling, Submission
from assessments.selectors.lateness import ruling_basis
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_perm
from lms.core.text import clean_reason

MAX_REASON = 2_000


class NotLate(Conflict):
    """The attempt came in time: nobody can make it late."""

    code = "not_late"


@transaction.atomic
def rule_on_lateness(
    *, attempt: Attempt, is_late: bool, reason: str, by: User, at: datetime
) -> LatenessRuling:
    """Say whether a late attempt counts as late, after more time was given to it or the
    deadline was moved. Said twice, it is one ruling. Those who wrote it are told.

    Raises NotLate, and InvalidInput where no time reaches to when it came: then time is
    given first (`give_extension`).
    """
    submission = lock_submission(attempt.submission_id, "owner", "project__edition")
    require_perm(by, "assessments.decide_extension", submission)
    reason = clean_reason(reason, longest=MAX_REASON)
    before = attempt.rulings.order_by("-id").first()
    if before is not None and (before.is_late, before.reason) == (is_late, reason):
        return before
    ruling = record_ruling(submission, attempt, is_late=is_late, reason=reason, by=by, at=at)
    tell_team(tasks.send_lateness_ruled, submission, ruling_id=ruling.pk)
    return ruling


def record_ruling(
    submission: Submission, attempt: Attempt, *, is_late: bool, reason: str, by: User, at: datetime
) -> LatenessRuling:
    """Inside an action that holds the project's lock and has asked who decides."""
    if not attempt.is_late:
        raise NotLate(_("This attempt came in time, and counts as on time."))
    basis = ruling_basis(attempt, submission)
    if not is_late and not basis.reaches:
        raise InvalidInput(
            errors={"counts_as_on_time": [_("The time that was given does not reach that far.")]}
        )
    ruling = LatenessRuling.objects.create(
        attempt=attempt,
        extension=basis.deadline.extension,
        is_late=is_late,
        effective_deadline_at=basis.deadline.at,
        reason=reason,
        ruled_at=at,
        ruled_by=by,
    )
    audit.record(
        by=by, verb="project.lateness_ruled", target=submission, at=at, receipt=attempt.receipt,
        is_late=is_late, effective_deadline_at=basis.deadline.at.isoformat(),
    )  # fmt: skip
    return ruling
