"""Messages of peer review."""

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import PeerReview
from assessments.notifications import moment_for
from assessments.selectors.peer import shown_reviewer, shown_writer
from lms.accounts.models import User
from lms.core.mail import send_message


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
