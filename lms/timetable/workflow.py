from lms.core.transitions import MoveTable
from lms.timetable.enums import AttendanceStatus as A
from lms.timetable.enums import SignUpStatus as S

SIGN_UP_MOVES = MoveTable(
    name="Sign-up",
    states=S,
    initial=S.REQUESTED,
    moves={
        S.REQUESTED: (S.CONFIRMED, S.WAITLISTED, S.CANCELLED),
        S.WAITLISTED: (S.CONFIRMED, S.CANCELLED),
        S.CONFIRMED: (S.ATTENDED, S.NO_SHOW, S.CANCELLED),
    },
)

# A roll is taken on a phone: a wrong tap is corrected by another (the audit
# trail keeps both), and taken back to "expected".
_TAKEN = (A.PRESENT, A.PARTIAL, A.ABSENT, A.EXCUSED)
ATTENDANCE_MOVES = MoveTable(
    name="Attendance",
    states=A,
    initial=A.EXPECTED,
    moves={
        A.EXPECTED: _TAKEN,
        A.PRESENT: (A.EXPECTED, A.PARTIAL, A.ABSENT, A.EXCUSED),
        A.PARTIAL: (A.EXPECTED, A.PRESENT, A.ABSENT, A.EXCUSED, A.MADE_UP),
        A.ABSENT: (A.EXPECTED, A.PRESENT, A.PARTIAL, A.EXCUSED, A.MADE_UP),
        A.EXCUSED: (A.EXPECTED, A.PRESENT, A.PARTIAL, A.ABSENT, A.MADE_UP),
        A.MADE_UP: (A.ABSENT, A.EXCUSED, A.PARTIAL),
    },
)
