from django.urls import path

from peer_exchange.views import following

app_name = "following"
urlpatterns = [
    path("", following.overview, name="overview"),
    path("city/<slug:slug>/", following.follow_city, name="city"),
    path("people/<int:pk>/", following.distance, name="person"),
]
