"""How money moves. The ledger's tables come with the billing feature."""

from lms.billing.enums import BankTransactionStatus as B
from lms.billing.enums import CancellationStatus as C
from lms.billing.enums import InvoiceStatus as I
from lms.billing.enums import RefundStatus as R
from lms.core.transitions import MoveTable

INVOICE_MOVES = MoveTable(
    name="Invoice",
    states=I,
    initial=I.DRAFT,
    moves={
        I.DRAFT: (I.ISSUED,),
        I.ISSUED: (I.PART_PAID, I.PAID, I.OVERDUE, I.CREDITED),
        I.PART_PAID: (I.PAID, I.OVERDUE, I.CREDITED),
        I.OVERDUE: (I.PART_PAID, I.PAID, I.CREDITED),
        I.PAID: (I.CREDITED,),
    },
)

BANK_TRANSACTION_MOVES = MoveTable(
    name="Bank transaction",
    states=B,
    initial=B.IMPORTED,
    moves={
        B.IMPORTED: (B.MATCHED, B.SUGGESTED, B.UNMATCHED, B.OVERPAID, B.DUPLICATE, B.DISCARDED),
        B.SUGGESTED: (B.MATCHED, B.UNMATCHED),
        B.UNMATCHED: (B.MATCHED, B.DISCARDED),
    },
)

CANCELLATION_MOVES = MoveTable(
    name="Cancellation",
    states=C,
    initial=C.RECEIVED,
    moves={
        C.RECEIVED: (C.INCOMPLETE, C.VALID),
        C.INCOMPLETE: (C.VALID,),
        C.VALID: (C.REFUND_DUE, C.NO_REFUND),
    },
)

REFUND_MOVES = MoveTable(
    name="Refund", states=R, initial=R.DUE, moves={R.DUE: (R.EXPORTED,), R.EXPORTED: (R.PAID,)}
)
