"""What each role sees first, composed from the apps below."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.enums import AssessmentStatus, PeerReviewStatus, SubmissionStatus
from assessments.models import Assessment, Extension, PeerRound, Project, Submission
from assessments.selectors import completion_of
from assessments.selectors.deadlines import effective_deadline_of
from assessments.selectors.peer import review_waiting, round_now
from assessments.selectors.team import invitations_to
from lms.accounts.models import User
from lms.dashboard.conversation_duties import open_questions, questions_duty, reports_duty
from lms.dashboard.duty import Duty
from lms.dashboard.marking_duties import marking_duties
from lms.dashboard.transfer_duties import transfer_duties
from lms.programme.enums import Role
from lms.programme.models import Edition, Enrolment
from lms.programme.selectors import Standing
from modules.selectors import course_progress
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience
from peer_exchange.selectors import sharing_of

DEADLINE_IS_NEAR = timedelta(days=14)


@dataclass(frozen=True)
class NextStep:
    """The one thing to do: a sentence, and a button unless there is only waiting."""

    sentence: str
    label: str = ""
    url: str = ""


@dataclass(frozen=True)
class ParticipantView:
    enrolment: Enrolment
    next_step: NextStep
    progress: Any
    completion: Any
    sharing: Any
    project: Project | None
    submission: Submission | None
    peers: list[CityExperience]
    # A round of peer review that goes on while they write.
    peer_round: PeerRound | None
    # Of the exchange: claims to confirm, follow-ups, talks.
    waiting: list[Duty]
    # Of other cities, that nobody of the own one has answered.
    questions: int

    @property
    def edition(self) -> Edition:
        return self.enrolment.edition


def participant_view(enrolment: Enrolment, at: datetime) -> ParticipantView:
    edition = enrolment.edition
    progress = course_progress(enrolment)
    sharing = sharing_of(enrolment)
    completion = completion_of(enrolment, progress=progress, sharing=sharing)
    project = Project.objects.filter(edition=edition).first()
    submission = (
        Submission.objects.filter(members__enrolment=enrolment, members__left_at=None)
        .defer("sections")
        .first()
    )
    peers = (
        CityExperience.objects.visible_to(enrolment.user)
        .filter(edition=edition, status=ExperienceStatus.PUBLISHED)
        .exclude(city=enrolment.city_id)
        .select_related("city")
        .order_by("-published_at")[:3]
    )
    return ParticipantView(
        enrolment=enrolment,
        next_step=_invitation_step(enrolment, at)
        or _review_step(enrolment, at)
        or _next_step(enrolment, progress, sharing, completion, project, submission, at),
        progress=progress,
        completion=completion,
        sharing=sharing,
        project=project,
        submission=submission,
        peers=list(peers),
        questions=open_questions(edition.pk, frozenset([enrolment.city_id])),
        peer_round=round_now(edition, at)
        if submission is None or _is_written(submission)
        else None,
        waiting=transfer_duties(enrolment.user, edition, at),
    )


def _invitation_step(enrolment: Enrolment, at: datetime) -> NextStep | None:
    """Somebody waits for an answer."""
    for invitation in invitations_to(enrolment, at):
        return NextStep(
            _("%(person)s would like to write the final project with you.")
            % {"person": invitation.invited_by},
            _("Read and answer the invitation"),
            reverse("assessments:invitation", args=[enrolment.edition.slug, invitation.pk]),
        )
    return None


def _review_step(enrolment: Enrolment, at: datetime) -> NextStep | None:
    """The draft of somebody else waits to be read."""
    review = review_waiting(enrolment, at)
    if review is None:
        return None
    url = reverse("assessments:peer_review", args=[enrolment.edition.slug, review.pk])
    if review.status == PeerReviewStatus.INVITED:
        return NextStep(
            _("You are asked to read the draft of another city and say what you think of it."),
            _("Read and answer"),
            url,
        )
    return NextStep(
        _("Your review of another city’s draft is not handed in yet."),
        _("Go on with your review"),
        url,
    )


def _next_step(
    enrolment: Enrolment,
    progress: Any,
    sharing: Any,
    completion: Any,
    project: Project | None,
    submission: Submission | None,
    at: datetime,
) -> NextStep:
    slug = enrolment.edition.slug
    project_url = reverse("assessments:project", args=[slug])
    writing = submission is None or _is_written(submission)
    if completion.certificate is not None and completion.certificate.issued_at:
        return NextStep(
            _("You have completed the diploma. Your certificate is ready."),
            _("See your certificate"),
            reverse("assessments:certificate", args=[slug]),
        )
    if submission is not None and submission.status == SubmissionStatus.RETURNED_FOR_REVISION:
        return NextStep(
            _("Your project came back with advice. Revise it and submit it again."),
            _("Open your project"),
            project_url,
        )
    if project and writing and _is_near(effective_deadline_of(project, submission).at, at):
        return NextStep(
            _("The deadline of your project is near."), _("Work on your project"), project_url
        )
    activity = progress.next_activity
    if activity is not None:
        begun = progress.done > 0
        return NextStep(
            _("Continue with “%(title)s”, about %(minutes)s minutes.")
            % {"title": activity.title, "minutes": activity.minutes}
            if begun
            else _("Begin the first lesson with “%(title)s”, about %(minutes)s minutes.")
            % {"title": activity.title, "minutes": activity.minutes},
            _("Continue where you stopped") if begun else _("Begin lesson 1"),
            activity.url,
        )
    # A text that waits for its city or the moderators needs nothing from its author.
    if len(sharing.experience_ids) < sharing.min_experiences and not sharing.underway:
        return NextStep(
            _("The lessons are done. Now tell the others what your city has learned."),
            _("Share your city’s experience"),
            reverse("peer_exchange:list", args=[slug]) + "#your-city",
        )
    if project and writing:
        return NextStep(
            _("Your project is waiting for your words."), _("Work on your project"), project_url
        )
    if not sharing.is_complete:
        return NextStep(
            _("Read what other cities have done and respond to them."),
            _("Read city experiences"),
            reverse("peer_exchange:list", args=[slug]),
        )
    if submission is not None and submission.status in (
        SubmissionStatus.SUBMITTED,
        SubmissionStatus.LOCKED_FOR_MARKING,
    ):
        return NextStep(
            _("Your project is with the instructors. There is nothing you need to do now."),
            _("See your receipt"),
            project_url,
        )
    missing = [text for found in completion.requirements for text in found.missing]
    return NextStep(
        _("Almost there. %(sentence)s") % {"sentence": missing[0]}
        if missing
        else _("Everything is done. Your certificate is being prepared."),
        _("See what is missing") if missing else _("See your certificate"),
        reverse("assessments:certificate", args=[slug]),
    )


def _is_written(submission: Submission) -> bool:
    return submission.status in (SubmissionStatus.DRAFT, SubmissionStatus.WITHDRAWN)


def _is_near(deadline_at: datetime, at: datetime) -> bool:
    return at <= deadline_at <= at + DEADLINE_IS_NEAR


def duties(user: User, edition: Edition, standing: Standing, at: datetime) -> list[Duty]:
    """What waits for this person's roles in an edition, most pressing first."""

    def has(*roles: str) -> bool:
        return user.is_superuser or standing.has_role(edition.pk, *roles)

    found = []
    if has(Role.INSTRUCTOR):
        found.append(_marking_duty(user, edition))
    if has(Role.MODERATOR):
        found.append(_moderation_duty(edition))
        found += [duty for duty in [reports_duty(edition)] if duty]
    if has(Role.COORDINATOR):
        found.append(_attendance_duty(edition, at))
        found.append(_cohort_duty(edition))
        found += [_places_duty(edition), _setup_duty(edition)]
        # Not where they mark these projects without names.
        if user.has_perm("assessments.view_teams", edition):
            found.append(_teams_duty(edition))
    if has(Role.INSTRUCTOR, Role.COORDINATOR):
        found += marking_duties(user, edition, at, coordinates=has(Role.COORDINATOR))
        found.append(_lessons_duty(edition))
        found.append(_deadline_duty(edition))
    if not user.is_superuser and standing.has_role(edition.pk, Role.CITY_TEAM):
        found.append(_city_duty(edition, standing))
        found += [duty for duty in [questions_duty(edition, standing)] if duty]
        found += transfer_duties(user, edition, at)
    return sorted(found, key=lambda duty: -duty.waiting)


def _marking_duty(user: User, edition: Edition) -> Duty:
    unmarked = Submission.objects.filter(edition=edition, status=SubmissionStatus.SUBMITTED).count()
    mine = Assessment.objects.filter(
        submission__edition=edition,
        marker=user,
        status__in=(AssessmentStatus.ALLOCATED, AssessmentStatus.IN_MARKING),
    ).count()
    waiting = ngettext(
        "%(count)d project waits for somebody to mark it.",
        "%(count)d projects wait for somebody to mark them.",
        unmarked,
    ) % {"count": unmarked}
    begun = ngettext(
        "You hold %(count)d project whose marks are not handed in.",
        "You hold %(count)d projects whose marks are not handed in.",
        mine,
    ) % {"count": mine}
    parts = [text for text, count in ((waiting, unmarked), (begun, mine)) if count]
    sentence = " ".join(parts) or _("Every project that was submitted has a marker.")
    return Duty(
        _("Marking"),
        sentence,
        _("Open the marking queue"),
        # Where the queue opens, those one holds are not shown.
        reverse("assessments:queue", args=[edition.slug])
        + ("?show=mine" if mine and not unmarked else ""),
        unmarked + mine,
    )


def _moderation_duty(edition: Edition) -> Duty:
    waiting = CityExperience.objects.filter(
        edition=edition, status=ExperienceStatus.IN_MODERATION
    ).count()
    return Duty(
        _("Moderation"),
        ngettext(
            "%(count)d city experience waits to be read before it is published.",
            "%(count)d city experiences wait to be read before they are published.",
            waiting,
        )
        % {"count": waiting}
        if waiting
        else _("No city experience waits to be published."),
        _("Open moderation"),
        reverse("peer_exchange:moderation", args=[edition.slug]),
        waiting,
    )


def _lessons_duty(edition: Edition) -> Duty:
    return Duty(
        _("Progress in the lessons"),
        _("Which activities each participant has done, lesson by lesson."),
        _("See the progress"),
        reverse("modules:cohort_progress", args=[edition.slug]),
        0,
    )


def _deadline_duty(edition: Edition) -> Duty:
    waiting = Extension.objects.waiting().filter(submission__edition=edition).count()
    return Duty(
        _("Deadline of the project"),
        ngettext(
            "%(count)d request for more time waits for an answer.",
            "%(count)d requests for more time wait for an answer.",
            waiting,
        )
        % {"count": waiting}
        if waiting
        else _("How far each project is, and who may miss the deadline."),
        _("See who is at risk"),
        reverse(
            "assessments:extensions" if waiting else "assessments:at_risk", args=[edition.slug]
        ),
        waiting,
    )


def _cohort_duty(edition: Edition) -> Duty:
    return Duty(
        _("The cohort"),
        _("Who has met which requirement, and what is still missing, person by person."),
        _("See completion"),
        reverse("assessments:completion", args=[edition.slug]),
        0,
    )


def _places_duty(edition: Edition) -> Duty:
    return Duty(
        _("Places"),
        _("Offer places, and move them along until they are guaranteed."),
        _("See the places"),
        reverse("programme:people", args=[edition.slug]),
        0,
    )


def _setup_duty(edition: Edition) -> Duty:
    return Duty(
        _("Setting up the project"),
        _("Guidelines, rubric, deadline and reminders of the final project."),
        _("Open the settings"),
        reverse("assessments:setup", args=[edition.slug]),
        0,
    )


def _teams_duty(edition: Edition) -> Duty:
    return Duty(
        _("Teams"),
        _("Who writes which final project; put somebody into a team, or take somebody out."),
        _("See the teams"),
        reverse("assessments:teams", args=[edition.slug]),
        0,
    )


def _attendance_duty(edition: Edition, at: datetime) -> Duty:
    counts = edition.sessions.aggregate(
        all=Count("pk", distinct=True),
        taken=Count("pk", filter=Q(attendances__isnull=False), distinct=True),
        waiting=Count("pk", filter=Q(starts_at__lte=at, attendances__isnull=True), distinct=True),
    )
    waiting = counts["waiting"]
    sentence = (
        ngettext(
            "%(count)d session has begun and nobody has taken its roll.",
            "%(count)d sessions have begun and nobody has taken their roll.",
            waiting,
        )
        % {"count": waiting}
        if waiting
        else _("Sessions with a roll begun: %(taken)s of %(all)s.") % counts
    )
    return Duty(
        _("Attendance"),
        sentence,
        _("Take attendance"),
        reverse("timetable:attendance", args=[edition.slug]),
        waiting,
    )


def _city_duty(edition: Edition, standing: Standing) -> Duty:
    unfinished = CityExperience.objects.filter(
        edition=edition,
        city__in=standing.team_cities(edition.pk),
        status__in=(ExperienceStatus.DRAFT, ExperienceStatus.CITY_CLEARANCE),
    ).count()
    return Duty(
        _("Your city’s experience"),
        ngettext(
            "%(count)d text is being written or waits for your mayor’s office.",
            "%(count)d texts are being written or wait for your mayor’s office.",
            unfinished,
        )
        % {"count": unfinished}
        if unfinished
        else _("What has your city done that another could take up?"),
        _("Open your city’s texts"),
        reverse("peer_exchange:list", args=[edition.slug]) + "#your-city",
        unfinished,
    )
