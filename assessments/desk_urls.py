"""Addresses around the marking desk: comments at places, the bank of comments, what is
fetched ahead."""

from django.urls import path

from assessments.views import annotating, desk_ahead, snippets

_bank = "marking/<slug:edition_slug>/comment-bank/"
_desk = "marking/<slug:edition_slug>/<int:pk>/"

urlpatterns = [
    path(_bank, snippets.bank, name="comment_bank"),
    path(f"{_bank}rows/", snippets.rows, name="comment_bank_rows"),
    path(f"{_bank}export.csv", snippets.export, name="comment_bank_csv"),
    path(f"{_bank}<int:pk>/<slug:move>/", snippets.move, name="move_snippet"),
    path(f"{_desk}ahead/", desk_ahead.ahead, name="desk_ahead"),
    path(f"{_desk}go-on/", desk_ahead.go_on, name="go_on"),
    path(f"{_desk}earlier/<str:receipt>/", desk_ahead.earlier_attempt, name="earlier_attempt"),
    path(f"{_desk}comments/", annotating.write, name="annotate"),
    path(
        f"{_desk}comments/<int:annotation>/<slug:move>/",
        annotating.move,
        name="move_annotation",
    ),
]
