"""Finding: the map, saved searches."""

from django.urls import path

from peer_exchange.views import finding, searches

urlpatterns = [
    path("<slug:edition_slug>/map/", finding.world, name="map"),
    path("<slug:edition_slug>/searches/", searches.searches, name="searches"),
    path("<slug:edition_slug>/searches/export.csv", searches.export, name="searches_csv"),
    path("<slug:edition_slug>/searches/save/", searches.save, name="save_search"),
    path("<slug:edition_slug>/searches/<int:pk>/", searches.change, name="change_search"),
    path("<slug:edition_slug>/searches/<int:pk>/remove/", searches.remove, name="remove_search"),
    path("<slug:edition_slug>/searches/<int:pk>/restore/", searches.restore, name="restore_search"),
]
