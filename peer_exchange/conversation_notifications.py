"""Mails of the conversation. What they say is read when they are written, through the same
gates as the pages: nothing hidden, muted or under embargo meanwhile is told."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.enums import MailKind
from lms.accounts.mailing import send_chosen
from lms.core.mail import send_message
from lms.programme.enums import Role
from lms.programme.models import Enrolment
from lms.programme.selectors import people_with_role
from peer_exchange.addresses import address_of, place_of, reply_address
from peer_exchange.enums import NoticeReason, ReportStatus
from peer_exchange.models import (
    Notice,
    Report,
    Response,
    SharingRevision,
    WithheldWording,
)
from peer_exchange.rules import is_responder_reported
from peer_exchange.selectors.sharing_rule import rule_in_words

EXCERPT = 400
EXCERPT_IN_DIGEST = 160
MOST_IN_DIGEST = 30


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


def tell_author_wording_withheld(response: Response, number: int) -> None:
    """Say why; nothing when it was brought back meanwhile."""
    withheld = WithheldWording.objects.filter(
        revision__response=response, revision__number=number
    ).first()
    if withheld is None:
        return
    title = response.experience.title
    slug = response.experience.edition.slug
    send_chosen(
        to=response.author,
        kind=MailKind.MODERATION,
        subject=_("An earlier wording of your response is taken away: %(title)s")
        % {"title": title},
        paragraphs=[
            _(
                "A moderator has taken an earlier wording out of the history of your response "
                "to “%(title)s”. What stands there now stays."
            )
            % {"title": title},
            withheld.reason,
        ],
        action_url=reverse("peer_exchange:wordings", args=[slug, response.pk]),
        action_label=_("See every wording"),
    )


def tell_moderators_reported(report: Report) -> None:
    """The first report of something; the others stand in the queue beside it."""
    if report.status != ReportStatus.OPEN:
        return
    edition = report.experience.edition
    for moderator in people_with_role(edition, Role.MODERATOR):
        if moderator.pk == report.reporter_id or is_responder_reported(moderator, report):
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


def message_of(notice: Notice) -> dict[str, Any]:
    """What one notice says, as `send_chosen` takes it."""
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


def digest_of(kind: MailKind, notices: list[Notice]) -> dict[str, Any]:
    """What several say, as `send_stoppable` takes it."""
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
