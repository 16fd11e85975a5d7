from peer_exchange.models.city_profile import (
    CityProfile,
    CityTopic,
    DismissedMatch,
    ShownMember,
)
from peer_exchange.models.experience import (
    CityExperience,
    ExperienceAuthor,
    ExperienceRevision,
)
from peer_exchange.models.experience_file import ExperienceFile
from peer_exchange.models.experience_history import ExperienceText, ExperienceVersion
from peer_exchange.models.finding import (
    ExperienceWords,
    IndexStamp,
    SavedSearch,
    SearchWord,
    ToldExperience,
)
from peer_exchange.models.following import Follow, KeptAway, Notice
from peer_exchange.models.policy import SharingPin, SharingPolicy, SharingRevision
from peer_exchange.models.report import Report
from peer_exchange.models.response import (
    Mention,
    Response,
    ResponseRevision,
    WithheldWording,
)
from peer_exchange.models.talk import Talk, TalkSeat
from peer_exchange.models.taxonomy import Facet, Theme
from peer_exchange.models.transfer import (
    FollowUp,
    Transfer,
    TransferEvent,
    TransferEvidence,
)

__all__ = [
    "CityExperience",
    "CityProfile",
    "CityTopic",
    "DismissedMatch",
    "ExperienceAuthor",
    "ExperienceFile",
    "ExperienceRevision",
    "ExperienceText",
    "ExperienceVersion",
    "ExperienceWords",
    "Facet",
    "Follow",
    "FollowUp",
    "IndexStamp",
    "KeptAway",
    "Mention",
    "Notice",
    "Report",
    "Response",
    "ResponseRevision",
    "SavedSearch",
    "SearchWord",
    "SharingPin",
    "SharingPolicy",
    "SharingRevision",
    "ShownMember",
    "Talk",
    "TalkSeat",
    "Theme",
    "ToldExperience",
    "Transfer",
    "TransferEvent",
    "TransferEvidence",
    "WithheldWording",
]
