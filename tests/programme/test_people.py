"""Places and roles: offered, moved, given and taken through actions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.accounts.actions import invite_person, set_access
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, IllegalMove, InvalidInput, PermissionDenied
from lms.programme.actions import assign_role, enrol_person, move_enrolment, take_role
from lms.programme.enums import EnrolmentStatus, Role
from lms.programme.models import Edition, Enrolment, RoleAssignment
from tests.factories.accounts import AdministratorFactory, CityFactory, UserFactory
from tests.factories.programme import EditionFactory, coordinator, enrol, instructor, participant
from tests.queries import MANY

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of(client: Client) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


def page_of(edition: Edition) -> str:
    return reverse("programme:people", args=[edition.slug])


def test_a_known_person_gets_one_message_and_keeps_name_and_password(
    edition: Edition, at: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    known = UserFactory.create(email="ana@quito.example", name="Ana María")

    with django_capture_on_commit_callbacks(execute=True):
        enrolment = enrol_person(
            edition=edition,
            email=" ANA@Quito.example ",
            name="Somebody Else",
            city=CityFactory.create(),
            is_guaranteed=True,
            by=coordinator(edition),
            at=at,
        )

    known.refresh_from_db()
    assert (enrolment.user, enrolment.status) == (known, EnrolmentStatus.GUARANTEED)
    assert (known.name, known.has_usable_password()) == ("Ana María", True)
    [message] = mail.outbox
    assert (message.to, message.subject) == (
        ["ana@quito.example"],
        f"Your place in “{edition.name}”",
    )
    assert "password" not in message.body


def test_a_newcomer_gets_one_message_with_the_edition_and_the_link(
    edition: Edition, at: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    city = CityFactory.create(time_zone="Africa/Nairobi")

    with django_capture_on_commit_callbacks(execute=True):
        enrolment = enrol_person(
            edition=edition, email="new@b.example", name="New", city=city,
            by=coordinator(edition), at=at,
        )  # fmt: skip

    assert enrolment.user.time_zone == "Africa/Nairobi"
    assert enrolment.user.has_usable_password() is False
    [message] = mail.outbox
    assert f"You have been offered a place in “{edition.name}”." in message.body
    assert "/accounts/password/reset/key/" in message.body
    [event] = audit.events_of(enrolment.user)
    assert event.verb == "person.invited"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"email": "nobody"}, "email"),
        ({"email": "a" * 250 + "@b.example"}, "email"),
        ({"email": "a\x00@b.example"}, "email"),
    ],
)
def test_a_newcomer_who_cannot_be_written_to_is_refused(
    edition: Edition, at: datetime, fields: dict[str, str], field: str
) -> None:
    by = coordinator(edition)
    sent: dict[str, Any] = {"email": "new@b.example", "name": "New", **fields}

    with pytest.raises(InvalidInput) as refused:
        enrol_person(edition=edition, city=CityFactory.create(), by=by, at=at, **sent)

    assert list(refused.value.errors) == [field]
    assert Enrolment.objects.count() == 0


def test_a_place_is_offered_once_and_to_no_closed_account(edition: Edition, at: datetime) -> None:
    by = coordinator(edition)
    offer: dict[str, Any] = {"edition": edition, "name": "", "city": CityFactory.create()}
    with pytest.raises(Conflict):
        enrol_person(email=participant(edition).email, by=by, at=at, **offer)
    closed = UserFactory.create(is_active=False)
    with pytest.raises(InvalidInput):
        enrol_person(email=closed.email, by=by, at=at, **offer)


def test_only_coordinators_of_the_edition_offer_places(edition: Edition, at: datetime) -> None:
    for by in (instructor(edition), participant(edition), coordinator(EditionFactory.create())):
        with pytest.raises(PermissionDenied):
            enrol_person(
                edition=edition, email="n@b.example", name="N", city=CityFactory.create(),
                by=by, at=at,
            )  # fmt: skip
    assert not User.objects.filter(email="n@b.example").exists()


def test_accounts_are_made_by_those_who_offer_places(edition: Edition, at: datetime) -> None:
    who: dict[str, Any] = {"email": "n@b.example", "name": "N", "time_zone": "UTC", "at": at}
    with pytest.raises(PermissionDenied):
        invite_person(by=instructor(edition), **who)
    invite_person(by=coordinator(edition), **who)
    with pytest.raises(Conflict):
        invite_person(by=AdministratorFactory.create(), **who | {"email": "N@B.example"})


def test_a_place_is_completed_by_its_certificate_and_by_nobody(
    edition: Edition, at: datetime
) -> None:
    place = participant(edition).enrolments.get()

    with pytest.raises(IllegalMove):
        move_enrolment(enrolment=place, to="completed", by=coordinator(edition), at=at)

    assert move_enrolment(enrolment=place, to="completed", by=None, at=at).status == "completed"


def test_a_coordinator_offers_and_moves_a_place_on_its_page(
    edition: Edition, client_of: Any
) -> None:
    client, city = client_of(coordinator(edition)), CityFactory.create()

    client.post(page_of(edition), {"email": "a@b.example", "name": "A", "city": city.pk})
    place = Enrolment.objects.get()
    address = reverse("programme:move_place", args=[edition.slug, place.pk])
    offered = [to for to, _ in client.get(address).context["moves"]]
    client.post(address, {"to": "guaranteed", "reason": "Paid on 3 October"})

    place.refresh_from_db()
    assert offered == ["invoiced", "guaranteed", "cancelled", "expired"]
    assert place.status == EnrolmentStatus.GUARANTEED
    moved = audit.events_of(place).get(verb="enrolment.moved")
    assert moved.details["reason"] == "Paid on 3 October"
    page = client.get(address)
    assert [to for to, _ in page.context["moves"]] == ["not_completed", "cancelled"]
    refused = client.post(address, {"to": "completed"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["to"])


def test_all_places_come_as_a_table(edition: Edition, at: datetime, client_of: Any) -> None:
    client, quito = client_of(coordinator(edition)), CityFactory.create(name="Quito")
    participant(EditionFactory.create(), name="Of Another Edition")
    enrol_person(
        edition=edition,
        email="ana@quito.example",
        name="=Ana",
        city=quito,
        by=coordinator(edition),
        at=at,
    )
    address = reverse("programme:people_csv", args=[edition.slug])

    text = client.get(address).content.decode("utf-8-sig")

    assert text.splitlines() == [
        "Name,E-mail,City,Organisation,Place,Offered (UTC)",
        "'=Ana,ana@quito.example,Quito,,Offered,2025-11-19 10:00",
    ]
    assert address in client.get(page_of(edition)).content.decode()


def test_a_refused_offer_stands_in_the_form_with_what_was_typed(
    edition: Edition, client_of: Any
) -> None:
    typed = {"email": "a@b.example", "name": "", "city": CityFactory.create().pk}

    answer = client_of(coordinator(edition)).post(page_of(edition), typed)

    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (422, ["name"])
    assert form["email"].value() == "a@b.example"


def test_the_page_asks_the_same_for_one_place_and_for_thirty(
    edition: Edition, client_of: Any
) -> None:
    client = client_of(coordinator(edition))

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            for address in ("programme:people", "programme:people_csv"):
                assert client.get(reverse(address, args=[edition.slug])).status_code == 200
        return len(asked)

    enrol(UserFactory.create(), edition)
    queries()
    one = queries()
    for _ in range(MANY - 1):
        enrol(UserFactory.create(), edition)
    assert queries() == one


def test_a_role_is_given_and_taken_by_administrators_alone(edition: Edition, at: datetime) -> None:
    user, by = UserFactory.create(), AdministratorFactory.create()
    role: dict[str, Any] = {"edition": edition, "user": user, "role": Role.MODERATOR, "at": at}
    with pytest.raises(PermissionDenied):
        assign_role(by=coordinator(edition), **role)
    given = assign_role(by=by, **role)
    with pytest.raises(Conflict):
        assign_role(by=by, **role)
    with pytest.raises(PermissionDenied):
        take_role(assignment=given, by=coordinator(edition), at=at)
    take_role(assignment=given, by=by, at=at)
    assert not RoleAssignment.objects.filter(user=user).exists()


@pytest.mark.parametrize(
    ("role", "has_city", "field"),
    [("city_team", False, "city"), ("instructor", True, "city"), ("nonsense", False, "role")],
)
def test_a_city_goes_with_a_city_team_and_with_nothing_else(
    edition: Edition, at: datetime, role: str, has_city: bool, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        assign_role(
            edition=edition, user=UserFactory.create(), role=role,
            city=CityFactory.create() if has_city else None,
            by=AdministratorFactory.create(), at=at,
        )  # fmt: skip
    assert list(refused.value.errors) == [field]


def test_a_refusal_stands_in_the_administrator_s_form(edition: Edition, client_of: Any) -> None:
    client, user = client_of(AdministratorFactory.create()), UserFactory.create()
    sent = {"edition": edition.pk, "user": user.pk, "role": "city_team"}

    answer = client.post(reverse("admin:programme_roleassignment_add"), sent)

    form = answer.context["adminform"].form
    assert form.errors == {"city": ["Choose the city whose team this is."]}
    assert form["user"].value() == str(user.pk)
    assert not RoleAssignment.objects.exists()


def test_access_is_set_with_its_old_and_new_value_and_never_taken_from_oneself(
    at: datetime, client_of: Any
) -> None:
    by, user = AdministratorFactory.create(), UserFactory.create(name="Ines")
    client = client_of(by)
    address = reverse("admin:accounts_user_change", args=[user.pk])
    assert client.get(address).status_code == 200

    client.post(address, {"is_staff": "on", "name": "Another", "is_active": "on"})

    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.name) == (True, False, "Ines")
    event = audit.events_of(user).get()
    assert (event.details["before"]["is_staff"], event.details["after"]["is_staff"]) == (
        False,
        True,
    )
    with pytest.raises(Conflict):
        set_access(
            user=by, is_active=True, is_staff=True, is_superuser=False, group_ids=frozenset(),
            by=by, at=at,
        )  # fmt: skip


def test_nobody_sets_another_s_password(client_of: Any) -> None:
    user = UserFactory.create()
    answer = client_of(AdministratorFactory.create()).get(
        reverse("admin:auth_user_password_change", args=[user.pk])
    )
    assert answer.status_code == 404
