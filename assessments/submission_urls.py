"""Addresses of the participant's project and of receipts."""

from django.urls import path

from assessments.views import (
    draft_news,
    files,
    history,
    project,
    receipts,
    submitting,
    team_setup,
    teams,
    writing,
)

urlpatterns = [
    path("project/<slug:edition_slug>/", project.show_project, name="project"),
    path("project/<slug:edition_slug>/guidelines/", project.show_guidelines, name="guidelines"),
    path("project/<slug:edition_slug>/start/", project.start, name="start"),
    path("project/<slug:edition_slug>/draft/", writing.draft, name="draft"),
    path("project/<slug:edition_slug>/draft/news/", draft_news.draft_news, name="draft_news"),
    path("project/<slug:edition_slug>/history/", history.show_history, name="history"),
    path(
        "project/<slug:edition_slug>/history/<int:pk>/", history.show_version, name="draft_version"
    ),
    path(
        "project/<slug:edition_slug>/history/<int:pk>/restore/",
        history.restore,
        name="restore_version",
    ),
    path("project/<slug:edition_slug>/adopt/", writing.adopt, name="adopt"),
    path("project/<slug:edition_slug>/files/", files.attach, name="attach"),
    path("project/<slug:edition_slug>/files/list/", files.list_files, name="files"),
    path("project/<slug:edition_slug>/submit/", submitting.submit, name="submit"),
    path("project/<slug:edition_slug>/submit/later/", submitting.intend, name="intend"),
    path("project/<slug:edition_slug>/withdraw/", submitting.withdraw, name="withdraw"),
    path("project/<slug:edition_slug>/reopen/", submitting.reopen, name="reopen"),
    path("project/<slug:edition_slug>/<int:pk>/return/", submitting.return_, name="return"),
    path("project/files/<uuid:pk>/", files.download, name="file"),
    path("project/files/<uuid:pk>/remove/", files.remove, name="remove_file"),
    path("project/files/<uuid:pk>/restore/", files.restore, name="restore_file"),
    path("project/uploads/<uuid:pk>/cancel/", files.cancel, name="cancel_upload"),
    path("receipts/<str:receipt>/", receipts.show_receipt, name="receipt"),
    path("receipts/<str:receipt>/pdf/", receipts.download_receipt, name="receipt_pdf"),
    path("receipts/<str:receipt>/verify/", receipts.verify_receipt, name="verify_receipt"),
    path("project/<slug:edition_slug>/team/", teams.show_team, name="team"),
    path("project/<slug:edition_slug>/team/invite/", teams.invite, name="invite"),
    path("project/<slug:edition_slug>/team/leave/", teams.leave, name="leave_team"),
    path("project/<slug:edition_slug>/team/<int:pk>/remove/", teams.remove, name="remove_member"),
    path(
        "project/<slug:edition_slug>/team/invitations/<int:pk>/withdraw/",
        teams.uninvite,
        name="withdraw_invitation",
    ),
    path("project/<slug:edition_slug>/invitations/<int:pk>/", teams.invitation, name="invitation"),
    path("project/<slug:edition_slug>/take-up/<int:pk>/", teams.take_up, name="take_up"),
    path("teams/<slug:edition_slug>/", team_setup.teams, name="teams"),
    path("teams/<slug:edition_slug>/export.csv", team_setup.export, name="teams_csv"),
    path("teams/<slug:edition_slug>/<int:pk>/", team_setup.team, name="team_setup"),
    path("teams/<slug:edition_slug>/<int:pk>/add/", team_setup.add, name="add_member"),
    path(
        "teams/<slug:edition_slug>/<int:pk>/remove/<int:member>/",
        team_setup.remove,
        name="take_out_member",
    ),
]
