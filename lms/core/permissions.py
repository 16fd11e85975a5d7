"""The gate inside every write."""

from typing import Any

import rules

from lms.core.errors import PermissionDenied


def require_perm(by: Any, perm: str, obj: Any = None) -> None:
    """Raise PermissionDenied unless `by` may do `perm` with `obj` now.

    Roles remembered earlier in the request are read again: somebody whose role
    was removed a second ago must not pass.
    """
    if by.is_authenticated:
        by.forget_roles()
    if not by.has_perm(perm, obj):
        raise PermissionDenied(permission=perm)


def may_in_person(by: Any, perm: str, obj: Any = None) -> bool:
    """Whether the rule itself holds for `by`: being an administrator is not enough.

    For what is done in one's own name: writing a project, judging one.
    """
    return bool(by.is_active and rules.has_perm(perm, by, obj))


def require_in_person(by: Any, perm: str, obj: Any = None) -> None:
    """As `require_perm`, by the rule itself (see `may_in_person`)."""
    by.forget_roles()
    if not may_in_person(by, perm, obj):
        raise PermissionDenied(permission=perm)


def abilities(by: Any, obj: Any, **perms: str) -> dict[str, bool]:
    """Which of the named permissions `by` has on `obj`: {"edit": True, …}."""
    return {name: bool(by.has_perm(perm, obj)) for name, perm in perms.items()}
