"""What frames ask for: all of it below /h5p/, on a host of its own where one is configured."""

from django.urls import path

from modules.views import h5p_files, h5p_play

app_name = "h5p"
urlpatterns = [
    path("frame/<str:token>/", h5p_play.frame, name="frame"),
    path("bundles/<str:key>.<str:kind>", h5p_files.bundle, name="bundle"),
    path("core/<str:version>/<path:path>", h5p_files.core, name="core"),
    path("libraries/<str:content_hash>/<path:path>", h5p_files.library, name="library"),
    path("content/<str:token>/<path:path>", h5p_files.content, name="content"),
    path("of/<str:token>/<path:path>", h5p_files.by_name, name="by_name"),
]
