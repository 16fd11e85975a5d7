from django.urls import path

from modules.views import activity, cohort, course, h5p_report, written

app_name = "modules"
_ACTIVITY = "<slug:edition_slug>/<slug:lesson_slug>/<slug:activity_slug>/"
urlpatterns = [
    path("<slug:edition_slug>/", course.course, name="course"),
    path("<slug:edition_slug>/progress/", cohort.cohort_progress, name="cohort_progress"),
    path(
        "<slug:edition_slug>/progress.csv",
        cohort.cohort_progress_csv,
        name="cohort_progress_csv",
    ),
    path("<slug:edition_slug>/<slug:lesson_slug>/", course.lesson, name="lesson"),
    path(_ACTIVITY, activity.activity, name="activity"),
    path(f"{_ACTIVITY}answers/", activity.answer, name="answer"),
    path(f"{_ACTIVITY}report/", h5p_report.interactive_report, name="interactive_report"),
    path(
        f"{_ACTIVITY}report.csv",
        h5p_report.interactive_report_csv,
        name="interactive_report_csv",
    ),
    path(f"{_ACTIVITY}text/", written.text, name="text"),
    path(f"{_ACTIVITY}done/", activity.done, name="done"),
]
