"""Transfers, matching and talks of an edition: /exchange/<edition>/…"""

from django.urls import path

from peer_exchange.views import matching, talks, transfer_moves, transfers

urlpatterns = [
    path("<slug:edition_slug>/transfers/", transfers.transfer_list, name="transfers"),
    path("<slug:edition_slug>/transfers.csv", transfers.export, name="transfers_csv"),
    path("<slug:edition_slug>/transfers/flows.csv", transfers.flows_csv, name="flows_csv"),
    path("<slug:edition_slug>/<int:pk>/interested/", transfer_moves.claim, name="claim"),
    path("<slug:edition_slug>/transfers/<int:pk>/", transfers.detail, name="transfer"),
    path("<slug:edition_slug>/transfers/<int:pk>/step/", transfer_moves.step, name="transfer_step"),
    path(
        "<slug:edition_slug>/transfers/<int:pk>/evidence/",
        transfer_moves.evidence,
        name="transfer_evidence",
    ),
    path(
        "<slug:edition_slug>/transfers/evidence/<int:pk>/<slug:move>/",
        transfer_moves.move_evidence,
        name="move_evidence",
    ),
    path(
        "<slug:edition_slug>/transfers/follow-ups/<int:pk>/",
        transfer_moves.follow_up,
        name="follow_up",
    ),
    path(
        "<slug:edition_slug>/transfers/<int:pk>/<slug:move>/",
        transfer_moves.word,
        name="transfer_word",
    ),
    path("<slug:edition_slug>/matches/", matching.match_list, name="matches"),
    path("<slug:edition_slug>/matches.csv", matching.export, name="matches_csv"),
    path(
        "<slug:edition_slug>/matches/<slug:city_slug>/<slug:move>/",
        matching.move_match,
        name="move_match",
    ),
    path("<slug:edition_slug>/talks/", talks.talk_list, name="talks"),
    path("<slug:edition_slug>/talks.csv", talks.export, name="talks_csv"),
    path("<slug:edition_slug>/talks/with/<slug:city_slug>/", talks.propose, name="propose_talk"),
    path("<slug:edition_slug>/talks/<int:pk>/another/", talks.another, name="another_time"),
    path("<slug:edition_slug>/talks/<int:pk>/talk.ics", talks.calendar_file, name="talk_ics"),
    path("<slug:edition_slug>/talks/<int:pk>/<slug:move>/", talks.move_talk, name="move_talk"),
]
