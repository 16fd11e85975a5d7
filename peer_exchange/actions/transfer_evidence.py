"""What shows that a practice was taken up, and how it goes after six and twelve months."""

from datetime import datetime
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import outbox
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_in_person
from lms.core.text import clean_reason, clean_text, count_words, require_length
from peer_exchange import tasks
from peer_exchange.actions.cleaning import REASON_MAX, clean_line
from peer_exchange.actions.transfers import append_event, locked_transfer
from peer_exchange.enums import TransferEventKind, TransferStatus
from peer_exchange.models import FollowUp, Transfer, TransferEvidence
from peer_exchange.models.transfer import EVIDENCE_TITLE_MAX

Kind = TransferEventKind
URL_MAX = 500
EVIDENCE_MOST = 50
_is_address = URLValidator(schemes=["http", "https"])


def clean_address(value: object, *, field: str, max_length: int = URL_MAX) -> str:
    """A web address of a page (http, https) without a password in it, or nothing."""
    address = clean_line(value, field=field, max_length=max_length)
    if not address:
        return ""
    try:
        _is_address(address)
        has_secret = "@" in urlsplit(address).netloc
    except (ValidationError, ValueError):
        has_secret = True
    if has_secret:
        raise InvalidInput(errors={field: [_("Use an address that begins with https://.")]})
    return address


@transaction.atomic
def add_evidence(
    *, transfer: Transfer, title: str, url: str = "", note: str = "", by: User, at: datetime
) -> TransferEvidence:
    """A link, a note or both. The same again is the same piece: a retry returns it."""
    transfer = locked_transfer(transfer)
    require_in_person(by, "peer_exchange.move_transfer", transfer)
    line = clean_line(title, field="title", max_length=EVIDENCE_TITLE_MAX)
    if not count_words(line):
        raise InvalidInput(errors={"title": [_("Say in a few words what it shows.")]})
    address = clean_address(url, field="url")
    text = clean_text(note, field="note").strip()
    require_length(text, at_most=REASON_MAX, field="note")
    if not address and not count_words(text):
        raise InvalidInput(errors={"note": [_("Give a link or a note.")]})
    standing = transfer.evidence.filter(removed_at=None)
    if before := standing.filter(title=line, url=address, note=text).first():
        return before
    if transfer.evidence.count() >= EVIDENCE_MOST:
        raise Conflict(_("There are many pieces of evidence already. Take one out first."))
    piece = TransferEvidence.objects.create(
        transfer=transfer, title=line, url=address, note=text, added_at=at, added_by=by
    )
    append_event(transfer, Kind.EVIDENCE_ADDED, by=by, at=at, why=line)
    return piece


@transaction.atomic
def remove_evidence(*, evidence: TransferEvidence, by: User, at: datetime) -> TransferEvidence:
    """Take a piece out of sight; it can be put back."""
    transfer, evidence = _locked_piece(evidence, by=by)
    if evidence.removed_at:
        raise Conflict(_("This is taken out already."))
    evidence.removed_at, evidence.removed_by = at, by
    evidence.save(update_fields=["removed_at", "removed_by"])
    append_event(transfer, Kind.EVIDENCE_REMOVED, by=by, at=at, why=evidence.title)
    return evidence


@transaction.atomic
def restore_evidence(*, evidence: TransferEvidence, by: User, at: datetime) -> TransferEvidence:
    """Undo `remove_evidence`."""
    transfer, evidence = _locked_piece(evidence, by=by)
    if not evidence.removed_at:
        raise Conflict(_("This has not been taken out."))
    evidence.removed_at, evidence.removed_by = None, None
    evidence.save(update_fields=["removed_at", "removed_by"])
    append_event(transfer, Kind.EVIDENCE_RESTORED, by=by, at=at, why=evidence.title)
    return evidence


def _locked_piece(evidence: TransferEvidence, *, by: User) -> tuple[Transfer, TransferEvidence]:
    transfer = locked_transfer(evidence.transfer)
    require_in_person(by, "peer_exchange.move_transfer", transfer)
    return transfer, TransferEvidence.objects.select_for_update().get(pk=evidence.pk)


@transaction.atomic
def ask_follow_up(*, follow_up: FollowUp, by: User | None, at: datetime) -> bool:
    """Ask the adopting city how it is going, once. False when it was asked before, is not
    due, or the transfer has been stopped. `by` None: Celery's beat."""
    transfer = locked_transfer(follow_up.transfer)
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    is_over = transfer.status == TransferStatus.STOPPED
    if follow_up.asked_at or follow_up.answered_at or follow_up.due_at > at or is_over:
        return False
    follow_up.asked_at = at
    follow_up.save(update_fields=["asked_at"])
    append_event(transfer, Kind.FOLLOW_UP_ASKED, by=by, at=at, why=str(follow_up.months))
    outbox.enqueue(tasks.send_follow_up, follow_up_id=follow_up.pk)
    return True


@transaction.atomic
def answer_follow_up(*, follow_up: FollowUp, answer: str, by: User, at: datetime) -> FollowUp:
    """Say how it is going. Saying it again replaces what is shown; the history keeps both."""
    transfer = locked_transfer(follow_up.transfer)
    require_in_person(by, "peer_exchange.move_transfer", transfer)
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    if follow_up.due_at > at:
        raise Conflict(_("This follow-up is not due yet."))
    words = clean_reason(answer, field="answer", longest=REASON_MAX)
    if words == follow_up.answer:
        return follow_up
    follow_up.answer, follow_up.answered_at, follow_up.answered_by = words, at, by
    follow_up.save(update_fields=["answer", "answered_at", "answered_by"])
    append_event(transfer, Kind.FOLLOW_UP_ANSWERED, by=by, at=at, why=words)
    return follow_up
