from typing import Any

from celery import Task

from assessments.models import Submission
from lms.accounts.models import User
from lms.core import outbox


def tell_team(
    task: Task, submission: Submission, *, but: User | None = None, **kwargs: Any
) -> None:
    """Promise `task` once for each member: what fails for one is not sent twice to the others."""
    people = submission.members.writing().order_by("joined_at", "pk")
    for user_id in people.values_list("enrolment__user_id", flat=True):
        if but is None or user_id != but.pk:
            outbox.enqueue(task, user_id=user_id, **kwargs)
