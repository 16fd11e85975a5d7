from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SessionKind(TextChoices):
    """The five activity types of D4, and what happens between them."""

    KNOWLEDGE = "knowledge", _("Knowledge session")
    SKILLS = "skills", _("Skills session")
    CASE_STUDY = "case_study", _("City case study")
    SITE_VISIT = "site_visit", _("Site visit")
    MASTERCLASS = "masterclass", _("Masterclass")
    PRESENTATIONS = "presentations", _("Project presentations")
    SOCIAL = "social", _("Networking")


class SignUpStatus(TextChoices):
    REQUESTED = "requested", _("Requested")
    CONFIRMED = "confirmed", _("Confirmed")
    WAITLISTED = "waitlisted", _("On the waiting list")
    ATTENDED = "attended", _("Attended")
    NO_SHOW = "no_show", _("Did not come")
    CANCELLED = "cancelled", _("Cancelled")


class AttendanceStatus(TextChoices):
    EXPECTED = "expected", _("Expected")
    PRESENT = "present", _("Present")
    PARTIAL = "partial", _("Part of it")
    ABSENT = "absent", _("Absent")
    EXCUSED = "excused", _("Excused")
    MADE_UP = "made_up", _("Made up")


NEEDS_REASON = (AttendanceStatus.EXCUSED, AttendanceStatus.MADE_UP)
