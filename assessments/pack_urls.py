"""Addresses of marking without a connection."""

from django.urls import path

from assessments.views import marking_packs

_start = "marking-pack/<slug:edition_slug>/"

urlpatterns = [
    path(_start, marking_packs.pack, name="marking_pack"),
    path(f"{_start}pack.zip", marking_packs.pack_zip, name="marking_pack_zip"),
    path(f"{_start}<int:pk>/", marking_packs.pack_return, name="pack_return"),
    path(f"{_start}<int:pk>/rows.csv", marking_packs.pack_return_csv, name="pack_return_csv"),
]
