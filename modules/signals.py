"""What this app tells the apps above it, inside the transaction of the change."""

from django.dispatch import Signal

# kwargs: enrolment_id (int), at (datetime)
activity_completed = Signal()
