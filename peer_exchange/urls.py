from django.urls import path

from peer_exchange.views import drafts, moderation, moves, reading, responses

app_name = "peer_exchange"
urlpatterns = [
    path("<slug:edition_slug>/", reading.experience_list, name="list"),
    path("<slug:edition_slug>/export.csv", moderation.export, name="export"),
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
]
