from django.urls import URLPattern, URLResolver, include, path

from peer_exchange.views import drafts, exports, moderation, moves, reading, responses, sharing

app_name = "peer_exchange"
in_the_exchange: list[URLPattern | URLResolver] = [
    path("<slug:edition_slug>/", reading.experience_list, name="list"),
    path("<slug:edition_slug>/own/", reading.own_list, name="own"),
    path("<slug:edition_slug>/export.csv", exports.experiences, name="export"),
    path("<slug:edition_slug>/moderation/", moderation.queue, name="moderation"),
    path("<slug:edition_slug>/new/", drafts.new, name="new"),
    path("<slug:edition_slug>/<int:pk>/", reading.detail, name="detail"),
    path("<slug:edition_slug>/<int:pk>/edit/", drafts.edit, name="edit"),
    path("<slug:edition_slug>/<int:pk>/draft/", drafts.autosave, name="draft"),
    path("<slug:edition_slug>/<int:pk>/authors/", drafts.authors, name="authors"),
    path("<slug:edition_slug>/<int:pk>/submit/", moves.submit, name="submit"),
    path("<slug:edition_slug>/<int:pk>/clearance/", moves.clearance, name="clearance"),
    path("<slug:edition_slug>/<int:pk>/return/", moves.send_back, name="return"),
    path("<slug:edition_slug>/<int:pk>/publish/", moves.publish, name="publish"),
    path("<slug:edition_slug>/<int:pk>/archive/", moves.archive, name="archive"),
    path("<slug:edition_slug>/<int:pk>/responses/", responses.respond, name="respond"),
    path("<slug:edition_slug>/responses/<int:pk>/edit/", responses.edit, name="edit_response"),
    path("<slug:edition_slug>/responses/<int:pk>/hide/", responses.hide, name="hide_response"),
    path("<slug:edition_slug>/responses/<int:pk>/show/", responses.show, name="show_response"),
    path("", include("peer_exchange.experience_urls")),
    path("", include("peer_exchange.conversation_urls")),
    path("", include("peer_exchange.finding_urls")),
    path("", include("peer_exchange.transfer_urls")),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("exchange/", include(in_the_exchange)),
    path("cities/", include("peer_exchange.city_urls")),
    path("sitemap.xml", sharing.sitemap, name="sitemap"),
    path("robots.txt", sharing.robots, name="robots"),
]
