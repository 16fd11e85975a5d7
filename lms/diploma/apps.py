from django.apps import AppConfig


class DiplomaConfig(AppConfig):
    name = "lms.diploma"
    label = "diploma"
