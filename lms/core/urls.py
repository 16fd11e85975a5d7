from django.urls import path

from lms.core import views

app_name = "core"
urlpatterns = [
    path("signed-in/", views.signed_in, name="signed_in"),
    path("form-token/", views.form_token, name="form_token"),
    path("health/", views.health, name="health"),
    # Where MEDIA_URL and Wagtail put the sizes of a picture that pages show.
    path("media/images/<str:name>", views.picture, name="picture"),
]
