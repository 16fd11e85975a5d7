from django.urls import path

from lms.timetable.views import attendance, timetable

app_name = "timetable"
urlpatterns = [
    path("<slug:edition_slug>/", timetable.show_timetable, name="timetable"),
    path("<slug:edition_slug>/attendance/", attendance.choose_session, name="attendance"),
    path("<slug:edition_slug>/attendance.csv", attendance.export, name="attendance_csv"),
    path("<slug:edition_slug>/attendance/<slug:key>/", attendance.take_roll, name="roll"),
]
