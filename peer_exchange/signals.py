"""What this app tells the apps above it, inside the transaction of its actions."""

from django.dispatch import Signal

# enrolment_ids: list[int], at: datetime. Something that counts for D15b has
# changed for these people: a publication, an archiving, a response.
sharing_changed = Signal()
