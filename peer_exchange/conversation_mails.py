"""Mails of the conversation. What they say is read when they are written, through the same
gates as the pages: nothing hidden, muted or under embargo meanwhile is told."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.enums import MailKind
from lms.accounts.mailing import DIGESTS, digest_cut, send_chosen, send_digest, wants
from lms.accounts.models import User
from lms.core.mail import send_message
from lms.programme.enums import Role
from lms.programme.models import Enrolment
from lms.programme.selectors import people_with_role
from peer_exchange.actions.spreading import KIND_OF
from peer_exchange.enums import NoticeReason, ReportStatus
from peer_exchange.models import CityExperience, Notice, Report, Response, SharingRevision
from peer_exchange.selectors.blocking import hidden_authors
from peer_exchange.selectors.sharing_rule import rule_in_words

EXCERPT = 400
EXCERPT_IN_DIGEST = 160
MOST_IN_DIGEST = 30


@transaction.atomic
def tell(*, notice_id: int, by: None, at: datetime) -> bool:
    """Send the mail of one notice to whoever wants it at once; whether it was sent now."""
    notice = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("user", "experience__edition", "experience__city")
        .filter(pk=notice_id, told_at__isnull=True)
        .first()
    )
    if notice is None:
        return False
    kind = KIND_OF[NoticeReason(notice.reason)]
    if wants(notice.user, kind) in DIGESTS:
        return False  # chosen so meanwhile: it waits for the digest
    still = _still_there(notice.user, [notice])
    sent = False
    if still:
        sent = send_chosen(to=notice.user, kind=kind, **_message(still[0]))
    notice.told_at = at
    notice.save(update_fields=["told_at"])
    return sent


@transaction.atomic
def tell_in_digest(*, user: User, by: None, at: datetime) -> int:
    """Send what is due of somebody's digests, one mail a kind; how many notices they told."""
    told = 0
    for kind in (MailKind.MENTIONS, MailKind.RESPONSES, MailKind.FOLLOWED):
        cadence = wants(user, kind)
        if cadence not in DIGESTS:
            continue
        reasons = [reason for reason, of in KIND_OF.items() if of == kind]
        due = list(
            Notice.objects.select_for_update(of=("self",))
            .select_related("experience__edition", "experience__city")
            .filter(
                user=user,
                reason__in=reasons,
                told_at__isnull=True,
                created_at__lt=digest_cut(user, cadence, at),
            )
            .order_by("pk")
        )
        still = _still_there(user, due)
        if still:
            send_digest(to=user, kind=kind, **_digest(kind, still))
            told += len(still)
        Notice.objects.filter(pk__in=[notice.pk for notice in due]).update(told_at=at)
    return told


def tell_author_hidden(response: Response) -> None:
    """Say why; nothing when it is shown again."""
    if not response.hidden_at:
        return
    title = response.experience.title
    send_chosen(
        to=response.author,
        kind=MailKind.MODERATION,
        subject=_("A moderator has hidden your response: %(title)s") % {"title": title},
        paragraphs=[
            _("A moderator has hidden your response to “%(title)s” from the cohort:")
            % {"title": title},
            response.hidden_reason,
            _("You still see it. Write to the moderators if you think that they are mistaken."),
        ],
        action_url=place_of(response),
        action_label=_("See your response"),
    )


def tell_moderators_reported(report: Report) -> None:
    """The first report of something; the others stand in the queue beside it."""
    if report.status != ReportStatus.OPEN:
        return
    edition = report.experience.edition
    for moderator in people_with_role(edition, Role.MODERATOR):
        if moderator.pk == report.reporter_id:
            continue
        send_chosen(
            to=moderator,
            kind=MailKind.MODERATION,
            subject=_("Reported: %(title)s") % {"title": report.experience.title},
            paragraphs=[
                _("Somebody has asked the moderators to look at a response.")
                if report.response_id
                else _("Somebody has asked the moderators to look at an experience."),
                str(report.get_reason_display()),
            ],
            action_url=reverse("peer_exchange:reports", args=[edition.slug]),
            action_label=_("Open the reports"),
        )


def tell_reporter_settled(report: Report) -> None:
    """What became of a report; nothing when it waits again."""
    if report.status not in (ReportStatus.UPHELD, ReportStatus.DISMISSED):
        return
    upheld = report.status == ReportStatus.UPHELD
    send_chosen(
        to=report.reporter,
        kind=MailKind.MODERATION,
        subject=_("Your report: %(title)s") % {"title": report.experience.title},
        paragraphs=[
            _("A moderator agrees with your report about “%(title)s”. Thank you.")
            if upheld
            else _("A moderator has looked at your report about “%(title)s” and left it as it is:"),
            *([] if upheld else [report.settled_words]),
        ],
        action_url=address_of(report.experience),
        action_label=_("Read the experience"),
    )


def tell_rule_changed(revision_id: int, enrolment_ids: list[int]) -> None:
    """About one's own diploma: always sent, to whoever has to do more now."""
    revision = SharingRevision.objects.select_related("policy__edition").get(pk=revision_id)
    edition = revision.policy.edition
    for enrolment in Enrolment.objects.filter(pk__in=enrolment_ids).select_related("user"):
        send_message(
            to=enrolment.user,
            subject=_("What counts for your diploma has changed: %(edition)s")
            % {"edition": edition.name},
            paragraphs=[
                _("The programme has changed what counts as sharing your city’s experience:"),
                *rule_in_words(revision.rule),
                _("The reason: %(reason)s") % {"reason": revision.reason},
                _("A certificate that you have stays valid while somebody looks at it."),
            ],
            action_url=reverse("peer_exchange:sharing_rule", args=[edition.slug]),
            action_label=_("Read the rule"),
        )


def address_of(experience: CityExperience) -> str:
    return reverse("peer_exchange:detail", args=[experience.edition.slug, experience.pk])


def place_of(response: Response) -> str:
    slug = response.experience.edition.slug
    address = reverse("peer_exchange:thread", args=[slug, response.head_id])
    return f"{address}?to={response.pk}#response-{response.pk}"


def reply_address(response: Response) -> str:
    slug = response.experience.edition.slug
    return reverse("peer_exchange:reply", args=[slug, response.pk])


def _still_there(user: User, notices: list[Notice]) -> list[Notice]:
    """Those of which the person may still read what they are about, with it attached."""
    away = hidden_authors(user)
    responses = {
        response.pk: response
        for response in Response.objects.visible_to(user)
        .shown()
        .filter(pk__in=[notice.response_id for notice in notices if notice.response_id])
        .exclude(author__in=away)
        .exclude(thread__hidden_at__isnull=False)
        .select_related("author", "city", "experience__edition", "experience__city")
    }
    experiences = set(
        CityExperience.objects.visible_to(user)
        .readable()
        .filter(pk__in=[notice.experience_id for notice in notices])
        .values_list("pk", flat=True)
    )
    still = []
    for notice in notices:
        if notice.experience_id not in experiences:
            continue
        if notice.response_id:
            if notice.response_id not in responses:
                continue
            notice.response = responses[notice.response_id]
        still.append(notice)
    return still


def _message(notice: Notice) -> dict[str, Any]:
    experience, response = notice.experience, notice.response
    if response is None:
        return {
            "subject": _("%(city)s: %(title)s")
            % {"city": experience.city, "title": experience.title},
            "paragraphs": [
                _("%(city)s, which you follow, has published an experience:")
                % {"city": experience.city},
                experience.title,
                experience.summary,
            ],
            "action_url": address_of(experience),
            "action_label": _("Read the experience"),
        }
    said = {"person": _speaker(response), "title": experience.title}
    sentence = {
        NoticeReason.MENTION: _("%(person)s mentions you about “%(title)s”:"),
        NoticeReason.REPLY: _("%(person)s answers you about “%(title)s”:"),
        NoticeReason.ANSWER: _("Your question about “%(title)s” is answered by %(person)s:"),
        NoticeReason.OWN: _("%(person)s writes about your city’s experience “%(title)s”:"),
        NoticeReason.FOLLOWED: _("%(person)s writes about “%(title)s”, which you follow:"),
    }[NoticeReason(notice.reason)]
    return {
        "subject": _("%(person)s on “%(title)s”") % said,
        "paragraphs": [
            sentence % said,
            _cut(response.body, EXCERPT),
            _("In its place: %(address)s") % {"address": _whole(place_of(response))},
        ],
        "action_url": reply_address(response),
        "action_label": _("Answer %(person)s") % {"person": response.author.get_short_name()},
    }


def _digest(kind: MailKind, notices: list[Notice]) -> dict[str, Any]:
    shown = notices[:MOST_IN_DIGEST]
    by_experience: dict[int, list[Notice]] = defaultdict(list)
    for notice in shown:
        by_experience[notice.experience_id].append(notice)
    paragraphs = []
    for of_one in by_experience.values():
        experience = of_one[0].experience
        lines = [f"{experience.city}: {experience.title}", _whole(address_of(experience))]
        for notice in of_one:
            if notice.response is None:
                lines.append(_("New: %(summary)s") % {"summary": experience.summary})
                continue
            said = _cut(notice.response.body, EXCERPT_IN_DIGEST)
            lines.append(f"• {_speaker(notice.response)}: {said}")
            lines.append(
                _("Answer: %(address)s") % {"address": _whole(reply_address(notice.response))}
            )
        paragraphs.append("\n".join(lines))
    if len(notices) > len(shown):
        left = len(notices) - len(shown)
        paragraphs.append(
            ngettext("And %(count)d more.", "And %(count)d more.", left) % {"count": left}
        )
    edition = notices[0].experience.edition
    return {
        "subject": ngettext(
            "%(kind)s: %(count)d piece of news", "%(kind)s: %(count)d pieces of news", len(notices)
        )
        % {"kind": kind.label, "count": len(notices)},
        "paragraphs": paragraphs,
        "action_url": reverse("peer_exchange:list", args=[edition.slug]),
        "action_label": _("Open the exchange"),
    }


def _speaker(response: Response) -> str:
    if response.city is None:
        return str(response.author)
    return f"{response.author} ({response.city})"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _whole(address: str) -> str:
    return settings.SITE_URL.rstrip("/") + address
