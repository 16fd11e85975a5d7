from django.apps import AppConfig


class AdmissionsConfig(AppConfig):
    name = "lms.admissions"
    label = "admissions"
