"""How many questions a target puts to the database when its caches are warm."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scripts.stack import TOKEN


def count_queries(target: Any) -> int:
    """The second time of two, sessions and users included, savepoints left out."""
    request = target.requests[0]
    client = Client(headers={"X-CSRFToken": TOKEN, "X-Requested-With": "fetch"})
    client.cookies.load(f"{request.cookie}; csrftoken={TOKEN}")
    counted = 0
    for _ in range(2):
        body = request.body
        if request.version is not None:
            body = body.replace("%(version)s", str(request.version))
        kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
        with CaptureQueriesContext(connection) as captured:
            answer = client.generic(target.method, request.path, body, content_type=kind)
        assert answer.status_code == target.expect, answer.content[:1000]
        if request.version is not None:
            request.version = answer.json()["version"]
        counted = sum(1 for query in captured if "SAVEPOINT" not in query["sql"])
    return counted
