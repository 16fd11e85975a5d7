from peer_exchange.selectors.reading import (
    cities_to_write_for,
    colleagues_to_name,
    experience_abilities,
    experience_in_full,
    may_open_exchange,
    missing_from,
    own_experiences,
    response_abilities,
    waiting_for_moderation,
    with_response_counts,
)
from peer_exchange.selectors.sharing import Sharing, policy_of, sharing_of, sharing_of_many
from peer_exchange.selectors.substance import Said, judge

__all__ = [
    "Said",
    "Sharing",
    "cities_to_write_for",
    "colleagues_to_name",
    "experience_abilities",
    "experience_in_full",
    "judge",
    "may_open_exchange",
    "missing_from",
    "own_experiences",
    "policy_of",
    "response_abilities",
    "sharing_of",
    "sharing_of_many",
    "waiting_for_moderation",
    "with_response_counts",
]
