"""Addresses of deadlines: the participant's own, and those of staff who follow them."""

from django.urls import path

from assessments.views import follow, giving_time, own_time, setup

_own = "project/<slug:edition_slug>/"
_staff = "deadlines/<slug:edition_slug>/"

urlpatterns = [
    path(f"{_own}more-time/", own_time.more_time, name="more_time"),
    path(f"{_own}more-time/take-back/", own_time.take_back, name="take_back_time"),
    path(f"{_own}at-the-deadline/", own_time.at_deadline, name="at_deadline"),
    path(f"{_own}guidelines/changes/", own_time.guidelines_changes, name="guidelines_changes"),
    path(f"{_own}take-along/", own_time.take_text_along, name="take_along"),
    path(_staff, follow.at_risk, name="at_risk"),
    path(f"{_staff}export.csv", follow.at_risk_csv, name="at_risk_csv"),
    path(f"{_staff}more-time/", follow.extensions, name="extensions"),
    path(f"{_staff}more-time/export.csv", follow.extensions_csv, name="extensions_csv"),
    path(f"{_staff}more-time/<int:pk>/", follow.extension, name="extension"),
    path(f"{_staff}give-time/<int:pk>/", giving_time.give_time, name="give_time"),
    path(
        f"{_staff}give-time/place/<int:pk>/",
        giving_time.give_time_unbegun,
        name="give_time_unbegun",
    ),
    path(f"{_staff}late/<str:receipt>/", giving_time.lateness, name="lateness"),
    path("project-setup/<slug:edition_slug>/reminders/", setup.reminders, name="set_reminders"),
    path(
        "project-setup/<slug:edition_slug>/guidelines/",
        setup.required_guidelines,
        name="require_guidelines",
    ),
]
