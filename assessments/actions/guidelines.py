from datetime import datetime

import nh3
from django.db import transaction

from assessments.models import GuidelinesPage, GuidelinesVersion, Project
from lms.accounts.models import User
from lms.core import audit
from lms.core.canonical import hash_of
from lms.core.permissions import require_perm

ALLOWED_TAGS = {"h3", "h4", "p", "br", "b", "strong", "i", "em", "ol", "ul", "li", "a"}


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
    project = Project.objects.select_for_update(of=("self",)).get(guidelines_page=page)
    project.guidelines_page = page
    if by is not None:
        require_perm(by, "assessments.publish_guidelines", project)

    content = page.frozen()
    # What stands here is shown to every participant as HTML.
    content["intro"] = _clean(content["intro"])
    content["integrity"] = _clean(content["integrity"])
    for section in content["sections"]:
        section["help"] = _clean(section["help"])
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
    audit.record(
        by=by, verb="guidelines.published", target=version, at=at, number=version.number,
        sha256=digest,
    )  # fmt: skip
    return version


def _clean(html: str) -> str:
    return nh3.clean(html, tags=ALLOWED_TAGS, attributes={"a": {"href"}}, link_rel="noopener")
