from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PhaseKind(TextChoices):
    ONLINE_BEFORE = "online_before", _("Online, before the week")
    IN_PERSON = "in_person", _("In person")
    ONLINE_AFTER = "online_after", _("Online, after the week")


class Role(TextChoices):
    """What somebody does in an edition. Participants are enrolled instead;
    editors and administrators are Wagtail groups."""

    INSTRUCTOR = "instructor", _("Instructor")
    COORDINATOR = "coordinator", _("Coordinator")
    MODERATOR = "moderator", _("Moderator")
    CITY_TEAM = "city_team", _("City team member")


# Those who follow what participants do, and decide about it.
TEACHING_ROLES = (Role.INSTRUCTOR, Role.COORDINATOR)


class EnrolmentStatus(TextChoices):
    OFFERED = "offered", _("Offered")
    INVOICED = "invoiced", _("Invoiced")
    PART_PAID = "part_paid", _("Part paid")
    GUARANTEED = "guaranteed", _("Guaranteed")
    COMPLETED = "completed", _("Completed")
    NOT_COMPLETED = "not_completed", _("Not completed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


# A place is guaranteed only on full payment (D8): from then on lessons are open.
TAKING_PART = (EnrolmentStatus.GUARANTEED, EnrolmentStatus.COMPLETED)
