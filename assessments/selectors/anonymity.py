"""What markers see in the place of names and cities while an edition marks anonymously.

Hidden from whoever marks in the edition, until the grade is released; coordinators who do
not mark see who is who. The code of a project says nothing of its owner, its receipt or
its place in a list. What people write about themselves in their text nobody can hide.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.text import slugify
from django.utils.translation import gettext as _

from assessments.enums import VISIBLE_TO_PARTICIPANT
from assessments.models import Grade, MarkingPolicy, Project, ProjectFile, Submission
from lms.accounts.models import User
from lms.core.permissions import may_in_person

# Without letters and digits that are taken for each other.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class ShownAs:
    """How a project is named to a reader. `others`: its owner's team-mates."""

    person: str
    city: str
    is_hidden: bool
    others: tuple[str, ...] = ()


def projects_hiding(user: User, *, among: Collection[int] | None = None) -> frozenset[int]:
    """The ids of projects that hide names from `user`: marked anonymously, and by them.
    `among`: asked of these alone."""
    policies = MarkingPolicy.objects.filter(is_anonymous=True)
    return _marked_by(user, policies if among is None else policies.filter(project__in=among))


def _marked_by(user: User, policies: QuerySet[MarkingPolicy]) -> frozenset[int]:
    return frozenset(
        policy.project_id
        for policy in policies.select_related("project")
        if may_in_person(user, "assessments.mark_in_edition", policy.project)
    )


def hides_names(project: Project, user: User) -> bool:
    return bool(projects_hiding(user, among=[project.pk]))


def hides_names_in(edition_id: int, user: User) -> bool:
    policies = MarkingPolicy.objects.filter(project__edition=edition_id, is_anonymous=True)
    return bool(_marked_by(user, policies))


def hidden_among(submissions: Collection[Submission], user: User) -> frozenset[int]:
    """The ids of those whose names are hidden from `user`: not released yet. One query, one
    more where names are hidden."""
    hiding = projects_hiding(user, among={one.project_id for one in submissions})
    ids = {one.pk for one in submissions if one.project_id in hiding}
    if not ids:
        return frozenset()
    revealed = Grade.objects.filter(submission__in=ids, status__in=VISIBLE_TO_PARTICIPANT)
    return frozenset(ids - set(revealed.values_list("submission", flat=True)))


def is_hidden(submission: Submission, user: User) -> bool:
    return submission.pk in hidden_among([submission], user)


def shown_as(submission: Submission, user: User) -> ShownAs:
    return shown_names([submission], user)[submission.pk]


def shown_names(submissions: Collection[Submission], user: User) -> dict[int, ShownAs]:
    """Submission id → how it is named. `owner.user` and `owner.city` should be there."""
    hidden = hidden_among(submissions, user)
    return {
        one.pk: ShownAs(code_of(one.pk), "", is_hidden=True)
        if one.pk in hidden
        else ShownAs(str(one.owner.user), str(one.owner.city), is_hidden=False)
        for one in submissions
    }


def code_of(submission_id: int) -> str:
    """“Project K7Q2F”: the same for a project everywhere, and guessed from nothing."""
    number = int.from_bytes(
        salted_hmac("assessments.anonymity", str(submission_id), algorithm="sha256").digest()[:8]
    )
    code = ""
    for _place in range(5):
        number, rest = divmod(number, len(_SIGNS))
        code += _SIGNS[rest]
    return _("Project %(code)s") % {"code": code}


def file_name_shown(file: ProjectFile) -> str:
    """“project-k7q2f-3fa8.pdf”: without what its owner called it, the same everywhere."""
    kind = file.name.rpartition(".")[2].lower()
    return f"{slugify(code_of(file.submission_id))}-{str(file.pk)[:4]}.{kind}"
