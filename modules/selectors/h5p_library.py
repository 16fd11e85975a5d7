"""The library of interactive content, as its authors see it."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from wagtail.models import Page, Revision

from h5p.dependencies import resolve
from h5p.export import export_package
from modules.h5p_shelf import pinned_shelf
from modules.h5p_store import store
from modules.models import ActivityPage, H5PArrival, H5PContent, H5PVersion, LessonPage


def contents_with_use(*, archived: bool = False) -> QuerySet[H5PContent]:
    """The contents of the list, or those of the archive, with `uses` (activities that play
    them) and what the list shows."""
    uses = (
        ActivityPage.objects.filter(h5p=OuterRef("pk"))
        .order_by()
        .values("h5p")
        .annotate(count=Count("pk"))
    )
    return (
        H5PContent.objects.filter(archived_at__isnull=not archived)
        .select_related("current__main_library", "current__created_by", "archived_by")
        .defer("current__parameters", "current__questions", "current__files")
        .annotate(uses=Subquery(uses.values("count")))
    )


def pages_of(content: H5PContent) -> list[ActivityPage]:
    """The pages that play it, published or not, and those that would: whose draft does, or
    what is scheduled for them."""
    scheduled = Revision.objects.filter(
        approved_go_live_at__isnull=False,
        content_type=ContentType.objects.get_for_model(ActivityPage),
        content__h5p=content.pk,
    )
    ids = {int(page) for page in scheduled.values_list("object_id", flat=True)}
    playing = Q(h5p=content) | Q(latest_revision__content__h5p=content.pk) | Q(pk__in=ids)
    return list(ActivityPage.objects.filter(playing).order_by("path"))


def places_of(content: H5PContent) -> list[dict[str, Any]]:
    """Where a content is played, or would be (`in_draft`): [{"page", "lesson", "course"}], in
    the order of the pages."""
    pages = pages_of(content)
    step = Page.steplen
    above = {page.path[:-step] for page in pages} | {page.path[: -2 * step] for page in pages}
    titles = dict(Page.objects.filter(path__in=above).values_list("path", "title"))
    numbers = dict(LessonPage.objects.filter(path__in=above).values_list("path", "number"))
    return [
        {
            "page": page,
            "in_draft": page.h5p_id != content.pk,
            "lesson": titles.get(page.path[:-step], ""),
            "number": numbers.get(page.path[:-step]),
            "course": titles.get(page.path[: -2 * step], ""),
        }
        for page in pages
    ]


def arrival_of(upload: str) -> H5PArrival | None:
    """What became of an uploaded package that was reviewed; None while it is not brought in."""
    return H5PArrival.objects.select_related("version__content").filter(upload=upload).first()


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
