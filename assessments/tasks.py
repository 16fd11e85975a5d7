from celery import shared_task

from assessments import (
    deadline_notifications,
    notifications,
    peer_notifications,
    queue_notifications,
    release_notifications,
    team_notifications,
)
from assessments.enums import PeerReviewStatus
from assessments.models import (
    AllocationRun,
    Appeal,
    Attempt,
    Certificate,
    DeadlineReminder,
    DeadlineSubmission,
    DeclaredConflict,
    Extension,
    ExtensionDecision,
    Grade,
    LatenessRuling,
    PeerReview,
    PeerRound,
    Release,
    RevisionRequest,
    Submission,
    TeamInvitation,
)
from assessments.selectors.cohort import people_of_round
from lms.accounts.models import User
from lms.core import clock, outbox
from lms.programme.models import Enrolment


@shared_task
def send_receipt(attempt_id: int, user_id: int | None = None) -> None:
    attempt = Attempt.objects.select_related(
        "submitted_by", "owner__user", "guidelines", "project__edition"
    ).get(pk=attempt_id)
    notifications.receipt(attempt, to=_person(user_id) or attempt.submitted_by)


@shared_task
def send_returned(revision_request_id: int, user_id: int | None = None) -> None:
    request = RevisionRequest.objects.select_related(
        "requested_by", "attempt__owner__user", "attempt__project__edition"
    ).get(pk=revision_request_id)
    notifications.returned_for_revision(request, to=_person(user_id) or request.attempt.owner.user)


@shared_task
def send_grade_released(grade_id: int, user_id: int | None = None) -> None:
    grade = _grade(grade_id)
    release_notifications.grade_released(
        grade.edition, to=_person(user_id) or grade.submission.owner.user
    )


@shared_task
def send_grade_amended(grade_id: int, revision: int, user_id: int | None = None) -> None:
    grade = _grade(grade_id)
    notifications.grade_amended(
        grade, revision=revision, to=_person(user_id) or grade.submission.owner.user
    )


@shared_task
def send_grade_voided(grade_id: int, user_id: int) -> None:
    release_notifications.grade_voided(_grade(grade_id), to=User.objects.get(pk=user_id))


@shared_task
def send_release_to_confirm(release_id: int) -> None:
    release_notifications.release_to_confirm(
        Release.objects.select_related("edition", "made_by").get(pk=release_id)
    )


@shared_task
def begin_release(release_id: int) -> None:
    from assessments.actions.carrying_out import begin_release as begin

    begin(release=Release.objects.get(pk=release_id), at=clock.now())


@shared_task
def release_part(release_id: int, part: int) -> None:
    from assessments.actions.carrying_out import release_part as carry_out

    carry_out(release=Release.objects.get(pk=release_id), part=part, at=clock.now())


@shared_task
def sweep_releases() -> int:
    from assessments.actions.carrying_out import sweep_releases as sweep

    return sweep(at=clock.now())


@shared_task
def send_appeal_received(appeal_id: int) -> None:
    release_notifications.appeal_received(_appeal(appeal_id))


@shared_task
def send_appeal_assigned(appeal_id: int) -> None:
    release_notifications.appeal_assigned(_appeal(appeal_id))


@shared_task
def send_appeal_decided(appeal_id: int, user_id: int) -> None:
    release_notifications.appeal_decided(_appeal(appeal_id), to=User.objects.get(pk=user_id))


@shared_task
def send_team_invitation(invitation_id: int) -> None:
    team_notifications.team_invitation(
        TeamInvitation.objects.select_related(
            "enrolment__user", "invited_by", "submission__edition"
        ).get(pk=invitation_id)
    )


@shared_task
def send_team_news(submission_id: int, news: str, user_id: int, about_id: int, reason: str) -> None:
    team_notifications.team_news(
        Submission.objects.select_related("edition").get(pk=submission_id),
        news=news,
        to=User.objects.get(pk=user_id),
        about=User.objects.get(pk=about_id),
        reason=reason,
    )


@shared_task
def send_allocated(run_id: int, user_id: int, given: int, taken: int) -> None:
    queue_notifications.allocated(
        AllocationRun.objects.select_related("by", "project__edition").get(pk=run_id),
        to=User.objects.get(pk=user_id),
        given=given,
        taken=taken,
    )


@shared_task
def send_conflict_declared(conflict_id: int, handed_back: int) -> None:
    queue_notifications.conflict_declared(
        DeclaredConflict.objects.select_related("person", "edition").get(pk=conflict_id),
        handed_back=handed_back,
    )


@shared_task
def send_peer_news(review_id: int, news: str, user_id: int | None = None) -> None:
    """To the reviewer, unless it says to whom. A reminder that comes too late is none."""
    review = PeerReview.objects.select_related(
        "round__edition",
        "reviewer__user",
        "draft__entry__submission__owner__user",
        "draft__entry__submission__owner__city",
    ).get(pk=review_id)
    gone = (PeerReviewStatus.DECLINED, PeerReviewStatus.REALLOCATED)
    if news in ("invited", "reminder") and review.status in gone:
        return
    if news == "reminder" and review.status == PeerReviewStatus.SUBMITTED:
        return
    peer_notifications.peer_news(review, news=news, to=_person(user_id) or review.reviewer.user)


@shared_task
def tell_of_peer_round(round_id: int, news: str) -> int:
    """A letter each, so that one that fails is tried again and no other is sent twice."""
    people = people_of_round(PeerRound.objects.select_related("project").get(pk=round_id))
    for user_id in people:
        outbox.enqueue(send_peer_round, round_id=round_id, news=news, user_id=user_id)
    return len(people)


@shared_task
def send_peer_round(round_id: int, news: str, user_id: int) -> None:
    """Unless it was called off meanwhile: then only that is told."""
    peer_round = PeerRound.objects.select_related("edition").get(pk=round_id)
    if (peer_round.called_off_at is None) == (news != "called_off"):
        to = User.objects.get(pk=user_id)
        peer_notifications.round_news(peer_round, news=news, to=to, at=clock.now())


@shared_task
def find_reviewers(round_id: int) -> None:
    """Somebody declined: another is asked, unless the round is over meanwhile."""
    from assessments.actions.peer_rounds import allocate_reviews

    peer_round = PeerRound.objects.get(pk=round_id)
    at = clock.now()
    if peer_round.called_off_at is None and at < peer_round.closes_at:
        allocate_reviews(peer_round=peer_round, by=None, at=at)


@shared_task
def mind_peer_rounds() -> int:
    """Find the rounds that are open; each is minded by a message of its own, so that one that
    fails is tried again and holds up no other."""
    at = clock.now()
    going = PeerRound.objects.filter(called_off_at=None, opens_at__lte=at, closes_at__gt=at)
    for peer_round in going.order_by("pk"):
        outbox.enqueue_once(mind_peer_round, round_id=peer_round.pk)
    return len(going)


@shared_task
def mind_peer_round(round_id: int) -> None:
    from assessments.actions.peer_rounds import mind_round

    mind_round(peer_round=PeerRound.objects.get(pk=round_id), at=clock.now())


@shared_task
def sweep_leases() -> None:
    from assessments.actions.leases import sweep_leases as sweep

    sweep(by=None, at=clock.now())


@shared_task
def expire_team_invitations() -> None:
    from assessments.actions.invitations import expire_invitations

    expire_invitations(at=clock.now())


@shared_task
def send_extension_requested(extension_id: int) -> None:
    deadline_notifications.extension_requested(
        Extension.objects.select_related(
            "requested_by", "submission__edition", "submission__owner__city"
        ).get(pk=extension_id)
    )


@shared_task
def send_extension_decided(decision_id: int, user_id: int) -> None:
    deadline_notifications.extension_decided(
        ExtensionDecision.objects.select_related(
            "decided_by", "extension__submission__edition", "extension__submission__project"
        ).get(pk=decision_id),
        to=User.objects.get(pk=user_id),
    )


@shared_task
def send_lateness_ruled(ruling_id: int, user_id: int) -> None:
    deadline_notifications.lateness_ruled(
        LatenessRuling.objects.select_related("ruled_by", "attempt__submission__edition").get(
            pk=ruling_id
        ),
        to=User.objects.get(pk=user_id),
    )


@shared_task
def send_deadline_reminder(reminder_id: int) -> None:
    """Unless they have handed in, left, or been given another deadline meanwhile."""
    from assessments.selectors.cohort import standings_in

    reminder = DeadlineReminder.objects.select_related("project__edition").get(pk=reminder_id)
    for standing in standings_in(reminder.project, only=[reminder.enrolment_id]):
        at = clock.now()
        if standing.has_handed_in or standing.deadline.at != reminder.deadline_at:
            continue
        if at < standing.deadline.at:
            deadline_notifications.deadline_reminder(reminder, standing, at)


@shared_task
def send_deadline_submission_incomplete(wish_id: int, user_id: int) -> None:
    deadline_notifications.deadline_submission_incomplete(
        DeadlineSubmission.objects.select_related("submission__edition", "submission__project").get(
            pk=wish_id
        ),
        to=User.objects.get(pk=user_id),
    )


@shared_task
def send_guidelines_required(submission_id: int, number: int, reason: str, user_id: int) -> None:
    deadline_notifications.guidelines_required(
        Submission.objects.select_related("edition").get(pk=submission_id),
        number=number,
        reason=reason,
        to=User.objects.get(pk=user_id),
    )


@shared_task
def promise_reminders() -> int:
    from assessments.actions.reminders import promise_reminders as promise

    return len(promise(at=clock.now()))


@shared_task
def settle_deadline_submissions() -> int:
    """Find what is due, also what a worker that was down has left behind; each is settled
    by a message of its own, so that one that fails is tried again and holds up no other."""
    from assessments.selectors.deadlines import due_wishes

    due = due_wishes(clock.now())
    for wish_id in due:
        outbox.enqueue_once(settle_deadline_submission, wish_id=wish_id)
    return len(due)


@shared_task
def settle_deadline_submission(wish_id: int) -> None:
    from assessments.actions.at_deadline import settle_deadline_submission as settle

    settle(
        wish=DeadlineSubmission.objects.select_related("submission").get(pk=wish_id),
        at=clock.now(),
    )


@shared_task(reads_what_is=True)
def review_completion(enrolment_id: int) -> None:
    # Actions queue these tasks, so they are imported when a task runs.
    from assessments.actions.completion import review_completion as review

    review(enrolment=Enrolment.objects.get(pk=enrolment_id), at=clock.now())


@shared_task
def issue_certificate(certificate_id: int) -> None:
    from assessments.actions.certificates import issue_certificate as issue

    issue(certificate=_certificate(certificate_id), at=clock.now())


@shared_task
def send_certificate(certificate_id: int) -> None:
    notifications.certificate_issued(_certificate(certificate_id))


@shared_task
def send_review_opened(certificate_id: int) -> None:
    notifications.certificate_review_opened(_certificate(certificate_id))


@shared_task
def send_review_closed(certificate_id: int) -> None:
    notifications.certificate_review_closed(_certificate(certificate_id))


@shared_task
def sweep_uploads() -> None:
    from assessments.actions.sweeping import sweep_uploads as sweep

    sweep(at=clock.now())


def _person(user_id: int | None) -> User | None:
    """None where a message was promised before projects had several members."""
    return None if user_id is None else User.objects.get(pk=user_id)


def _grade(grade_id: int) -> Grade:
    return Grade.objects.select_related("current", "edition", "submission__owner__user").get(
        pk=grade_id
    )


def _appeal(appeal_id: int) -> Appeal:
    return Appeal.objects.select_related("edition", "assessment__marker").get(pk=appeal_id)


def _certificate(certificate_id: int) -> Certificate:
    return Certificate.objects.select_related("edition", "enrolment__user").get(pk=certificate_id)
