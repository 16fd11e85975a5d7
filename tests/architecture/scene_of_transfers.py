"""What there is of transfers, talks and city pages: the participant's city takes up what the
neighbour's has done, and the neighbour has asked it for talks."""

from datetime import timedelta
from typing import Any

from peer_exchange.actions.cities import add_topic
from peer_exchange.actions.talks import accept_talk
from peer_exchange.actions.transfer_evidence import add_evidence
from tests.factories import peer_exchange, transfers
from tests.factories.transfers import BEGUN_AT, BREAK_AT, breaks, city_of, claimed, proposed

LATER = BREAK_AT + timedelta(days=1)


def at_transfers(scene: Any) -> None:
    edition, participant = scene.edition, scene.people["participant"]
    neighbour = scene.people["neighbour"]
    own = city_of(participant)
    theirs = peer_exchange.published(edition, city_of(neighbour), author=neighbour)
    third = peer_exchange.published(edition)
    transfer = claimed(theirs, by=participant)
    piece = add_evidence(
        transfer=transfer, title="A note", note="Words.", by=participant, at=BEGUN_AT
    )
    topic = add_topic(
        city=own, kind="need", theme=peer_exchange.ThemeFactory.create(), words="",
        by=participant, at=BEGUN_AT,
    )  # fmt: skip
    breaks(edition)
    breaks(edition, LATER)
    open_one = proposed(edition, neighbour, own)
    agreed = accept_talk(talk=proposed(edition, neighbour, own, LATER), by=participant, at=BEGUN_AT)

    scene.at("peer_exchange:", city_slug=own.slug)
    for address in ("propose_talk", "move_match"):
        scene.at(f"peer_exchange:{address}", city_slug=third.city.slug)
    scene.at("peer_exchange:claim", pk=third.pk)
    for address in ("transfer", "transfer_step", "transfer_word", "transfer_evidence"):
        scene.at(f"peer_exchange:{address}", pk=transfer.pk)
    scene.at("peer_exchange:transfer_word", move="confirm")
    scene.at("peer_exchange:move_evidence", pk=piece.pk, move="remove")
    scene.at("peer_exchange:follow_up", pk=transfer.follow_ups.get(months=6).pk)
    scene.at("peer_exchange:move_topic", pk=topic.pk, move="remove")
    scene.at("peer_exchange:move_match", move="dismiss")
    scene.at("peer_exchange:move_talk", pk=open_one.pk, move="accept")
    scene.at("peer_exchange:another_time", pk=open_one.pk)
    scene.at("peer_exchange:talk_ics", pk=agreed.pk)
    scene.at("api:v1:city", slug=own.slug)
    scene.at("api:v1:transfer", pk=transfer.pk)
    scene.at("api:v1:talk", pk=open_one.pk)
    version = {"base_version": transfer.version}
    step = {**version, "to": "understanding", "why": "We have read it."}
    evidence = {"evidence": piece.pk}
    need = {"kind": "need", "theme": topic.theme.slug, "words": "Maps"}
    words = {"why": "We hope for the order of steps."}
    scene.bodies |= {
        "POST peer_exchange:claim": words,
        "POST peer_exchange:transfer_step": step,
        "POST peer_exchange:transfer_word": version,
        "POST peer_exchange:transfer_evidence": {"title": "Another", "note": "Words."},
        "POST peer_exchange:follow_up": {"answer": "Two streets have it."},
        "POST peer_exchange:add_topic": need,
        "POST api:v1:transfer-list": {"experience": third.pk, "city": own.slug, **words},
        "POST api:v1:transfer-move": step,
        "POST api:v1:transfer-take-back": version,
        "POST api:v1:transfer-confirm": version,
        "POST api:v1:transfer-dispute": {**version, "reason": "We never met."},
        "POST api:v1:transfer-ask-again": {**version, "why": "We did."},
        "POST api:v1:transfer-add-evidence": {"title": "Another", "note": "Words."},
        "POST api:v1:transfer-remove-evidence": evidence,
        "POST api:v1:transfer-restore-evidence": evidence,
        "POST api:v1:transfer-answer-follow-up": {"months": 6, "answer": "Two streets."},
        "PUT api:v1:city-profile": {"base_version": 0, "values": {"about": "A harbour."}},
        "POST api:v1:city-show-me": {"does": "Climate"},
        "POST api:v1:city-add-topic": need,
        "POST api:v1:city-remove-topic": {"topic": topic.pk},
        "POST api:v1:city-restore-topic": {"topic": topic.pk},
        "POST api:v1:city-dismiss": {"city": third.city.slug},
        "POST api:v1:city-bring-back": {"city": third.city.slug},
        "POST api:v1:talk-list": {
            "edition": edition.slug, "from_city": own.slug, "to_city": third.city.slug,
            "starts_at": transfers.BREAK_AT.isoformat(),
        },
        "POST api:v1:talk-another": {"starts_at": LATER.isoformat()},
    }  # fmt: skip
