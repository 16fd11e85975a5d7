"""Pages of cities, outside any edition: /cities/…"""

from django.urls import path

from peer_exchange.views import cities, city_report

urlpatterns = [
    path("", cities.city_list, name="cities"),
    path("export.csv", cities.export, name="cities_csv"),
    path("<slug:city_slug>/", cities.show_city, name="city"),
    path("<slug:city_slug>/edit/", cities.edit_city, name="edit_city"),
    path("<slug:city_slug>/shown/", cities.be_shown, name="be_shown"),
    path("<slug:city_slug>/topics/", cities.add_city_topic, name="add_topic"),
    path(
        "<slug:city_slug>/topics/<int:pk>/<slug:move>/", cities.move_city_topic, name="move_topic"
    ),
    path("<slug:city_slug>/report/", city_report.page, name="city_report"),
    path("<slug:city_slug>/report.pdf", city_report.pdf, name="city_report_pdf"),
    path("<slug:city_slug>/transfers.csv", city_report.export, name="city_transfers_csv"),
]
