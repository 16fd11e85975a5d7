"""What an answer costs: a list of one and a list of many must cost the same."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

# Enough to show a question that is asked once a row, and quickly made.
MANY = 6


def queries_of(client: Any, *addresses: str) -> list[int]:
    """How many questions of the database each address asks; each is answered."""
    counts = []
    for address in addresses:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    return counts
