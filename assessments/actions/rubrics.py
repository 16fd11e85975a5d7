"""The rubrics of an edition: beginning one, naming, choosing, deleting, bringing back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.guidelines import freeze_conditions
from assessments.models import Attempt, Project, Rubric, RubricDraft
from assessments.rubric_content import LONGEST_TITLE
from assessments.rubric_working import new_working
from assessments.selectors.rubrics import use_of, working_copy_of
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_perm
from lms.core.text import clean_text
from lms.programme.models import Edition


class RubricInUse(Conflict):
    """Projects are or were marked on it."""

    code = "rubric_in_use"


@transaction.atomic
def begin_rubric(
    *, edition: Edition, title: str, by: User, at: datetime, copy_of: Rubric | None = None
) -> Rubric:
    """A rubric of which nothing is published yet: empty, or with what another one says now."""
    edition = _lock(edition.pk)
    require_perm(by, "assessments.publish_rubric", Rubric(edition=edition))
    title = _clean_title(edition, title)
    content = new_working()
    if copy_of is not None:
        require_perm(by, "assessments.publish_rubric", copy_of)
        content = {**working_copy_of(copy_of).content, "undo": []}
    rubric = Rubric.objects.create(edition=edition, title=title)
    RubricDraft.objects.create(rubric=rubric, content=content, version=1, saved_at=at, saved_by=by)
    audit.record(
        by=by, verb="rubric.made", target=rubric, at=at, title=title,
        copy_of=copy_of.pk if copy_of else None,
    )  # fmt: skip
    return rubric


@transaction.atomic
def rename_rubric(*, rubric: Rubric, title: str, by: User, at: datetime) -> Rubric:
    """Another title. Guidelines say it, so those of its project get a version with it."""
    edition = _lock(rubric.edition_id)
    rubric = _locked(rubric, by=by)
    before, title = rubric.title, _clean_title(edition, title, other_than=rubric)
    if before == title:
        return rubric
    rubric.title = title
    rubric.save(update_fields=["title"])
    audit.record(
        by=by, verb="rubric.renamed", target=rubric, at=at, before=before, after=title
    )  # fmt: skip
    for project in rubric.projects.select_for_update(of=("self",), no_key=True):
        freeze_conditions(project=project, by=by, at=at)
    return rubric


@transaction.atomic
def choose_rubric(*, project: Project, rubric: Rubric, by: User, at: datetime) -> Project:
    """Mark the edition's projects on another rubric; as long as none was handed in."""
    _lock(project.edition_id)
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    require_perm(by, "assessments.choose_rubric", project)
    rubric = Rubric.objects.get(pk=rubric.pk)
    if rubric.edition_id != project.edition_id or rubric.deleted_at or not rubric.versions.exists():
        raise InvalidInput(errors={"rubric": [_("Choose a published rubric of this edition.")]})
    if project.rubric_id == rubric.pk:
        return project
    if Attempt.objects.filter(project=project).exists():
        raise RubricInUse(
            _(
                "Projects have been handed in on “%(title)s”. Publish a new version of it instead: "
                "it says before what that does to their marks."
            )
            % {"title": project.rubric.title}
        )
    before, project.rubric = project.rubric_id, rubric
    project.save(update_fields=["rubric"])
    audit.record(
        by=by, verb="project.rubric_chosen", target=project, at=at, before=before, after=rubric.pk
    )
    freeze_conditions(project=project, by=by, at=at)
    return project


@transaction.atomic
def delete_rubric(*, rubric: Rubric, by: User, at: datetime) -> Rubric:
    """Take an unused rubric out of the lists; it can be brought back. Raises RubricInUse."""
    _lock(rubric.edition_id)
    rubric = _locked(rubric, by=by)
    if rubric.deleted_at is not None:
        return rubric
    if sentence := use_of(rubric):
        raise RubricInUse(sentence)
    rubric.deleted_at, rubric.deleted_by = at, by
    rubric.save(update_fields=["deleted_at", "deleted_by"])
    audit.record(by=by, verb="rubric.deleted", target=rubric, at=at)
    return rubric


@transaction.atomic
def bring_back_rubric(*, rubric: Rubric, by: User, at: datetime) -> Rubric:
    """Put a deleted rubric back, under another title if there is one of its own by now."""
    edition = _lock(rubric.edition_id)
    rubric = _locked(rubric, by=by)
    if rubric.deleted_at is None:
        return rubric
    others = set(Rubric.objects.kept().filter(edition=edition).values_list("title", flat=True))
    wanted, count = rubric.title, 2
    while rubric.title in others:
        rubric.title = f"{wanted[: LONGEST_TITLE - 6]} ({count})"
        count += 1
    rubric.deleted_at = rubric.deleted_by = None
    rubric.save(update_fields=["title", "deleted_at", "deleted_by"])
    audit.record(by=by, verb="rubric.brought_back", target=rubric, at=at)
    return rubric


def _lock(edition_id: int) -> Edition:
    """The row that making a project, choosing its rubric and deleting one compete for."""
    return Edition.objects.select_for_update(of=("self",), no_key=True).get(pk=edition_id)


def _locked(rubric: Rubric, *, by: User) -> Rubric:
    locked = Rubric.objects.select_for_update(of=("self",), no_key=True).get(pk=rubric.pk)
    require_perm(by, "assessments.publish_rubric", locked)
    return locked


def _clean_title(edition: Edition, title: object, *, other_than: Rubric | None = None) -> str:
    clean = clean_text(title, field="title", max_bytes=4 * LONGEST_TITLE).strip()
    if not 0 < len(clean) <= LONGEST_TITLE:
        sentence = _("Write 1 to %(longest)d characters.") % {"longest": LONGEST_TITLE}
        raise InvalidInput(errors={"title": [sentence]})
    others = Rubric.objects.kept().filter(edition=edition, title=clean)
    if any(one != other_than for one in others):
        raise InvalidInput(errors={"title": [_("A rubric of this edition has this title.")]})
    return clean
