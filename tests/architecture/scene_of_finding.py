"""What there is of searches: one that the participant has saved."""

from typing import Any

from lms.accounts.models import User
from peer_exchange.actions.searches import save_search
from peer_exchange.wanted import Wanted


def at_searches(scene: Any, participant: User, at: Any) -> None:
    search = save_search(
        edition=scene.edition, wanted=Wanted("ferries"), name="Ferries", cadence="weekly",
        by=participant, at=at,
    )  # fmt: skip
    for address in ("change_search", "remove_search", "restore_search"):
        scene.at(f"peer_exchange:{address}", pk=search.pk)
    scene.at("api:v1:saved-search", pk=search.pk)
    kept = {"name": "Ferries", "cadence": "never"}
    scene.bodies |= {
        "POST peer_exchange:save_search": {"search": "?q=trams", **kept},
        "POST peer_exchange:change_search": kept,
        "POST api:v1:saved-search-list": {"edition": scene.edition.slug, "q": "trams", **kept},
        "POST api:v1:saved-search-change": kept,
    }
