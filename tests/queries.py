"""What an answer costs: a list of one and a list of thirty must cost the same."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries_of(client: Any, *addresses: str) -> list[int]:
    """How many questions of the database each address asks; each is answered."""
    counts = []
    for address in addresses:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    return counts
