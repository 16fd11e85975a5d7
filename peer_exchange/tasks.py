from celery import shared_task

from lms.accounts.models import User
from lms.core import clock
from peer_exchange import conversation_notifications, notifications, transfer_notifications
from peer_exchange.models import CityExperience, FollowUp, Report, Response, Talk, Transfer


@shared_task
def send_experience_published(experience_id: int) -> None:
    notifications.tell_authors_published(CityExperience.objects.get(pk=experience_id))


@shared_task
def end_embargo(experience_id: int) -> None:
    from peer_exchange.actions.taking_over import end_embargo

    experience = CityExperience.objects.get(pk=experience_id)
    end_embargo(experience=experience, by=None, at=clock.now())


@shared_task
def send_experience_returned(experience_id: int) -> None:
    notifications.tell_authors_returned(CityExperience.objects.get(pk=experience_id))


@shared_task
def send_experience_archived(experience_id: int) -> None:
    notifications.tell_authors_archived(CityExperience.objects.get(pk=experience_id))


@shared_task
def index_everything() -> None:
    """Promised by a migration, for what was written before there was an index."""
    from peer_exchange.actions.indexing import index_all

    index_all()


@shared_task
def promise_search_digests() -> None:
    from peer_exchange.actions.searches import promise_digests

    promise_digests(by=None, at=clock.now())


@shared_task
def send_search_digest(user_id: int) -> None:
    from peer_exchange.actions.searches import send_search_digest as send

    send(by=User.objects.get(pk=user_id), at=clock.now())


@shared_task
def send_transfer_claimed(transfer_id: int) -> None:
    transfer_notifications.tell_source_claimed(Transfer.objects.with_words().get(pk=transfer_id))


@shared_task
def send_transfer_moved(transfer_id: int, status: str) -> None:
    transfer_notifications.tell_source_moved(
        Transfer.objects.with_words().get(pk=transfer_id), status
    )


@shared_task
def send_transfer_answered(transfer_id: int, answer: str) -> None:
    transfer = Transfer.objects.with_words().get(pk=transfer_id)
    transfer_notifications.tell_adopter_answered(transfer, answer)


@shared_task
def ask_transfer_follow_ups() -> int:
    """Ask every adopting city whose six or twelve months have passed. Returns how many."""
    from peer_exchange.actions.transfer_evidence import ask_follow_up
    from peer_exchange.selectors.transfers import follow_ups_to_ask

    now = clock.now()
    return sum(ask_follow_up(follow_up=row, by=None, at=now) for row in follow_ups_to_ask(now))


@shared_task
def send_follow_up(follow_up_id: int) -> None:
    transfer_notifications.ask_how_it_goes(FollowUp.objects.get(pk=follow_up_id))


@shared_task
def send_talk_proposed(talk_id: int) -> None:
    transfer_notifications.tell_asked_to_talk(Talk.objects.with_words().get(pk=talk_id))


@shared_task
def send_talk_answered(talk_id: int, status: str) -> None:
    transfer_notifications.tell_talk_answered(Talk.objects.with_words().get(pk=talk_id), status)


# --- Conversation: who is told, in batches (actions.spreading), and the mails. ---


@shared_task
def spread_response(response_id: int) -> None:
    from peer_exchange.actions import spreading

    spreading.spread_response(response=_response(response_id), by=None, at=clock.now())


@shared_task
def tell_response_followers(response_id: int, first: int, last: int) -> None:
    from peer_exchange.actions import spreading

    spreading.tell_response_followers(
        response=_response(response_id), first=first, last=last, by=None, at=clock.now()
    )


@shared_task
def spread_answer(question_id: int) -> None:
    from peer_exchange.actions import spreading

    spreading.spread_answer(question=_response(question_id), by=None, at=clock.now())


@shared_task
def spread_publication(experience_id: int) -> None:
    from peer_exchange.actions import spreading

    experience = CityExperience.objects.get(pk=experience_id)
    spreading.spread_publication(experience=experience, by=None, at=clock.now())


@shared_task
def tell_city_followers(experience_id: int, first: int, last: int) -> None:
    from peer_exchange.actions import spreading

    experience = CityExperience.objects.get(pk=experience_id)
    spreading.tell_city_followers(
        experience=experience, first=first, last=last, by=None, at=clock.now()
    )


@shared_task
def send_notice(notice_id: int) -> None:
    from peer_exchange.actions.telling import tell

    tell(notice_id=notice_id, by=None, at=clock.now())


@shared_task
def promise_exchange_digests() -> int:
    from peer_exchange.actions import spreading

    return spreading.promise_digests(by=None, at=clock.now())


@shared_task
def send_exchange_digest(user_id: int) -> None:
    from peer_exchange.actions.telling import tell_in_digest

    tell_in_digest(user=User.objects.get(pk=user_id), by=None, at=clock.now())


@shared_task
def send_response_hidden(response_id: int) -> None:
    conversation_notifications.tell_author_hidden(_response(response_id))


@shared_task
def send_wording_withheld(response_id: int, number: int) -> None:
    conversation_notifications.tell_author_wording_withheld(_response(response_id), number)


@shared_task
def send_report_waiting(report_id: int) -> None:
    reports = Report.objects.select_related("experience__edition")
    conversation_notifications.tell_moderators_reported(reports.get(pk=report_id))


@shared_task
def send_reports_settled(report_ids: list[int]) -> None:
    for report in Report.objects.filter(pk__in=report_ids).select_related(
        "experience__edition", "reporter"
    ):
        conversation_notifications.tell_reporter_settled(report)


@shared_task
def send_sharing_rule_changed(revision_id: int, enrolment_ids: list[int]) -> None:
    conversation_notifications.tell_rule_changed(revision_id, enrolment_ids)


def _response(pk: int) -> Response:
    return Response.objects.select_related(
        "experience__edition", "author", "parent", "thread", "answer"
    ).get(pk=pk)
