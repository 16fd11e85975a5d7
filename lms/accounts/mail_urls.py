from django.urls import path

from lms.accounts.views import mail

app_name = "mail"
urlpatterns = [
    path("", mail.choices, name="choices"),
    path("export.csv", mail.export, name="choices_csv"),
    path("stop/<str:token>/", mail.stop, name="stop"),
]
