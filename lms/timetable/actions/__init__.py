from lms.timetable.actions.attendance import RollMark, record_attendance, record_roll

__all__ = ["RollMark", "record_attendance", "record_roll"]
