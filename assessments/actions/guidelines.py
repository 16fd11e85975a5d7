"""Freezing the guidelines: what an editor publishes, and what the coordinator sets.

A version holds both (docs/adr/0013). The words wait to be adopted by each draft; deadline
and rubric hold for everybody at once, so a version that changes nothing else is carried
to the drafts that stood on the one before.
"""

from datetime import datetime
from typing import Any

import nh3
from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.team_notices import tell_team
from assessments.enums import ALONE, STILL_WRITTEN
from assessments.models import GuidelinesPage, GuidelinesVersion, Project, Submission
from assessments.selectors.marking import rubric_in_force
from lms.accounts.models import User
from lms.core import audit
from lms.core.canonical import hash_of
from lms.core.errors import InvalidInput
from lms.core.permissions import require_perm
from lms.core.text import clean_reason

ALLOWED_TAGS = {"h3", "h4", "p", "br", "b", "strong", "i", "em", "ol", "ul", "li", "a"}
CONDITIONS = frozenset({"deadline", "rubric"})


@transaction.atomic
def publish_guidelines(
    *,
    page: GuidelinesPage,
    by: User | None,
    at: datetime,
    page_revision_id: int | None = None,
) -> GuidelinesVersion:
    """Freeze the page as a new version, unless the latest one says the same.

    `by` None: the system published (a scheduled publication, the first loading).
    Drafts and attempts keep the version they have.
    """
    # Not the key: whoever hands in refers to this row and must not wait for it.
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(guidelines_page=page)
    project.guidelines_page = page
    if by is not None:
        require_perm(by, "assessments.publish_guidelines", project)

    content = page.frozen()
    # What stands here is shown to every participant as HTML.
    content["intro"] = _clean(content["intro"])
    content["integrity"] = _clean(content["integrity"])
    for section in content["sections"]:
        section["help"] = _clean(section["help"])
    content |= _conditions_of(project)
    return _freeze(project, content, by=by, at=at, page_revision_id=page_revision_id)


def freeze_conditions(*, project: Project, by: User | None, at: datetime) -> None:
    """Inside an action that has changed the deadline or the rubric: the newest words with
    what holds now, as a version of their own."""
    latest = project.guidelines.first()
    if latest is None:
        return
    content = {**latest.content, **_conditions_of(project)}
    _freeze(project, content, by=by, at=at, page_revision_id=latest.page_revision_id)


@transaction.atomic
def require_guidelines(
    *, project: Project, number: int, reason: str, by: User, at: datetime
) -> Project:
    """From now on projects are handed in on this version of the guidelines or a later one;
    0 takes the requirement back. What was handed in stays as it is (invariant 12).

    Those who write on an older version are told, with the reason.
    """
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    require_perm(by, "assessments.require_guidelines", project)
    reason = clean_reason(reason)
    version = project.guidelines.filter(number=number).first()
    if number and version is None:
        raise InvalidInput(errors={"number": [_("There is no such version.")]})
    before = project.required_guidelines.number if project.required_guidelines else 0
    if before == number:
        return project
    project.required_guidelines = version
    project.save(update_fields=["required_guidelines"])
    audit.record(
        by=by, verb="guidelines.required", target=project, at=at, before=before, after=number,
        reason=reason,
    )  # fmt: skip
    if version is not None:
        behind = project.submissions.filter(
            status__in=STILL_WRITTEN, parked_at=None, guidelines__number__lt=number
        )
        for submission in behind:
            tell_team(
                tasks.send_guidelines_required, submission, submission_id=submission.pk,
                number=number, reason=reason,
            )  # fmt: skip
    return project


def _freeze(
    project: Project,
    content: dict[str, Any],
    *,
    by: User | None,
    at: datetime,
    page_revision_id: int | None,
) -> GuidelinesVersion:
    digest = hash_of(content)
    latest = project.guidelines.first()
    if latest is not None and latest.sha256 == digest:
        return latest

    version = GuidelinesVersion.objects.create(
        project=project,
        number=latest.number + 1 if latest else 1,
        content=content,
        sha256=digest,
        page_revision_id=page_revision_id,
        published_at=at,
        published_by=by,
    )
    carried = 0
    if latest is not None and _words_of(latest.content) == _words_of(content):
        on_the_same_words = Submission.objects.filter(guidelines=latest, status__in=STILL_WRITTEN)
        # In the order in which two projects are locked elsewhere.
        drafts = on_the_same_words.select_for_update(of=("self",)).order_by("pk")
        locked = list(drafts.values_list("pk", flat=True))
        carried = on_the_same_words.filter(pk__in=locked).update(guidelines=version)
    audit.record(
        by=by, verb="guidelines.published", target=version, at=at, number=version.number,
        sha256=digest, carried=carried,
    )  # fmt: skip
    return version


def _conditions_of(project: Project) -> dict[str, Any]:
    """What holds for everybody, however old their guidelines are."""
    rubric = rubric_in_force(project.rubric_id)
    return {
        "deadline": {
            "at": project.deadline_at.isoformat(),
            "wall": project.deadline_wall.replace(tzinfo=None).isoformat(),
            "zone": project.deadline_zone,
            "grace_minutes": project.grace_minutes,
            "accepts_late": project.accepts_late,
        },
        "rubric": {
            "title": rubric.rubric.title,
            "number": rubric.number,
            "sha256": rubric.sha256,
        }
        if rubric
        else None,
    }


def _words_of(content: dict[str, Any]) -> dict[str, Any]:
    """What each draft adopts or not."""
    words = {key: value for key, value in content.items() if key not in CONDITIONS}
    return {"team": ALONE} | words


def _clean(html: str) -> str:
    return nh3.clean(html, tags=ALLOWED_TAGS, attributes={"a": {"href"}}, link_rel="noopener")
