from lms.core.transitions import MoveTable
from lms.programme.enums import EnrolmentStatus as E

ENROLMENT_MOVES = MoveTable(
    name="Enrolment",
    states=E,
    initial=E.OFFERED,
    moves={
        # A fee of 0 needs no invoice: the place is guaranteed on confirmation (D11).
        E.OFFERED: (E.INVOICED, E.GUARANTEED, E.CANCELLED, E.EXPIRED),
        E.INVOICED: (E.PART_PAID, E.GUARANTEED, E.CANCELLED, E.EXPIRED),
        E.PART_PAID: (E.GUARANTEED, E.CANCELLED, E.EXPIRED),
        E.GUARANTEED: (E.COMPLETED, E.NOT_COMPLETED, E.CANCELLED),
    },
)
