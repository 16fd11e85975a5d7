from django.urls import path

from modules.views import reference

app_name = "reference"
urlpatterns = [
    path("", reference.index, name="index"),
    path("<slug:slug>/", reference.term, name="term"),
]
