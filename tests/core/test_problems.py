"""A refusal has one body (RFC 9457), whether a program or a script of our pages asked."""

import json

import pytest

from api.errors import problem_json
from lms.core.errors import Conflict, DomainError, InvalidInput, StaleVersion, TooLarge
from lms.core.problems import problem, problem_of, problem_response


@pytest.mark.parametrize(
    ("error", "body"),
    [
        (Conflict("Already done."), problem(409, "conflict", "Already done.")),
        (
            StaleVersion("Newer.", version=2, stored={"text": "x"}),
            problem(409, "stale_version", "Newer.", version=2, stored={"text": "x"}),
        ),
        (TooLarge("Too long.", field="text"), problem(413, "too_large", "Too long.", field="text")),
        (
            InvalidInput("Look again.", errors={"text": ["Write.", "More."], "day": ["When?"]}),
            problem(
                422,
                "invalid",
                "Look again.",
                "Write. More. When?",
                errors={"text": ["Write.", "More."], "day": ["When?"]},
            ),
        ),
    ],
)
def test_the_api_and_our_scripts_are_told_the_same(
    error: DomainError, body: dict[str, object]
) -> None:
    from_api, from_page = problem_json(error, {}), problem_response(error)

    assert from_api is not None
    assert problem_of(error) == body
    assert from_api.data == json.loads(from_page.content) == body
    assert from_api.status_code == from_page.status_code == body["status"]
    assert from_api.content_type == from_page["Content-Type"] == "application/problem+json"
