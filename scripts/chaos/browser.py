"""A participant's browser: a session, a CSRF cookie, and the patience to ask again."""

import http.client
import json
import random
import time
from collections import Counter
from dataclasses import dataclass
from http.cookies import SimpleCookie
from itertools import count
from typing import Any

from scripts.stack import TOKEN

# As a sync worker answers, or a proxy in front of it; a person waits no longer.
ANSWER_WITHIN = 20.0
PAUSE_FIRST, PAUSE_LONGEST = 0.3, 5.0


class Unreachable(Exception):
    """No answer, or half of one: whether the server did what was asked is not known."""


class GivenUp(Exception):
    """The time of the whole run is over."""


class Unexpected(Exception):
    """An answer that no part of the protocol has."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def is_busy(self) -> bool:
        return self.status >= 500 or self.status == 429

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Of a problem+json; "" of anything else."""
        try:
            return str(self.json().get("code", ""))
        except (ValueError, AttributeError):
            return ""

    def unexpected(self, what: str) -> Unexpected:
        return Unexpected(f"{what}: {self.status} {self.body[:300]!r}")


class Browser:
    def __init__(
        self, port: int, session: str, counts: Counter[str], chance: random.Random, until: float
    ) -> None:
        self.port = port
        self.cookies = SimpleCookie(f"{session}; csrftoken={TOKEN}")
        self.counts = counts
        self.chance = chance
        self.until = until  # of time.monotonic()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Once. Raises Unreachable."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_WITHIN)
        cookies = "; ".join(f"{name}={held.value}" for name, held in self.cookies.items())
        said = {"Cookie": cookies, **(headers or {})}
        if method != "GET" and "csrftoken" in self.cookies:
            said["X-CSRFToken"] = self.cookies["csrftoken"].value
        try:
            connection.request(method, path, body, said)
            came = connection.getresponse()
            answer = Answer(came.status, came.headers, came.read())
        except (OSError, http.client.HTTPException) as error:
            self.counts[f"no answer ({type(error).__name__})"] += 1
            raise Unreachable from error
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(cookie)
        if answer.is_busy:
            self.counts[f"answer {answer.status}"] += 1
        return answer

    def ask_until_answered(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """The same request again until somebody answers it. Raises GivenUp."""
        for tries in count():
            try:
                answer = self.ask(method, path, body, headers)
                if not answer.is_busy:
                    return answer
            except Unreachable:
                pass
            self.counts["asked again"] += 1
            # Ever more slowly, and not all at once, as our own scripts do.
            longest = min(PAUSE_FIRST * 2**tries, PAUSE_LONGEST)
            self.wait(self.chance.uniform(0, longest))
        raise AssertionError("Counting has no end.")

    def wait(self, seconds: float) -> None:
        if time.monotonic() > self.until:
            raise GivenUp
        time.sleep(seconds)


def as_json(body: Any) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of our own scripts' requests."""
    return json.dumps(body).encode(), {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "X-Requested-With": "fetch",
    }
