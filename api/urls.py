from django.urls import include, path, re_path

from api.views import not_found

app_name = "api"
urlpatterns = [
    path("v1/", include("api.v1.urls")),
    re_path(r"^(?P<path>.*)$", not_found),
]
