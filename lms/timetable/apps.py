from django.apps import AppConfig


class TimetableConfig(AppConfig):
    name = "lms.timetable"
    label = "timetable"
