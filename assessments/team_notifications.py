"""Messages between those who write a project together."""

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Submission, TeamInvitation
from lms.accounts.models import User
from lms.core.mail import send_message


def team_invitation(invitation: TeamInvitation) -> None:
    edition = invitation.submission.edition
    send_message(
        to=invitation.enrolment.user,
        subject=_("%(person)s would like to write the final project with you")
        % {"person": invitation.invited_by},
        paragraphs=[
            _("%(person)s invites you to write one final project together for your city, in "
              "“%(edition)s”.")
            % {"person": invitation.invited_by, "edition": edition.name},
            _("If you accept, a draft of your own is set aside. Nothing of it is lost: you can "
              "read it at any time, and take it up again if you leave the team."),
        ],
        action_url=reverse("assessments:invitation", args=[edition.slug, invitation.pk]),
        action_label=_("Read and answer the invitation"),
    )  # fmt: skip


def team_news(submission: Submission, *, news: str, to: User, about: User, reason: str) -> None:
    """`news`: joined, declined, left, removed, added or withdrawn; `about`: who did it, or
    who was added."""
    values = {"person": about}
    subject, sentence = {
        "joined": (
            _("%(person)s has joined your project"),
            _("%(person)s has accepted your invitation. You write one project now."),
        ),
        "declined": (
            _("%(person)s does not join your project"),
            _("%(person)s has declined your invitation. Nothing about your project changes."),
        ),
        "left": (
            _("%(person)s has left your team"),
            _("%(person)s no longer writes the project with you. What you wrote stays."),
        ),
        "removed": (
            _("You are no longer in the team of a project"),
            _("%(person)s has taken you out of the team. What you handed in together stays "
              "readable for you, and you can write a project of your own. The reason:"),
        ),
        "added": (
            _("%(person)s is in the team of your project"),
            _("Your coordinator has put %(person)s into the team of the project. The reason:"),
        ),
        "withdrawn": (
            _("%(person)s has withdrawn your project"),
            _("%(person)s has taken your team’s project back, so nothing is handed in at the "
              "moment. Nothing of it is lost: open it again, and submit it when it is ready."),
        ),
    }[news]  # fmt: skip
    send_message(
        to=to,
        subject=subject % values,
        paragraphs=[sentence % values, *([reason] if reason else [])],
        action_url=reverse("assessments:project", args=[submission.edition.slug]),
        action_label=_("Open your project"),
    )
