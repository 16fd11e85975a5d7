from django.db import models
from knox.models import AbstractAuthToken

from lms.accounts.enums import TokenScope


class PersonalToken(AbstractAuthToken):
    """A token a person made for a program of theirs; only its hash is stored."""

    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=10, choices=TokenScope.choices, default=TokenScope.READ)

    class Meta:
        ordering = ["-created"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope__in=TokenScope.values), name="token_scope_known"
            )
        ]

    def __str__(self) -> str:
        return self.name
