"""Messages about deadlines: reminders, more time, handing in at the deadline.

They belong to taking part, as a receipt does, and so have no link to unsubscribe: whoever
has handed in gets none.
"""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.enums import ExtensionStatus
from assessments.models import (
    DeadlineReminder,
    DeadlineSubmission,
    Extension,
    ExtensionDecision,
    LatenessRuling,
    Submission,
)
from assessments.notifications import moment_for
from assessments.selectors.cohort import Standing
from assessments.selectors.deadlines import effective_deadline_of, waiting_wish
from assessments.selectors.sections import outline_of
from lms.accounts.models import User
from lms.core.mail import send_message
from lms.programme.enums import Role
from lms.programme.selectors import people_with_role


def deadline_reminder(reminder: DeadlineReminder, standing: Standing, at: datetime) -> None:
    """How much time is left, and what still stands between the draft and the deadline."""
    edition = reminder.project.edition
    person = standing.enrolment.user
    submission = standing.submission
    when = moment_for(person, standing.deadline.at, reminder.project.deadline_zone)
    paragraphs = [
        _("Your final project is due by %(time)s: %(left)s left.")
        % {"time": when, "left": time_left(standing.deadline.at - at)},
        _open_points(submission),
    ]
    if standing.deadline.reason:
        paragraphs.insert(1, standing.deadline.reason)
    if submission is not None and waiting_wish(submission) is not None:
        paragraphs.append(
            _("As you wished, the last complete draft is handed in by itself at the deadline.")
        )
    elif submission is not None:
        paragraphs.append(
            _("A draft is not handed in by itself unless you ask for that on the page of your "
              "project.")
        )  # fmt: skip
    send_message(
        to=person,
        subject=_("%(left)s left for your project")
        % {"left": time_left(standing.deadline.at - at)},
        paragraphs=[paragraph for paragraph in paragraphs if paragraph],
        action_url=reverse("assessments:project", args=[edition.slug]),
        action_label=_("Open your project") if submission else _("Begin your project"),
    )


def extension_requested(extension: Extension) -> None:
    """To the coordinators: somebody waits for an answer."""
    submission = extension.submission
    edition = submission.edition
    zone = submission.project.deadline_zone
    for person in people_with_role(edition, Role.COORDINATOR):
        send_message(
            to=person,
            subject=_("%(person)s asks for more time") % {"person": extension.requested_by},
            paragraphs=[
                _("%(person)s of %(city)s asks for time until %(time)s. The reason:")
                % {
                    "person": extension.requested_by,
                    "city": submission.owner.city,
                    "time": moment_for(person, extension.wanted_at, zone),
                },
                extension.reason,
            ],
            action_url=reverse("assessments:extension", args=[edition.slug, extension.pk]),
            action_label=_("Read and answer"),
        )


def extension_decided(decision: ExtensionDecision, *, to: User) -> None:
    """To each writer: what was decided, why, and until when the project is on time now."""
    submission = decision.extension.submission
    edition, zone = submission.edition, submission.project.deadline_zone
    until = moment_for(to, decision.until_at, zone) if decision.until_at is not None else ""
    subject, sentence = {
        ExtensionStatus.GRANTED: (
            _("You have more time for your project"),
            _("Your project is on time until %(until)s."),
        ),
        ExtensionStatus.SHORTENED: (
            _("You have more time for your project, but less than you asked for"),
            _("Your project is on time until %(until)s. That is less than you asked for."),
        ),
        ExtensionStatus.REFUSED: (
            _("You get no more time for your project"),
            _(
                "Your request for more time was refused. The deadline stays as it was: "
                "%(deadline)s."
            ),
        ),
    }[ExtensionStatus(decision.status)]
    if decision.extension.is_unasked and decision.status == ExtensionStatus.SHORTENED:
        subject = _("You have less time for your project than was given before")
        sentence = _("Your project is on time until %(until)s.")
    deadline = effective_deadline_of(submission.project, submission)
    values = {
        "until": until,
        "deadline": moment_for(to, deadline.at, zone),
    }
    send_message(
        to=to,
        subject=subject,
        paragraphs=[
            sentence % values,
            *_counts_since(decision),
            _("%(person)s wrote:") % {"person": decision.decided_by},
            decision.reason,
        ],
        action_url=reverse("assessments:project", args=[edition.slug]),
        action_label=_("Open your project"),
    )


def lateness_ruled(ruling: LatenessRuling, *, to: User) -> None:
    """To each writer: how their late project counts, and why."""
    attempt = ruling.attempt
    send_message(
        to=to,
        subject=_("Your project goes on to count as late")
        if ruling.is_late
        else _("Your project counts as on time"),
        paragraphs=[
            _counts(ruling),
            _("%(person)s wrote:") % {"person": ruling.ruled_by},
            ruling.reason,
        ],
        action_url=reverse("assessments:receipt", args=[attempt.receipt]),
        action_label=_("Open the receipt"),
    )


def _counts_since(decision: ExtensionDecision) -> list[str]:
    """What was decided in the same breath of an attempt that had come late."""
    rulings = decision.extension.rulings.filter(ruled_at=decision.decided_at)
    return [_counts(ruling) for ruling in rulings.select_related("attempt")]


def _counts(ruling: LatenessRuling) -> str:
    receipt = {"receipt": ruling.attempt.receipt}
    if ruling.is_late:
        return (
            _("What you handed in late (receipt %(receipt)s) goes on to count as late.") % receipt
        )
    return (
        _("What you handed in late (receipt %(receipt)s) counts as on time. The receipt stays as "
          "it is.")
        % receipt
    )  # fmt: skip


def deadline_submission_incomplete(wish: DeadlineSubmission, *, to: User) -> None:
    submission = wish.submission
    edition = submission.edition
    late = (
        _("You can still submit it by hand: it is accepted, and marked as late.")
        if submission.project.accepts_late
        else _("Late projects are not accepted. If something kept you from it, ask for more time.")
    )
    send_message(
        to=to,
        subject=_("Your project was not handed in at the deadline"),
        paragraphs=[
            _("You had wished that the last complete draft be handed in at the deadline. There was "
              "none."),
            wish.note,
            _("Nothing of your text is lost.") + " " + late,
        ],
        action_url=reverse("assessments:project", args=[edition.slug]),
        action_label=_("Open your project"),
    )  # fmt: skip


def guidelines_required(submission: Submission, *, number: int, reason: str, to: User) -> None:
    edition = submission.edition
    send_message(
        to=to,
        subject=_("Please move your project to the newer guidelines"),
        paragraphs=[
            _("Projects are from now on handed in on version %(number)d of the guidelines. Yours "
              "follows an older one; your text stays when you move it. The reason:")
            % {"number": number},
            reason,
        ],
        action_url=reverse("assessments:guidelines_changes", args=[edition.slug]),
        action_label=_("See what changes"),
    )  # fmt: skip


def time_left(left: timedelta) -> str:
    """“3 days”, “26 hours”, “40 minutes”: rounded down, so that nobody comes too late."""
    minutes = max(int(left.total_seconds() // 60), 0)
    days, hours = minutes // (24 * 60), minutes // 60
    if days >= 2:
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if hours >= 1:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _open_points(submission: Submission | None) -> str:
    if submission is None:
        return _("You have not begun yet.")
    missing = [section.title for section in outline_of(submission) if section.is_missing]
    if not missing:
        return _("Every required section has words: what is left is to submit it.")
    return _("Still empty: %(titles)s.") % {"titles": ", ".join(missing)}
