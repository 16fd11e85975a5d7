from modules.models.course import Course
from modules.models.loaded import LoadedPage
from modules.models.pages import ActivityPage, CoursePage, LessonPage
from modules.models.progress import ActivityAttempt, ActivityProgress
from modules.models.reference import ReferenceIndexPage, TermPage

__all__ = [
    "ActivityAttempt",
    "ActivityPage",
    "ActivityProgress",
    "Course",
    "CoursePage",
    "LessonPage",
    "LoadedPage",
    "ReferenceIndexPage",
    "TermPage",
]
