"""What is recorded of participants: who may read it."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from lms.accounts.models import User
from lms.programme.enums import TEACHING_ROLES


class RecordQuerySet(models.QuerySet[Any]):
    """Of a model with an `enrolment`."""

    def visible_to(self, user: User) -> Self:
        """One's own; those of editions one coordinates or teaches."""
        if user.is_superuser:
            return self
        followed = Q(
            enrolment__edition__roles__user=user,
            enrolment__edition__roles__role__in=TEACHING_ROLES,
        )
        return self.filter(Q(enrolment__user=user) | followed).distinct()
