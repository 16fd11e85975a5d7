from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission

from lms.accounts.enums import TokenScope

if TYPE_CHECKING:
    # DRF reads its default permissions while its views are being imported.
    from rest_framework.request import Request
    from rest_framework.views import APIView


class TokenScopeAllows(BasePermission):
    """A token that may only read cannot write. Sessions are not limited here."""

    message = _("This token may only read.")

    def has_permission(self, request: "Request", view: "APIView") -> bool:
        if request.auth is None or request.method in SAFE_METHODS:
            return True
        return getattr(request.auth, "scope", None) == TokenScope.WRITE
