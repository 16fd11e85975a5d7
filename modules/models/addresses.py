"""Pages are served by our own views, not by Wagtail's router: where each one is."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from wagtail.models import Site

# The preview panel shows the page in a frame of the CMS.
PREVIEW_POLICY = {"frame-ancestors": ["'self'"]}


class OwnAddressMixin:
    """“View live” and links in texts lead to `public_path`; previews use the page's
    own template with a neutral reader."""

    def public_path(self) -> str | None:
        """The path of the page on the site, or None while it has none."""
        raise NotImplementedError

    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[Any, ...] | None:
        sites = self._get_relevant_site_root_paths(request)  # type: ignore[attr-defined]
        path = self.public_path()
        if path is None:
            return None
        if sites:
            return (sites[0].site_id, sites[0].root_url, path)
        site = Site.objects.filter(is_default_site=True).first()
        return (site.pk, site.root_url, path) if site else None

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        response: Any = super().serve_preview(request, mode_name)  # type: ignore[misc]
        response._csp_replace = PREVIEW_POLICY
        return response

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return str(self.template)  # type: ignore[attr-defined]


class FixedSlugMixin:
    """Once published, a page keeps its address: people have it in their bookmarks,
    notes and messages."""

    def clean(self) -> None:
        super().clean()  # type: ignore[misc]
        if not self.pk or not self.first_published_at:  # type: ignore[attr-defined]
            return
        stored = type(self)._default_manager.filter(pk=self.pk)  # type: ignore[attr-defined]
        if stored.exclude(slug=self.slug).exists():  # type: ignore[attr-defined]
            raise ValidationError(
                {
                    "slug": _(
                        "This page has been published: its address is fixed, because people "
                        "have links to it. Change the title as you like."
                    )
                }
            )
