"""Sent inside the transaction of an action.

attempt_submitted: submission_id, attempt_id, at
submission_withdrawn: submission_id, attempt_id, at
submission_returned: submission_id, attempt_id, at
team_changed (somebody joined or left): submission_id, enrolment_id, at
grade_changed (released or amended): enrolment_id, at; once for each member
presentation_changed (recorded or withdrawn): enrolment_id, at
certificate_issued: certificate_id, enrolment_id, at
"""

from django.dispatch import Signal

attempt_submitted = Signal()
submission_withdrawn = Signal()
submission_returned = Signal()
team_changed = Signal()
grade_changed = Signal()
presentation_changed = Signal()
certificate_issued = Signal()
