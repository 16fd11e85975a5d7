"""Addresses of the participant's project and of receipts."""

from django.urls import path

from assessments.views import files, project, receipts, submitting, writing

urlpatterns = [
    path("project/<slug:edition_slug>/", project.show_project, name="project"),
    path("project/<slug:edition_slug>/guidelines/", project.show_guidelines, name="guidelines"),
    path("project/<slug:edition_slug>/start/", project.start, name="start"),
    path("project/<slug:edition_slug>/draft/", writing.draft, name="draft"),
    path("project/<slug:edition_slug>/adopt/", writing.adopt, name="adopt"),
    path("project/<slug:edition_slug>/files/", files.attach, name="attach"),
    path("project/<slug:edition_slug>/submit/", submitting.submit, name="submit"),
    path("project/<slug:edition_slug>/withdraw/", submitting.withdraw, name="withdraw"),
    path("project/<slug:edition_slug>/reopen/", submitting.reopen, name="reopen"),
    path("project/<slug:edition_slug>/<int:pk>/return/", submitting.return_, name="return"),
    path("project/files/<uuid:pk>/", files.download, name="file"),
    path("project/files/<uuid:pk>/remove/", files.remove, name="remove_file"),
    path("project/files/<uuid:pk>/restore/", files.restore, name="restore_file"),
    path("receipts/<str:receipt>/", receipts.show_receipt, name="receipt"),
    path("receipts/<str:receipt>/pdf/", receipts.download_receipt, name="receipt_pdf"),
]
