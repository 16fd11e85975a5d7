"""Addresses of one experience beside its page: files, history, versions, sharing."""

from django.urls import path

from peer_exchange.views import attachments, exports, history, sharing, versions

urlpatterns = [
    path("<slug:edition_slug>/evidence.csv", exports.evidence, name="evidence_csv"),
    path("<slug:edition_slug>/<int:pk>/attach/", attachments.attach_to_draft, name="attach"),
    path("<slug:edition_slug>/<int:pk>/history/", history.show_history, name="history"),
    path(
        "<slug:edition_slug>/<int:pk>/history/<int:version_pk>/",
        history.show_version,
        name="draft_version",
    ),
    path(
        "<slug:edition_slug>/<int:pk>/history/<int:version_pk>/restore/",
        history.restore,
        name="restore_version",
    ),
    path("<slug:edition_slug>/<int:pk>/rework/", versions.rework, name="rework"),
    path("<slug:edition_slug>/<int:pk>/give-up/", versions.give_up, name="give_up"),
    path("<slug:edition_slug>/<int:pk>/take-up/", versions.take_up, name="take_up"),
    path("<slug:edition_slug>/<int:pk>/changes/", versions.changes, name="changes"),
    path("<slug:edition_slug>/<int:pk>/embargo/", versions.embargo, name="embargo"),
    path("<slug:edition_slug>/<int:pk>/versions/", versions.versions, name="versions"),
    path("<slug:edition_slug>/<int:pk>/versions/<int:number>/", versions.version, name="version"),
    path("<slug:edition_slug>/<int:pk>/experience.pdf", sharing.document, name="document"),
    path("<slug:edition_slug>/<int:pk>/card.png", sharing.card, name="card"),
    path("attachments/<uuid:pk>/", attachments.download, name="attachment"),
    path("attachments/<uuid:pk>/remove/", attachments.remove, name="remove_attachment"),
    path("attachments/<uuid:pk>/restore/", attachments.restore, name="restore_attachment"),
    path("pictures/<uuid:pk>/<int:width>.webp", attachments.picture, name="picture"),
]
