from modules.models.course import Course
from modules.models.h5p import H5PArrival, H5PBundle, H5PContent, H5PLibrary, H5PVersion
from modules.models.h5p_results import H5PResult, H5PState, H5PStatement
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
    "H5PArrival",
    "H5PBundle",
    "H5PContent",
    "H5PLibrary",
    "H5PResult",
    "H5PState",
    "H5PStatement",
    "H5PVersion",
    "LessonPage",
    "LoadedPage",
    "ReferenceIndexPage",
    "TermPage",
]
