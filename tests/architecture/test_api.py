"""Every endpoint of the API, also those nobody has written yet."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_filters import ModelChoiceFilter
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from rest_framework.pagination import CursorPagination
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

from api.filters import FilterBackend, IdFilter
from api.pagination import CursorPagination as OurPagination
from api.serializers import StrictSerializer
from api.v1.urls import router
from tests.factories.marking import provisional, submitted
from tests.factories.programme import EditionFactory, instructor, participant

VIEWSETS = {basename: viewset for _, viewset, basename in router.registry}


def test_the_registry_is_in_alphabetical_order() -> None:
    prefixes = [prefix for prefix, _, _ in router.registry]
    assert prefixes == sorted(prefixes)


@pytest.mark.parametrize("name", VIEWSETS)
def test_every_list_is_paged_by_cursor_and_bounded(name: str) -> None:
    pagination = VIEWSETS[name].pagination_class
    assert issubclass(pagination, CursorPagination)
    assert issubclass(pagination, OurPagination)
    assert (pagination.max_page_size or 0) <= 100


@pytest.mark.parametrize("name", VIEWSETS)
def test_every_serializer_names_its_fields(name: str) -> None:
    meta = getattr(VIEWSETS[name].serializer_class, "Meta", None)
    assert meta is None or isinstance(meta.fields, list | tuple)


def test_nothing_is_written_but_by_a_move() -> None:
    """No update, no partial_update, no destroy: each move has an address of its own."""
    general = {"update", "partial_update", "destroy"}
    assert {name: general & set(dir(viewset)) for name, viewset in VIEWSETS.items()} == {
        name: set() for name in VIEWSETS
    }


def test_every_endpoint_is_throttled() -> None:
    for viewset in VIEWSETS.values():
        assert {AnonRateThrottle, UserRateThrottle} <= set(viewset.throttle_classes)


@pytest.fixture
def schema(db: None) -> dict[str, Any]:
    GENERATOR_STATS.reset()
    return dict(SchemaGenerator(api_version="v1").get_schema(public=True))


def test_the_schema_is_complete_valid_and_about_this_api_alone(schema: dict[str, Any]) -> None:
    validate_schema(schema)
    assert [path for path in schema["paths"] if not path.startswith("/api/v1/")] == []
    assert sorted(GENERATOR_STATS._warn_cache) == []
    assert sorted(GENERATOR_STATS._error_cache) == []


# What takes no key of the general kind, and why (docs/adr/0021).
NO_GENERAL_KEY = {
    "post /api/v1/experiences/{id}/attach/": "a file",
    "post /api/v1/files/": "a file",
    "post /api/v1/pack-returns/": "several transactions",
    "post /api/v1/projects/{id}/submit/": "a lasting key of its own",
    "post /api/v1/receipts/verify/": "changes nothing, and nobody need be signed in",
    "post /api/v1/uploads/": "a lasting key of its own",
    "post /api/v1/uploads/{id}/finish/": "several transactions",
}


def takes_key(operation: dict[str, Any]) -> bool:
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    return key in operation.get("parameters", [])


def writes(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if method in {"post", "put"}
    }


def test_every_write_takes_an_idempotency_key_but_those_with_a_reason(
    schema: dict[str, Any],
) -> None:
    without = {name for name, one in writes(schema).items() if not takes_key(one)}
    assert without == set(NO_GENERAL_KEY)
    assert len(writes(schema)) > 150


def test_no_answer_that_is_kept_holds_a_secret(schema: dict[str, Any]) -> None:
    secrets = {"password", "secret", "token", "play"}

    def names_in(body: Any, seen: frozenset[str] = frozenset()) -> set[str]:
        if isinstance(body, list):
            return set().union(*(names_in(one, seen) for one in body))
        if not isinstance(body, dict):
            return set()
        named = body.get("$ref", "").rpartition("/")[2]
        if named in seen:
            return set()
        inner = schema["components"]["schemas"].get(named, {})
        properties = body.get("properties", {})
        return {*properties}.union(
            names_in(inner, seen | {named}), *(names_in(one, seen) for one in body.values())
        )

    telling = {
        name
        for name, operation in writes(schema).items()
        if takes_key(operation) and names_in(operation["responses"]) & secrets
    }
    assert telling == set()


def test_every_detail_says_what_its_reader_may_do(schema: dict[str, Any]) -> None:
    details = {
        path: operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for path, operations in schema["paths"].items()
        if path.endswith("}/") and "get" in operations
    }
    assert len(details) > 10
    without = [
        path
        for path, body in details.items()
        if "abilities" not in _component(schema, body).get("properties", {})
    ]
    assert without == []


def _component(schema: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    name = body["$ref"].rpartition("/")[2]
    return dict(schema["components"]["schemas"][name])


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, v in VIEWSETS.items() if hasattr(v, "list")])
def test_nobody_is_told_401_in_json(client: Client, name: str) -> None:
    answer = client.get(reverse(f"api:v1:{name}-list"))
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"]
    assert answer.json()["code"] == "not_authenticated"


def filters_by_id() -> list[tuple[str, str]]:
    """Names of lists, and of what they are filtered by that is the id of something else."""
    found = []
    for name, viewset in VIEWSETS.items():
        made = viewset.queryset
        if made is None or not getattr(viewset, "filterset_fields", None):
            continue
        filters = FilterBackend().get_filterset_class(viewset(), made).base_filters
        assert not [one for one in filters.values() if isinstance(one, ModelChoiceFilter)], name
        found += [(name, key) for key, one in filters.items() if isinstance(one, IdFilter)]
    return found


@pytest.mark.django_db
def test_a_filter_does_not_tell_whether_an_id_exists(client: Client) -> None:
    """Of what the reader may not know an id finds as little as one that nobody has."""
    edition = EditionFactory.create()
    marker = instructor(edition)
    grade = provisional(submitted(edition), marker)
    client.force_login(participant(EditionFactory.create()))
    hidden = {"submission": grade.submission_id, "grade": grade.pk, "marker": marker.pk}
    assert len(filters_by_id()) > 20
    for name, key in filters_by_id():
        address = reverse(f"api:v1:{name}-list")
        plain = client.get(address)
        for asked in (987654321, hidden.get(key, 1)):
            answer = client.get(address, {key: asked})
            assert answer.status_code == plain.status_code, (name, key, asked)
            if answer.status_code == 200:
                assert answer.json()["results"] == [], (name, key, asked)
        if plain.status_code == 200:
            assert client.get(address, {key: "1.5"}).status_code == 422, (name, key)


def bodies() -> dict[str, type]:
    """Every serializer of a request body in api/v1."""
    import importlib
    import pkgutil

    import api.v1

    found = {}
    for module in pkgutil.iter_modules(api.v1.__path__):
        names = vars(importlib.import_module(f"api.v1.{module.name}"))
        for value in names.values():
            if isinstance(value, type) and issubclass(value, StrictSerializer):
                found[value.__name__] = value
    return found


@pytest.mark.parametrize("name", bodies())
def test_a_field_nobody_asked_for_is_refused(name: str) -> None:
    serializer = bodies()[name](data={"is_superuser": True})
    assert not serializer.is_valid()
    assert "is_superuser" in serializer.errors
