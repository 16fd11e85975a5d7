from django.urls import path

from peer_exchange.views import following, own_tables

app_name = "following"
urlpatterns = [
    path("", following.overview, name="overview"),
    path("export.csv", own_tables.follows, name="overview_csv"),
    path("people.csv", own_tables.kept_away, name="people_csv"),
    path("city/<slug:slug>/", following.follow_city, name="city"),
    path("people/<int:pk>/", following.distance, name="person"),
]
