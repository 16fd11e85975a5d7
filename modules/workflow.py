from lms.core.transitions import MoveTable
from modules.enums import ActivityStatus as S

ACTIVITY_MOVES = MoveTable(
    name="Activity progress",
    states=S,
    initial=S.OPEN,
    moves={
        S.OPEN: (S.BEGUN, S.DONE),
        # What is done stays done, whatever an editor changes afterwards.
        S.BEGUN: (S.DONE,),
    },
)
