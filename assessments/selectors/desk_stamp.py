"""Whether a desk that was fetched ahead is still as it was."""

from django.db.models import Max

from assessments.models import Annotation, Assessment, Grade, Submission
from assessments.selectors.marking import attempt_in_hand
from lms.accounts.models import User
from lms.core.canonical import hash_of


def stamp_of(submission: Submission, user: User) -> str:
    """Changes with all that a desk shows and that changes: the attempt in hand, who marks
    it, the marks, the comments beside it, the grade. Four queries."""
    attempt = attempt_in_hand(submission)
    held = Assessment.objects.filter(submission=submission).order_by("pk")
    written = Annotation.objects.filter(assessment__submission=submission)
    grade = Grade.objects.filter(submission=submission).values_list("version", "status").first()
    parts = [
        user.pk,
        submission.status,
        attempt.receipt if attempt else "",
        [list(row) for row in held.values_list("pk", "status", "version", "marker")],
        str(written.aggregate(last=Max("changed_at"))["last"] or ""),
        list(grade or ()),
    ]
    return hash_of(parts)[:24]
