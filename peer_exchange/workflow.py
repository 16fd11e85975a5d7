from lms.core.transitions import MoveTable
from peer_exchange.enums import Answer
from peer_exchange.enums import ExperienceStatus as E
from peer_exchange.enums import ReportStatus as R
from peer_exchange.enums import TalkStatus as K
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

REPORT_MOVES = MoveTable(
    name="Report",
    states=R,
    initial=R.OPEN,
    moves={
        R.OPEN: (R.UPHELD, R.DISMISSED, R.WITHDRAWN),
        # Undone: it waits again.
        R.UPHELD: (R.OPEN,),
        R.DISMISSED: (R.OPEN,),
    },
)

# The source city's word on a claim. A new result, or asking again, makes it wait anew.
ANSWER_MOVES = MoveTable(
    name="Word of the source city",
    states=Answer,
    initial=Answer.WAITING,
    moves={
        Answer.WAITING: (Answer.CONFIRMED, Answer.DISPUTED),
        Answer.CONFIRMED: (Answer.DISPUTED, Answer.WAITING),
        Answer.DISPUTED: (Answer.CONFIRMED, Answer.WAITING),
    },
)

TALK_MOVES = MoveTable(
    name="Talk of two cities",
    states=K,
    initial=K.PROPOSED,
    moves={
        K.PROPOSED: (K.ACCEPTED, K.DECLINED, K.MOVED, K.WITHDRAWN),
        K.ACCEPTED: (K.CANCELLED,),
    },
)
