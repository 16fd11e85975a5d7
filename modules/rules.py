"""Who may read lessons, work through them, and see how far others are."""

from typing import Any

import rules
from wagtail.permissions import page_permission_policy

from lms.programme.models import Enrolment
from lms.programme.rules import (
    is_coordinator,
    is_edition_staff,
    is_instructor,
    is_participant,
)
from lms.programme.selectors import standing_of
from modules.models.course import edits_pages


@rules.predicate
def edits_course(user: Any, course: Any) -> bool:
    """May change the course's pages in the CMS."""
    return (
        course is not None
        and edits_pages(user)
        and page_permission_policy.user_has_permission_for_instance(user, "change", course.page)
    )


@rules.predicate
def is_own_place(user: Any, enrolment: Enrolment | None) -> bool:
    """Their own place in the edition, and it is guaranteed (D8)."""
    if enrolment is None:
        return False
    own = standing_of(user).enrolments.get(enrolment.edition_id)
    return own is not None and own.pk == enrolment.pk


@rules.predicate
def writes_lessons(user: Any) -> bool:
    """May change some page of the CMS: whoever writes lessons writes what is played in them."""
    return edits_pages(user) and page_permission_policy.user_has_any_permission(
        user, {"add", "change", "publish"}
    )


@rules.predicate
def installs_libraries(user: Any) -> bool:
    """Libraries are programs that run in every reader's browser: administrators only."""
    return bool(user.is_active and user.has_perm("modules.add_h5plibrary"))


rules.add_perm("modules.read_course", is_participant | is_edition_staff | edits_course)
rules.add_perm("modules.record_progress", is_own_place)
rules.add_perm("modules.follow_progress", is_instructor | is_coordinator)
rules.add_perm("modules.author_h5p", writes_lessons)
rules.add_perm("modules.install_h5p", installs_libraries)
