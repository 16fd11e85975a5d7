from lms.core.models.audit import AuditEvent
from lms.core.models.history import KeptText, KeptVersion
from lms.core.models.outbox import OutboxMessage

__all__ = ["AuditEvent", "KeptText", "KeptVersion", "OutboxMessage"]
