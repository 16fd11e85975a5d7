"""The bank of comments of somebody who marks."""

from typing import Any

from django.db.models import QuerySet

from assessments.models import Criterion, Snippet
from lms.accounts.models import User
from lms.programme.models import Edition


def bank_of(edition: Edition, user: User) -> QuerySet[Snippet]:
    """One's own and those shared, the most used first."""
    return (
        Snippet.objects.visible_to(user)
        .present()
        .filter(edition=edition)
        .select_related("owner")
        .order_by("-uses", "-id")
    )


def deleted_of(edition: Edition, user: User) -> QuerySet[Snippet]:
    """One's own that can be put back, the last deleted first."""
    return Snippet.objects.filter(edition=edition, owner=user, deleted_at__isnull=False).order_by(
        "-deleted_at"
    )


def criteria_choices(edition: Edition) -> list[tuple[str, str]]:
    """(key, title) of the criteria of the edition's rubrics, as their newest versions call
    them."""
    rows = (
        Criterion.objects.filter(version__rubric__edition=edition)
        .order_by("version__number", "order")
        .values_list("key", "title")
    )
    titles: dict[str, str] = dict(rows)
    return sorted(titles.items(), key=lambda pair: pair[1])


def bank_rows(edition: Edition, user: User) -> list[dict[str, Any]]:
    """What the desk searches as one types."""
    return [
        {
            "id": snippet.pk,
            "criterion": snippet.criterion,
            "text": snippet.text,
            "is_shared": snippet.is_shared,
            "is_own": snippet.owner_id == user.pk,
            "uses": snippet.uses,
        }
        for snippet in bank_of(edition, user)[:1000]
    ]
