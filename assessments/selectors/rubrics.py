"""The rubrics of an edition, their working copies and where they are used."""

from copy import deepcopy
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Attempt, Project, Rubric, RubricDraft, RubricVersion
from assessments.rubric_content import clean_rubric, content_of
from assessments.rubric_working import content_in, new_working, working_of
from assessments.selectors.marking import rubric_in_force
from lms.core import clock
from lms.core.canonical import hash_of
from lms.core.errors import InvalidInput
from lms.programme.models import Edition


def rubrics_of(edition: Edition, *, with_deleted: bool = False) -> QuerySet[Rubric]:
    """Each with `newest_number`, `newest_at`, `handed_in` (attempts marked on it), `is_chosen`
    (the edition's projects are marked on it) and its working copy. One query."""
    newest = RubricVersion.objects.filter(rubric=OuterRef("pk")).order_by("-number")
    attempts = (
        Attempt.objects.filter(rubric__rubric=OuterRef("pk"))
        .order_by()
        .values("rubric__rubric")
        .annotate(count=Count("pk"))
    )
    rubrics = Rubric.objects.filter(edition=edition).select_related(
        "draft__saved_by", "deleted_by", "edition"
    )
    found = rubrics if with_deleted else rubrics.kept()
    return found.annotate(
        newest_number=Subquery(newest.values("number")[:1]),
        newest_at=Subquery(newest.values("created_at")[:1]),
        handed_in=Subquery(attempts.values("count")[:1]),
        is_chosen=Exists(Project.objects.filter(rubric=OuterRef("pk"))),
    )


def published_rubrics(edition: Edition) -> QuerySet[Rubric]:
    return Rubric.objects.kept().filter(edition=edition, versions__isnull=False).distinct()


def use_of(rubric: Rubric) -> str:
    """Why it cannot be deleted, as a sentence; empty when it can."""
    project = Project.objects.filter(rubric=rubric).select_related("edition").first()
    attempts = Attempt.objects.filter(rubric__rubric=rubric).count()
    said = []
    if project is not None:
        said.append(
            _("Projects of %(edition)s are marked on this rubric.")
            % {"edition": project.edition.name}
        )
    if attempts:
        said.append(
            ngettext(
                "%(count)d project was handed in on it.",
                "%(count)d projects were handed in on it.",
                attempts,
            )
            % {"count": attempts}
        )
    if said:
        said.append(_("It cannot be deleted."))
    return " ".join(said)


def working_copy_of(rubric: Rubric, version: RubricVersion | None = None) -> RubricDraft:
    """What is being written; before anybody has, what the version in force says (unsaved)."""
    draft = RubricDraft.objects.filter(rubric=rubric).select_related("saved_by").first()
    if draft is not None:
        draft.rubric = rubric
        return draft
    version = version or rubric_in_force(rubric.pk)
    content = working_of(content_of(version)) if version else new_working()
    return RubricDraft(rubric=rubric, content=content, saved_at=clock.now())


@dataclass(frozen=True)
class Checked:
    """A working copy held against what may be published. `content` and `sha256` are there
    when nothing is wrong; `wrong`: where → sentences, as `clean_rubric` says."""

    content: dict[str, object] | None
    sha256: str
    wrong: dict[str, list[str]]


def checked(draft: RubricDraft) -> Checked:
    try:
        content = clean_rubric(content_in(deepcopy(draft.content)))
    except InvalidInput as error:
        wrong = {
            where: [str(sentence) for sentence in said] for where, said in error.errors.items()
        }
        return Checked(None, "", wrong)
    return Checked(content, hash_of(content), {})


def versions_of(rubric: Rubric) -> QuerySet[RubricVersion]:
    """Newest first, each with `handed_in`: attempts that are marked on it."""
    attempts = (
        Attempt.objects.filter(rubric=OuterRef("pk"))
        .order_by()
        .values("rubric")
        .annotate(count=Count("pk"))
    )
    return (
        RubricVersion.objects.filter(rubric=rubric)
        .select_related("created_by")
        .annotate(handed_in=Subquery(attempts.values("count")[:1]))
        .order_by("-number")
    )
