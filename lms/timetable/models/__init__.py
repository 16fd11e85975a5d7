from lms.timetable.models.attendance import Attendance, AttendancePolicy
from lms.timetable.models.session import Session

__all__ = ["Attendance", "AttendancePolicy", "Session"]
