"""Addresses of marking, completion and certificates."""

from django.urls import path

from assessments.views import (
    agreeing,
    certificates,
    completion,
    grades,
    marking,
    presentations,
    setup,
)

_desk = "marking/<slug:edition_slug>/<int:pk>/"
_person = "completion/<slug:edition_slug>/<int:pk>/"

urlpatterns = [
    path("marking/<slug:edition_slug>/two-markers/", agreeing.compared, name="two_markers"),
    path(
        "marking/<slug:edition_slug>/two-markers/export.csv",
        agreeing.compared_csv,
        name="two_markers_csv",
    ),
    path(_desk, marking.desk, name="desk"),
    path(f"{_desk}marks/", marking.marks, name="marks"),
    path(f"{_desk}start/", marking.start, name="start_marking"),
    path(f"{_desk}allocate/", marking.allocate, name="allocate"),
    path(f"{_desk}decline/", marking.decline, name="decline"),
    path(f"{_desk}reopen-marks/", marking.reopen_marks, name="reopen_marks"),
    path(f"{_desk}reopen-grade/", grades.reopen, name="reopen_grade"),
    path(f"{_desk}void-grade/", grades.void, name="void_grade"),
    path(f"{_desk}confirm-marks/", grades.confirm, name="confirm_marks"),
    path(f"{_desk}amend/", grades.amend, name="amend"),
    path(f"{_desk}agreement/", agreeing.agree, name="agreement"),
    path(f"{_desk}second-marker/", agreeing.ask_second, name="ask_second"),
    path(f"{_desk}second-marker/give/", agreeing.give_second, name="give_second"),
    path(f"{_desk}presentation/", presentations.on_desk, name="present_on_desk"),
    path(f"{_desk}<slug:move>/", grades.move_grade, name="move_grade"),
    path("project-setup/<slug:edition_slug>/", setup.set_up_project, name="setup"),
    path("completion/<slug:edition_slug>/", completion.overview, name="completion"),
    path("completion/<slug:edition_slug>/export.csv", completion.export, name="completion_csv"),
    path(_person, completion.person, name="completion_person"),
    path(f"{_person}decisions.csv", completion.decisions_csv, name="completion_person_csv"),
    path(f"{_person}check/", completion.check_again, name="check_again"),
    path(f"{_person}presentation/", presentations.of_person, name="present"),
    path(
        f"{_person}presentation/withdraw/",
        completion.withdraw_presentation_record,
        name="withdraw_presentation",
    ),
    path(f"{_person}waive/<slug:key>/", completion.waive, name="waive"),
    path(f"{_person}end-waiver/<slug:key>/", completion.unwaive, name="end_waiver"),
    path(
        f"{_person}certificate/<slug:decision>/",
        completion.decide_certificate,
        name="decide_certificate",
    ),
    path("certificate/<slug:edition_slug>/", certificates.own_certificate, name="certificate"),
    path("certificates/<int:pk>/pdf/", certificates.download, name="certificate_pdf"),
    path("verify/<str:code>/", certificates.verify, name="verify"),
]
