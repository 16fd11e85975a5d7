import rules

from lms.programme.rules import belongs_to_edition, is_coordinator, is_instructor

rules.add_perm("timetable.view_session", belongs_to_edition)
rules.add_perm("timetable.record_attendance", is_coordinator | is_instructor)
