from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from wagtail.permissions import page_permission_policy

from lms.accounts.models import User
from lms.programme.enums import Role
from lms.programme.models import Edition
from lms.programme.selectors import standing_of

# City teams write experiences; lessons are for those who learn and those who teach.
READING_ROLES = frozenset({Role.INSTRUCTOR, Role.COORDINATOR, Role.MODERATOR})


def edits_pages(user: Any) -> bool:
    """Whether the CMS is open to somebody: its groups say which pages."""
    return bool(user.is_active and user.has_perm("wagtailadmin.access_admin"))


class CourseQuerySet(models.QuerySet["Course"]):
    def visible_to(self, user: User) -> Self:
        """Courses of editions one takes part in or teaches; those whose pages one edits."""
        if user.is_superuser:
            return self
        standing = standing_of(user)
        teaching = standing.editions_as(*READING_ROLES)
        ids = teaching | set(standing.enrolments)
        seen = Q(edition_id__in=ids, page__live=True)
        if edits_pages(user):
            editable = page_permission_policy.instances_user_has_permission_for(user, "change")
            seen |= Q(page__in=editable.values("pk"))
        return self.filter(seen)

    def renew(self) -> int:
        """What was rendered for these courses is out of date from now on."""
        return self.update(version=F("version") + 1)


class Course(models.Model):
    """The online course of an edition. `version` grows with every change below its
    page, so that what is rendered once for everybody can be cached under it."""

    edition = models.OneToOneField(Edition, on_delete=models.PROTECT, related_name="course")
    page = models.OneToOneField(
        "modules.CoursePage", on_delete=models.CASCADE, related_name="course"
    )
    version = models.PositiveBigIntegerField(default=1)

    objects: ClassVar[Any] = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="course_version_from_one")
        ]

    def __str__(self) -> str:
        return f"Online course, {self.edition}"
