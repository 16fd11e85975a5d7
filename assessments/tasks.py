from celery import shared_task

from assessments import notifications
from assessments.models import Attempt, Certificate, Grade, RevisionRequest
from lms.core import clock
from lms.programme.models import Enrolment


@shared_task
def send_receipt(attempt_id: int) -> None:
    notifications.receipt(
        Attempt.objects.select_related("submitted_by", "guidelines", "project__edition").get(
            pk=attempt_id
        )
    )


@shared_task
def send_returned(revision_request_id: int) -> None:
    notifications.returned_for_revision(
        RevisionRequest.objects.select_related(
            "requested_by", "attempt__owner__user", "attempt__project__edition"
        ).get(pk=revision_request_id)
    )


@shared_task
def send_grade_released(grade_id: int) -> None:
    notifications.grade_released(_grade(grade_id))


@shared_task
def send_grade_amended(grade_id: int, revision: int) -> None:
    notifications.grade_amended(_grade(grade_id), revision=revision)


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


def _grade(grade_id: int) -> Grade:
    return Grade.objects.select_related("current", "edition", "submission__owner__user").get(
        pk=grade_id
    )


def _certificate(certificate_id: int) -> Certificate:
    return Certificate.objects.select_related("edition", "enrolment__user").get(pk=certificate_id)
