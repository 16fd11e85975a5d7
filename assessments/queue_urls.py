"""Addresses of the marking queue: its lists, who is at which desk, allocation, conflicts."""

from django.urls import path

from assessments.views import allocation, conflicts, queue

_edition = "marking/<slug:edition_slug>/"
_desk = f"{_edition}<int:pk>/"

urlpatterns = [
    path(_edition, queue.queue, name="queue"),
    path(f"{_edition}next/", queue.next_unmarked, name="next_unmarked"),
    path(f"{_edition}queue.csv", queue.export, name="queue_csv"),
    path(f"{_edition}company/", queue.company, name="queue_company"),
    path(f"{_edition}allocation/", allocation.allocation, name="allocation"),
    path(f"{_edition}allocation/apply/", allocation.apply, name="apply_allocation"),
    path(f"{_edition}allocation/export.csv", allocation.export, name="allocation_csv"),
    path(f"{_edition}conflicts/", conflicts.conflicts, name="conflicts"),
    path(f"{_edition}conflicts/export.csv", conflicts.export, name="conflicts_csv"),
    path(f"{_edition}conflicts/<int:pk>/", conflicts.take_back, name="take_back_conflict"),
    path(f"{_desk}here/", queue.here, name="desk_here"),
    path(f"{_desk}left/", queue.left, name="desk_left"),
    path(f"{_desk}conflict/", conflicts.with_project, name="declare_conflict"),
    path("languages/<slug:edition_slug>/", allocation.languages, name="languages"),
]
