"""Every address × every role and nobody at all (permission_matrix.py)."""

import json
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from lms.accounts.models import User
from tests.architecture import matrix_of_exchange
from tests.architecture.permission_matrix import API, ELSEWHERE, GATES, GROUPS, PAGES, ROLES
from tests.architecture.scene import Scene, make_scene


@dataclass(frozen=True)
class Line:
    method: str
    address: str
    may: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.address}"


def lines_of(table: str) -> list[Line]:
    lines = []
    for row in filter(None, map(str.split, table.splitlines())):
        method, address, *who = row
        may = {role for name in who for role in GROUPS.get(name, (name,))}
        assert may <= set(ROLES), row
        lines.append(Line(method, address, frozenset(may)))
    return lines


def addresses(
    resolver: URLResolver, namespace: str = "", path: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Every (name with its namespace, path, pattern) of the site."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, inner, f"{path}{pattern.pattern}")
        else:
            yield f"{namespace}{pattern.name or ''}", f"{path}{pattern.pattern}", pattern


MATRIX = lines_of(PAGES + API + GATES + matrix_of_exchange.PAGES + matrix_of_exchange.API)
ADDRESSES = list(addresses(get_resolver()))


def test_every_address_has_its_line() -> None:
    listed = {(line.method, line.address) for line in MATRIX}
    names = {address for _, address in listed}
    missing = set()
    for address, path, pattern in ADDRESSES:
        if path.startswith(("cms/", "django-admin/", "documents/", "^media/")):
            continue  # see GATES
        if not pattern.name or address.startswith(tuple(ELSEWHERE)):
            continue
        if actions := getattr(pattern.callback, "actions", None):  # a viewset says its methods
            missing |= {
                (m.upper(), address)
                for m in actions
                if m != "head" and (m.upper(), address) not in listed
            }
        elif address not in names:
            missing.add(("?", address))
    assert missing == set()


def test_the_matrix_names_no_address_that_is_gone() -> None:
    assert {line.address for line in MATRIX} - {address for address, _, _ in ADDRESSES} == set()


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    """Made once; every request below is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_scene()
        transaction.set_rollback(True)


class Browser(Client):
    """Signed in once for all that is asked. Its session is in the cache at each request, as
    it is where nobody empties the cache."""

    session_at_hand: dict[str, Any]

    def __init__(self, person: User | None, **defaults: Any) -> None:
        super().__init__(**defaults)
        self.session_at_hand = {}
        if person is not None:
            self.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[1])
            session: Any = self.session
            self.session_at_hand = {session.cache_key: dict(session.items())}


@pytest.fixture(scope="module")
def browsers(scene: Scene, django_db_blocker: Any) -> dict[str, Browser]:
    """One for each role, signed in."""
    with django_db_blocker.unblock():
        return {role: Browser(scene.people[role], raise_request_exception=False) for role in ROLES}


# It opens no gate; two addresses refuse it before they look who asks for what.
KEY = {"Idempotency-Key": "the-key-of-this-request"}
WITHOUT_KEY = {"api:v1:pack-return-list", "api:v1:upload-finish"}


@pytest.mark.one_database("postgresql")
@pytest.mark.xdist_group("scene")
@pytest.mark.django_db
@pytest.mark.parametrize("line", MATRIX, ids=str)
def test_the_gate_opens_to_those_named_and_to_nobody_else(
    line: Line, scene: Scene, browsers: dict[str, Browser]
) -> None:
    path, needs = next(parameters(line.address))
    address = reverse(line.address, kwargs=scene.kwargs_of(line.address, needs))
    verdicts = {}
    for role, browser in browsers.items():
        body = scene.bodies.get(str(line), {})
        headers = scene.headers if line.address in WITHOUT_KEY else {**KEY, **scene.headers}
        answer = ask(browser, line.method, address, body, headers)
        verdict = judge(answer, role, is_api=path.startswith("api/"), may=role in line.may)
        if verdict:
            verdicts[role] = f"{verdict}: {answer.status_code}"
    assert verdicts == {}


def parameters(address: str) -> Iterator[tuple[str, list[str]]]:
    for name, path, _ in ADDRESSES:
        if name == address:
            yield path, re.findall(r"<(?:\w+:)?(\w+)>", path)


def ask(
    browser: Browser, method: str, address: str, body: dict[str, Any], headers: dict[str, str]
) -> HttpResponse:
    """One request; what it changes is undone."""
    cookies = copy(browser.cookies)
    cache.set_many(browser.session_at_hand)
    is_form = method == "POST" and ("/api/" not in address or "file" in body)
    with transaction.atomic():
        if method == "GET":
            answer = browser.get(address)
        elif is_form:
            for upload in filter(lambda value: hasattr(value, "seek"), body.values()):
                upload.seek(0)
            answer = browser.post(address, body)
        else:
            answer = browser.generic(
                method, address, json.dumps(body), content_type="application/json",
                headers=headers,
            )  # fmt: skip
        transaction.set_rollback(True)
    if isinstance(answer, FileResponse):
        for close in answer._resource_closers:  # without the signals of answer.close()
            close()
    browser.cookies = cookies
    cache.clear()
    return answer


def judge(answer: HttpResponse, role: str, *, is_api: bool, may: bool) -> str:
    """What is wrong with the answer; nothing if it is right."""
    status = answer.status_code
    to_sign_in = status == 302 and "/login/" in answer["Location"]
    if status >= 500:
        return "broke"
    if status == 405:
        return "does not know the method"
    if may:
        return "turned away" if to_sign_in or status in {401, 403, 404} else ""
    if role == "anonymous":
        return "" if (status == 401 if is_api else to_sign_in) else "not led to sign in"
    if to_sign_in and not is_api:
        return ""  # staff tools of other packages
    if role == "outsider":
        return "" if status == 404 else "sees that it exists"
    return "" if status in {403, 404} else "let in"
