"""Addresses of how projects are marked: the policy of an edition, calibration."""

from django.urls import path

from assessments.views import calibration, marking_setup

_edition = "marking/<slug:edition_slug>/"
_round = f"{_edition}calibration/<int:pk>/"

urlpatterns = [
    path(f"{_edition}setup/", marking_setup.policy, name="marking_setup"),
    path(
        f"{_edition}calibration/",
        marking_setup.begin_calibration,
        name="open_calibration",
    ),
    path(_round, calibration.sample, name="calibration"),
    path(f"{_round}marks/", calibration.marks, name="calibration_marks"),
    path(f"{_round}close/", calibration.close, name="close_calibration"),
    path(f"{_round}export.csv", calibration.export, name="calibration_csv"),
]
