from peer_exchange.models.experience import (
    CityExperience,
    ExperienceAuthor,
    ExperienceRevision,
)
from peer_exchange.models.policy import SharingPolicy
from peer_exchange.models.response import Response, ResponseRevision
from peer_exchange.models.taxonomy import Facet, Theme

__all__ = [
    "CityExperience",
    "ExperienceAuthor",
    "ExperienceRevision",
    "Facet",
    "Response",
    "ResponseRevision",
    "SharingPolicy",
    "Theme",
]
