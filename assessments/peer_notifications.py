"""Messages of peer review."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import PeerReview, PeerRound
from assessments.notifications import moment_for
from assessments.selectors.peer import shown_reviewer, shown_writer
from lms.accounts.models import User
from lms.core.mail import send_message


def round_news(peer_round: PeerRound, *, news: str, to: User, at: datetime) -> None:
    """To those who still write. `news`: opened, moved or called_off."""
    values = {
        "title": peer_round.title,
        "edition": peer_round.edition.name,
        "start": moment_for(to, peer_round.opens_at, peer_round.zone),
        "end": moment_for(to, peer_round.closes_at, peer_round.zone),
    }
    if peer_round.takes_all:
        enter = _("Your draft takes part by itself as soon as there are words in it. It is read as "
                  "it stands when reviewers are found, from %(start)s on.")  # fmt: skip
    elif at < peer_round.opens_at:
        enter = _("Enter your draft by %(start)s: it is read as it stands when reviewers are "
                  "found. Later it is possible while somebody is left to read it.")  # fmt: skip
    else:
        enter = _("Reviewers are found from now on: enter your draft while somebody is left to "
                  "read it. It is read as it stands then.")  # fmt: skip
    dates = [
        enter,
        _("The drafts for you to read come in a letter then; your reviews are due by %(end)s."),
    ]
    subject, sentences = {
        "opened": (
            _("Drafts are read by colleagues: %(title)s"),
            [
                _("In “%(edition)s” participants of other cities read your draft before you hand "
                  "it in, and you read theirs. It is advice and no mark."),
                *dates,
            ],
        ),
        "moved": (
            _("Other dates: %(title)s"),
            [_("The dates of this round of peer review in “%(edition)s” have changed."), *dates],
        ),
        "called_off": (
            _("Called off: %(title)s"),
            [
                _("This round of peer review in “%(edition)s” was called off. No review is "
                  "written any more; those handed in stay readable."),
            ],
        ),
    }[news]  # fmt: skip
    send_message(
        to=to,
        subject=subject % values,
        paragraphs=[sentence % values for sentence in sentences],
        action_url=reverse("assessments:peer_reviews", args=[peer_round.edition.slug]),
        action_label=_("Open peer review"),
    )


def peer_news(review: PeerReview, *, news: str, to: User) -> None:
    """`news`: invited, reminder, reallocated, received or rated."""
    peer_round = review.round
    slug = peer_round.edition.slug
    end = moment_for(to, peer_round.closes_at, peer_round.zone)
    answer = moment_for(to, review.answer_until_at, peer_round.zone)
    values = {
        "writer": shown_writer(review, to),
        "reviewer": shown_reviewer(review, to),
        "end": end,
        "answer": answer,
        "usefulness": review.usefulness,
    }
    subject, sentences, label = {
        "invited": (
            _("A draft for you to review"),
            [
                _("You are asked to review the draft of %(writer)s before it is handed in."),
                _("Say by %(answer)s whether you will; the review itself is due by %(end)s."),
                _("If you cannot, decline with a reason, so that somebody else is found."),
            ],
            _("Read and answer"),
        ),
        "reminder": (
            _("A review waits for you"),
            [
                _("The draft of %(writer)s waits for your review."),
                _("It is due by %(end)s. If you have not begun by %(answer)s, somebody else is "
                  "asked."),
            ],
            _("Open the review"),
        ),
        "reallocated": (
            _("Somebody else reviews the draft"),
            [_("The time to begin the review of %(writer)s is over, and somebody else was asked. "
               "There is nothing you need to do.")],
            _("See your reviews"),
        ),
        "received": (
            _("Somebody has reviewed your draft"),
            [_("%(reviewer)s has read your draft and written a review. Say how useful it is: that "
               "is how reviewers learn.")],
            _("Read the review"),
        ),
        "rated": (
            _("Your review was read"),
            [_("The writers of the draft found your review useful at %(usefulness)d of 5.")],
            _("See your reviews"),
        ),
    }[news]  # fmt: skip
    own = reverse("assessments:peer_reviews", args=[slug])
    page = reverse("assessments:peer_review", args=[slug, review.pk])
    if news == "received":
        page = f"{own}#review-{review.pk}"
    send_message(
        to=to,
        subject=subject,
        paragraphs=[sentence % values for sentence in sentences],
        action_url=own if news in ("reallocated", "rated") else page,
        action_label=label,
    )
