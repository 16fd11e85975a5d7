from django.db import models
from django.db.models import Q

from lms.accounts.models import City, User
from lms.programme.enums import Role
from lms.programme.models.edition import Edition


class RoleAssignment(models.Model):
    """Somebody's work in an edition. A city team member works for one city of it."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="roles")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role.choices)
    city = models.ForeignKey(
        City, null=True, blank=True, on_delete=models.PROTECT, related_name="team"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            # Two, for SQLite takes one NULL for another than the next.
            models.UniqueConstraint(
                fields=["edition", "user", "role"],
                condition=Q(city__isnull=True),
                name="role_once",
            ),
            models.UniqueConstraint(
                fields=["edition", "user", "role", "city"],
                condition=Q(city__isnull=False),
                name="role_once_for_a_city",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
            models.CheckConstraint(
                condition=Q(role=Role.CITY_TEAM, city__isnull=False)
                | (~Q(role=Role.CITY_TEAM) & Q(city__isnull=True)),
                name="role_city_only_for_city_teams",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.edition}"
