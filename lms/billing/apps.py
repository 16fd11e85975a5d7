from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "lms.billing"
    label = "billing"
