from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from peer_exchange.signals import sharing_changed


@pytest.fixture
def heard() -> Iterator[list[tuple[list[int], datetime]]]:
    """What `sharing_changed` said during the test: ids of enrolments, and when."""
    said: list[tuple[list[int], datetime]] = []

    def listen(sender: Any, **kwargs: Any) -> None:
        said.append((kwargs["enrolment_ids"], kwargs["at"]))

    sharing_changed.connect(listen)
    yield said
    sharing_changed.disconnect(listen)
