"""Sent inside the transaction of an action. `attendance_changed`: enrolment_id, at."""

from django.dispatch import Signal

attendance_changed = Signal()
