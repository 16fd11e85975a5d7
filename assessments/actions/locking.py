"""The row of a project that everything competes for: locked, with what it refers to."""

from assessments.models import Submission


def lock_submission(pk: int, *related: str) -> Submission:
    """The row, locked, with `related` beside it. Raises Submission.DoesNotExist.

    Whoever waits for the lock gets the row as it has become, joined by PostgreSQL with
    what the row of before referred to: where the owner or the guidelines were changed
    meanwhile, these do not match, and nothing is found. Then one looks again.
    """
    rows = Submission.objects.select_for_update(of=("self",)).select_related(*related).order_by()
    while True:
        found = next(iter(rows.filter(pk=pk)), None)
        if found is not None:
            return found
        if not Submission.objects.filter(pk=pk).exists():
            raise Submission.DoesNotExist("There is no such project.")
