"""Addresses of releases, of what is given back, of appeals, and of a grade's history."""

from django.urls import path

from assessments.views import appeals, feedback, grade_history, own_appeal, releasing

_releases = "releases/<slug:edition_slug>/"
_release = f"{_releases}<int:pk>/"
_appeals = "appeals/<slug:edition_slug>/"
_appeal = f"{_appeals}<int:pk>/"
_history = "grade-history/<slug:edition_slug>/<int:pk>/"

urlpatterns = [
    path(_releases, releasing.releases, name="releases"),
    path(f"{_releases}export.csv", releasing.releases_csv, name="releases_csv"),
    path(f"{_releases}rehearsal/", releasing.rehearsal, name="rehearsal"),
    path(f"{_releases}rehearsal/export.csv", releasing.rehearsal_csv, name="rehearsal_csv"),
    path(f"{_releases}rehearsal/message/<int:pk>/", releasing.message, name="release_message"),
    path(_release, releasing.release, name="release"),
    path(f"{_release}export.csv", releasing.release_csv, name="release_csv"),
    path(f"{_release}<slug:move>/", releasing.move_release, name="move_release"),
    path("grades/<int:pk>/feedback/", feedback.download_feedback, name="feedback_pdf"),
    path("project/<slug:edition_slug>/appeal/", own_appeal.appeal, name="own_appeal"),
    path(_appeals, appeals.appeals, name="appeals"),
    path(f"{_appeals}export.csv", appeals.appeals_csv, name="appeals_csv"),
    path(_appeal, appeals.appeal, name="appeal"),
    path(f"{_appeal}give/", appeals.assign, name="assign_appeal"),
    path(f"{_appeal}marks/", appeals.marks, name="appeal_marks"),
    path(_history, grade_history.history, name="grade_history"),
    path(f"{_history}export.csv", grade_history.history_csv, name="grade_history_csv"),
]
