"""A question of the participant to the neighbour's city, its reply, reports and choices."""

from typing import TYPE_CHECKING, Any

from lms.accounts.enums import MailKind
from lms.accounts.mailing import unsubscribe_url
from lms.accounts.models import User
from peer_exchange.actions import (
    edit_response,
    follow,
    keep_away,
    report,
    respond_to_experience,
)
from peer_exchange.actions.wordings import withhold_wording
from peer_exchange.models import CityExperience, Response
from peer_exchange.selectors import policy_of
from tests.factories import peer_exchange, programme
from tests.factories.marking import MARKED_AT

if TYPE_CHECKING:
    from tests.architecture.scene import Scene


def put_conversation(scene: "Scene", participant: User) -> None:
    edition = scene.edition
    neighbour, team_mate = scene.people["neighbour"], scene.people["team_mate"]
    assert neighbour is not None
    assert team_mate is not None
    theirs = peer_exchange.published(edition, neighbour.enrolments.get().city, author=neighbour)
    question = _said(theirs, participant, "What did it cost?", kind="question")
    reply = _said(theirs, programme.participant(edition), "I ask too.", parent_id=question.pk)
    made = report(
        experience=theirs, response_id=reply.pk, reason="spam", by=team_mate, at=MARKED_AT
    )
    third = peer_exchange.published(edition)
    followed = follow(experience=third, by=participant, at=MARKED_AT)
    other = programme.participant(edition)
    kept = keep_away(other=other, distance="muted", by=participant, at=MARKED_AT)
    for address in ("thread", "reply", "wordings", "reopen_question"):
        scene.at(f"peer_exchange:{address}", pk=question.pk)
    for words in ("What did it cost you?", "And what did it cost you?"):
        edit_response(response=question, body=words, by=participant, at=MARKED_AT)
    withhold_wording(
        response=question, number=1, reason="An address.", by=_moderator(scene), at=MARKED_AT
    )
    scene.at("peer_exchange:bring_wording_back", pk=question.pk, number=1)
    scene.at("peer_exchange:withhold_wording", pk=question.pk, number=2)
    for address in ("withhold-wording", "bring-wording-back"):
        scene.at(f"api:v1:response-{address}", pk=question.pk)
    for address in ("answer", "report_response"):
        scene.at(f"peer_exchange:{address}", pk=reply.pk)
    for address in ("suggest", "follow", "report_experience"):
        scene.at(f"peer_exchange:{address}", pk=third.pk)
    for address in ("settle_report", "reopen_report", "withdraw_report"):
        scene.at(f"peer_exchange:{address}", pk=made.pk)
    for address in ("answer", "reopen", "history"):
        scene.at(f"api:v1:response-{address}", pk=question.pk)
    scene.at("api:v1:report", pk=made.pk)
    scene.at("api:v1:follow", pk=followed.pk)
    scene.at("api:v1:kept-away", pk=kept.pk)
    scene.at("following:person", pk=other.pk)
    scene.at("following:city", slug=third.city.slug)
    token = unsubscribe_url(participant, MailKind.MENTIONS).rstrip("/").rpartition("/")[2]
    scene.at("mail:stop", token=token)
    rule = policy_of(edition.pk).rule
    reason = {"reason": "A reason that says why."}
    reported = {"experience": theirs.pk, "reason": "spam"}
    scene.bodies |= {
        "POST peer_exchange:reply": {"body": peer_exchange.LONG_ENOUGH},
        "POST peer_exchange:withhold_wording": {"reason": "An address."},
        "POST api:v1:response-withhold-wording": {"number": 2, "reason": "An address."},
        "POST api:v1:response-bring-wording-back": {"number": 1},
        "POST peer_exchange:report_experience": {"reason": "spam"},
        "POST peer_exchange:report_response": {"reason": "spam"},
        "POST peer_exchange:settle_report": {"then": "dismiss", f"{made.pk}-reason": "Fair."},
        "POST peer_exchange:sharing_rule": {"then": "preview"},
        "POST following:person": {"distance": "muted"},
        "POST api:v1:mails": {"kind": "mentions", "cadence": "weekly"},
        "POST api:v1:response-answer": {"answer": reply.pk},
        "POST api:v1:report-list": reported,
        "POST api:v1:report-uphold": reason,
        "POST api:v1:report-dismiss": reason,
        "POST api:v1:follow-list": {"experience": third.pk},
        "POST api:v1:kept-away-list": {"other": other.pk, "distance": "muted"},
        "POST api:v1:edition-preview-sharing-rule": {"rule": rule},
        "PUT api:v1:edition-sharing-rule": {
            "rule": {**rule, "min_words": 40}, "base_version": 0, "digest": "x",
            "keeps_met": True, **reason,
        },
    }  # fmt: skip


def _moderator(scene: "Scene") -> User:
    person = scene.people["moderator"]
    assert person is not None
    return person


def _said(experience: CityExperience, by: User, body: str, **how: Any) -> Response:
    return respond_to_experience(experience=experience, body=body, by=by, at=MARKED_AT, **how)
