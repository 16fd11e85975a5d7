from django.urls import path

from lms.programme.views import people

app_name = "programme"
urlpatterns = [
    path("<slug:edition_slug>/", people.show_people, name="people"),
    path("<slug:edition_slug>/places.csv", people.people_csv, name="people_csv"),
    path("<slug:edition_slug>/<int:pk>/", people.move_place, name="move_place"),
]
