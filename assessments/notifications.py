"""Messages about projects, marks and certificates."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from assessments.enums import CertificateStatus
from assessments.models import (
    Attempt,
    AttemptLeftOut,
    Certificate,
    DeadlineSubmission,
    Grade,
    RevisionRequest,
)
from assessments.selectors.receipts import code_of
from lms.accounts.models import User
from lms.core.mail import send_message
from lms.core.templatetags.moments import moment_both
from lms.programme.enums import Role
from lms.programme.selectors import people_with_role


def receipt(attempt: Attempt, *, to: User) -> None:
    """What was received, when, and against which deadline; to each who wrote it."""
    zone = attempt.deadline_zone
    person = to
    names = [member.name for member in attempt.members.all()]
    files = [f"{file.name} (SHA-256 {file.sha256})" for file in attempt.files.all()]
    deadline = _("Deadline: %(time)s.") % {"time": moment_for(person, attempt.deadline_at, zone)}
    until = (
        _("On time until: %(time)s.")
        % {"time": moment_for(person, attempt.effective_deadline_at, zone)}
        if attempt.effective_reason
        else ""
    )
    in_time = _("It was received late.") if attempt.is_late else _("It was received on time.")
    paragraphs = [
        _("Your project has arrived. Your receipt number is %(receipt)s.")
        % {"receipt": attempt.receipt},
        *_who_submitted(attempt, names),
        *_by_itself(attempt, person),
        _("Received: %(time)s.") % {"time": moment_for(person, attempt.received_at, zone)},
        " ".join(filter(None, [deadline, until, attempt.effective_reason, in_time])),
        _("Guidelines: version %(number)d (SHA-256 %(sha256)s).")
        % {"number": attempt.guidelines.number, "sha256": attempt.guidelines.sha256},
    ]
    paragraphs.append(_("Content: SHA-256 %(sha256)s.") % {"sha256": attempt.content_sha256})
    if files:
        paragraphs.append(_("Files:") + "\n" + "\n".join(files))
    paragraphs += _left_out(attempt)
    paragraphs.append(
        _("Whoever wants to check this receipt finds it here: %(address)s")
        % {"address": receipt_address(attempt)}
    )
    paragraphs.append(_("Until marking begins you can withdraw it, change it and submit it again."))
    send_message(
        to=person,
        subject=_("We have your project: receipt %(receipt)s") % {"receipt": attempt.receipt},
        paragraphs=paragraphs,
        action_url=reverse("assessments:receipt", args=[attempt.receipt]),
        action_label=_("Open the receipt"),
    )


def _who_submitted(attempt: Attempt, names: list[str]) -> list[str]:
    if len(names) < 2:
        return []
    return [
        _("%(person)s submitted it for your team: %(names)s.")
        % {"person": attempt.submitted_by, "names": ", ".join(names)}
    ]


def _left_out(attempt: Attempt) -> list[str]:
    """Files that were on their way and are no part of it: said, never dropped in silence."""
    names = [f"{file.name} ({left_out_because(file)})" for file in attempt.left_out.all()]
    if not names:
        return []
    return [
        _("Not handed in, because these files had not arrived:") + "\n" + "\n".join(names),
        _("They are no part of your project. If you need them in it, withdraw the project while "
          "it is not being marked, or ask the coordinators."),
    ]  # fmt: skip


def left_out_because(file: AttemptLeftOut) -> str:
    if file.note:
        return file.note
    if file.percent == 100:
        return _("arrived whole, but too late")
    return _("%(percent)d per cent had arrived") % {"percent": file.percent}


def _by_itself(attempt: Attempt, person: User) -> list[str]:
    """For what was handed in at the deadline because somebody had wished so."""
    wish = DeadlineSubmission.objects.filter(attempt=attempt).select_related("asked_by").first()
    if wish is None or wish.draft_saved_at is None:
        return []
    zone = attempt.deadline_zone
    return [
        _("It was handed in by itself at the deadline, as %(person)s had wished: the last complete "
          "draft, saved %(time)s.")
        % {"person": wish.asked_by, "time": moment_for(person, wish.draft_saved_at, zone)}
    ]  # fmt: skip


def returned_for_revision(request: RevisionRequest, *, to: User) -> None:
    edition = request.attempt.project.edition
    person = to
    paragraphs = [
        _("%(instructor)s has read your project and hands it back so that you can improve it:")
        % {"instructor": request.requested_by},
        request.reason,
    ]
    if request.until_at:
        paragraphs.append(
            _("Submit it again by %(time)s.")
            % {"time": moment_for(person, request.until_at, request.until_zone)}
        )
    send_message(
        to=person,
        subject=_("Your project came back to you"),
        paragraphs=paragraphs,
        action_url=reverse("assessments:project", args=[edition.slug]),
        action_label=_("Open your project"),
    )


def grade_amended(grade: Grade, *, revision: int, to: User) -> None:
    """The notice of invariant 8, with the reason."""
    amended = grade.revisions.get(number=revision)
    send_message(
        to=to,
        subject=_("The grade of your project was changed"),
        paragraphs=[
            _("%(person)s has changed the grade of your project. The reason:")
            % {"person": amended.by},
            amended.reason,
        ],
        action_url=reverse("assessments:project", args=[grade.edition.slug]) + "#grade",
        action_label=_("See your grade"),
    )


def certificate_issued(certificate: Certificate) -> None:
    send_message(
        to=certificate.enrolment.user,
        subject=_("Congratulations: your certificate is ready"),
        paragraphs=[
            _("You have completed “%(programme)s”. Your certificate of completion has the number "
              "%(number)s.")
            % {"programme": certificate.programme_name, "number": certificate.number},
            _("Whoever wants to check it finds it here: %(address)s")
            % {"address": verification_address(certificate)},
        ],
        action_url=reverse("assessments:certificate", args=[certificate.edition.slug]),
        action_label=_("See and download your certificate"),
    )  # fmt: skip


def certificate_review_opened(certificate: Certificate) -> None:
    """To the coordinators: somebody has to look and decide."""
    for person in people_with_role(certificate.edition, Role.COORDINATOR):
        send_message(
            to=person,
            subject=_("A certificate needs a review: %(number)s") % {"number": certificate.number},
            paragraphs=[
                _("The certificate of %(name)s is under review.") % {"name": certificate.name},
                certificate.review_reason,
                _("It goes on to be valid until you decide."),
            ],
            action_url=reverse(
                "assessments:completion_person",
                args=[certificate.edition.slug, certificate.enrolment_id],
            ),
            action_label=_("Look and decide"),
        )


def certificate_review_closed(certificate: Certificate) -> None:
    """To the participant: how a review ended."""
    if certificate.status == CertificateStatus.REVOKED:
        subject = _("Your certificate was revoked")
        paragraphs = [
            _("Your certificate %(number)s no longer counts. The reason:")
            % {"number": certificate.number},
            certificate.revoked_reason,
        ]
    else:
        subject = _("Your certificate stands")
        paragraphs = [
            _("Your certificate %(number)s was reviewed and stands.")
            % {"number": certificate.number}
        ]
    send_message(
        to=certificate.enrolment.user,
        subject=subject,
        paragraphs=paragraphs,
        action_url=reverse("assessments:certificate", args=[certificate.edition.slug]),
        action_label=_("See your certificate"),
    )


def receipt_address(attempt: Attempt) -> str:
    address = reverse("assessments:verify_receipt", args=[attempt.receipt])
    return f"{settings.SITE_URL.rstrip('/')}{address}?code={code_of(attempt)}"


def verification_address(certificate: Certificate) -> str:
    return settings.SITE_URL.rstrip("/") + reverse("assessments:verify", args=[certificate.code])


def moment_for(person: User, value: datetime, zone: str) -> str:
    """An instant in the person's own zone and in the programme's, as plain text."""
    with timezone.override(ZoneInfo(person.time_zone)):
        return strip_tags(moment_both(value, zone))
