"""What every screen of the library shares: who may see it, and its furniture."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permission_policies import BasePermissionPolicy

from lms.accounts.models import User
from lms.core.errors import PermissionDenied
from modules.models import H5PVersion

LIST = "h5p_library:index"
TITLE = gettext_lazy("H5P activities")
ICON = "h5p"


class AuthorsPolicy(BasePermissionPolicy):
    """Whoever writes lessons writes, sees and chooses what is played in them."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return bool(action != "delete" and user.has_perm("modules.author_h5p"))

    def users_with_any_permission(self, actions: Any) -> Any:
        raise NotImplementedError("Nobody asks for the list of authors.")


class AuthorsOnly:
    """The actions ask again; this only keeps the screens to those they are for."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("modules.author_h5p"):
            raise PermissionDenied(permission="modules.author_h5p")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


def tell_what_is_played(request: HttpRequest, version: H5PVersion, *, before: int) -> None:
    """After saving; `before`: the number of the version that was looked at."""
    if version.number == before:
        said = _("Nothing was changed: version %(number)d is played as before.")
        messages.info(request, said % {"number": before})
        return
    said = _("Version %(number)d is played from now on.")
    messages.success(request, said % {"number": version.number})


class Screen(AuthorsOnly, WagtailAdminTemplateMixin):
    """A page of the library below its list."""

    header_icon = ICON
    request: HttpRequest

    @property
    def author(self) -> User:
        return cast(User, self.request.user)

    def trail(self) -> list[tuple[str, str]]:
        """(words, address) of what stands between the list and this page."""
        return []

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        steps = [(str(TITLE), reverse(LIST)), *self.trail(), (str(self.get_page_title()), "")]
        home = {"url": reverse("wagtailadmin_home"), "label": _("Home")}
        return [home, *({"url": url, "label": label} for label, url in steps)]
