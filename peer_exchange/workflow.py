from lms.core.transitions import MoveTable
from peer_exchange.enums import ExperienceStatus as E
from peer_exchange.enums import TransferStatus as T

EXPERIENCE_MOVES = MoveTable(
    name="City experience",
    states=E,
    initial=E.DRAFT,
    moves={
        E.DRAFT: (E.CITY_CLEARANCE,),
        # Both steps back to the draft carry a reason.
        E.CITY_CLEARANCE: (E.IN_MODERATION, E.DRAFT),
        E.IN_MODERATION: (E.PUBLISHED, E.DRAFT),
        E.PUBLISHED: (E.ARCHIVED,),
    },
)

TRANSFER_MOVES = MoveTable(
    name="Transfer",
    states=T,
    initial=T.INTERESTED,
    moves={
        T.INTERESTED: (T.UNDERSTANDING, T.STOPPED),
        T.UNDERSTANDING: (T.ASSESSING, T.STOPPED),
        T.ASSESSING: (T.ADAPTING, T.STOPPED),
        T.ADAPTING: (T.PILOTING, T.STOPPED),
        T.PILOTING: (T.ADOPTED, T.STOPPED),
        T.ADOPTED: (T.SUSTAINED, T.STOPPED),
    },
)
