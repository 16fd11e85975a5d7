from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class InvoiceStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    ISSUED = "issued", _("Issued")
    PART_PAID = "part_paid", _("Part paid")
    PAID = "paid", _("Paid")
    OVERDUE = "overdue", _("Overdue")
    CREDITED = "credited", _("Credited")


class BankTransactionStatus(TextChoices):
    IMPORTED = "imported", _("Imported")
    MATCHED = "matched", _("Matched")
    SUGGESTED = "suggested", _("Match suggested")
    UNMATCHED = "unmatched", _("Not matched")
    OVERPAID = "overpaid", _("Overpaid")
    DUPLICATE = "duplicate", _("Duplicate")
    DISCARDED = "discarded", _("Discarded")


class CancellationStatus(TextChoices):
    RECEIVED = "received", _("Received")
    INCOMPLETE = "incomplete", _("Incomplete")
    VALID = "valid", _("Valid")
    REFUND_DUE = "refund_due", _("Refund due")
    NO_REFUND = "no_refund", _("No refund")


class RefundStatus(TextChoices):
    DUE = "due", _("Due")
    EXPORTED = "exported", _("Exported")
    PAID = "paid", _("Paid")
