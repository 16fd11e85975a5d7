"""The library of interactive content, as its authors see it."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from wagtail.models import Page

from h5p.dependencies import resolve
from h5p.export import export_package
from modules.h5p_shelf import pinned_shelf
from modules.h5p_store import store
from modules.models import ActivityPage, H5PContent, H5PVersion, LessonPage


def contents_with_use() -> QuerySet[H5PContent]:
    """All contents with `uses` (activities that play them) and what their list shows."""
    uses = (
        ActivityPage.objects.filter(h5p=OuterRef("pk"))
        .order_by()
        .values("h5p")
        .annotate(count=Count("pk"))
    )
    return (
        H5PContent.objects.select_related("current__main_library", "current__created_by")
        .defer("current__parameters", "current__questions", "current__files")
        .annotate(uses=Subquery(uses.values("count")))
    )


def places_of(content: H5PContent) -> list[dict[str, Any]]:
    """Where a content is played: [{"page", "lesson", "course"}], in the order of the pages."""
    pages = list(content.activities.order_by("path"))
    step = Page.steplen
    above = {page.path[:-step] for page in pages} | {page.path[: -2 * step] for page in pages}
    titles = dict(Page.objects.filter(path__in=above).values_list("path", "title"))
    numbers = dict(LessonPage.objects.filter(path__in=above).values_list("path", "number"))
    return [
        {
            "page": page,
            "lesson": titles.get(page.path[:-step], ""),
            "number": numbers.get(page.path[:-step]),
            "course": titles.get(page.path[: -2 * step], ""),
        }
        for page in pages
    ]


def package_of(version: H5PVersion) -> bytes:
    """The version as an .h5p that other players accept. It carries its answers."""
    library = version.main_library
    shelf = pinned_shelf(version.pins)
    main = shelf.find(library.name, hash=library.content_hash)
    if main is None:
        raise LookupError(f"The library {library} is not installed.")
    resolution = resolve(main, version.parameters, shelf, pins=version.pins, editor=True)
    files = {path: sha256 for path, (sha256, _size) in version.files.items()}
    return export_package(version.metadata, version.parameters, files, resolution, store())
