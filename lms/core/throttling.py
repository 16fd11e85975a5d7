"""Limits on guessing: an address that was wrong too often waits."""

from typing import Any

from rest_framework.throttling import SimpleRateThrottle


class FailedTries(SimpleRateThrottle):
    """Counts what was refused by the address it comes from, and that alone. `scope` names
    its rate in the settings. Ask `allow_request` first; `count` a refusal after it."""

    def get_cache_key(self, request: Any, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}

    def throttle_success(self) -> bool:
        """Asking whether one may try is no try."""
        return True

    def count(self) -> None:
        super().throttle_success()
