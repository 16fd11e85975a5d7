"""Addresses of the overview of marking."""

from django.urls import path

from assessments.views import marking_overview

_start = "marking-overview/<slug:edition_slug>/"

urlpatterns = [
    path(_start, marking_overview.overview, name="marking_overview"),
    path(f"{_start}all.xlsx", marking_overview.overview_xlsx, name="marking_overview_xlsx"),
    path(f"{_start}<slug:key>.csv", marking_overview.overview_csv, name="marking_overview_csv"),
]
