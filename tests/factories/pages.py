"""Pages of the CMS that stand in place for a test."""

from typing import Any

from wagtail.models import Page
from wagtail.signals import page_published


def as_published(page: Any) -> Any:
    """The page as it stands when an editor has published it.

    Half the time of the whole suite would go into publishing, were it done step by step;
    the tests of the CMS and of changes do it so.
    """
    revision = page.save_revision(clean=False)
    Page.objects.filter(pk=page.pk).update(
        live=True,
        live_revision=revision,
        has_unpublished_changes=False,
        first_published_at=revision.created_at,
        last_published_at=revision.created_at,
    )
    page_published.send(sender=type(page), instance=page, revision=revision)
    return type(page).objects.get(pk=page.pk)
