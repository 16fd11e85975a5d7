"""A programme from nothing: an administrator, the admin's screens, and no loader."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from assessments.models import CompletionPolicy, GuidelinesPage, Project, Rubric
from lms.accounts.models import City, User
from lms.core.models import AuditEvent
from lms.programme.enums import EnrolmentStatus, Role
from lms.programme.models import Edition, Enrolment, Phase, RoleAssignment
from modules.models import CoursePage
from tests.factories.accounts import AdministratorFactory

pytestmark = pytest.mark.django_db

LEVELS = [("Very good", "4", "Somebody else could begin tomorrow."), ("Not yet", "0", "A list.")]
DEADLINE = {
    "on": "2026-12-11",
    "time": "23:59",
    "zone": "Africa/Nairobi",
    "grace_minutes": "30",
    "accepts_late": "on",
}


@pytest.fixture
def administrator() -> User:
    return AdministratorFactory.create()


@pytest.fixture
def staff(administrator: User) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def sent(client: Client, address: str, data: dict[str, Any], *args: Any) -> None:
    """Post a form; it was accepted when the answer leads on."""
    answer = client.post(reverse(address, args=args), data)
    shown = answer.context and [
        form.errors
        for key in ("adminform", "form", "head")
        if (form := getattr(answer.context.get(key), "form", answer.context.get(key)))
    ]
    assert answer.status_code == 302, (address, shown)


def make_edition(staff: Client) -> Edition:
    sent(
        staff,
        "admin:programme_programme_add",
        {"name": "City Diplomacy", "slug": "city-diplomacy", "host": "Metropolis"},
    )
    sent(
        staff,
        "admin:programme_edition_add",
        {
            "programme": Edition._meta.get_field("programme").related_model.objects.get().pk,
            "number": "1",
            "slug": "nairobi-2026",
            "name": "Nairobi 2026",
            "place": "Nairobi",
            "time_zone": "Africa/Nairobi",
            "starts_on": "2026-11-16",
            "ends_on": "2026-11-20",
            "languages": "en",
            "phases-TOTAL_FORMS": "1",
            "phases-INITIAL_FORMS": "0",
            "phases-0-kind": "in_person",
            "phases-0-title": "The week",
            "phases-0-starts_on": "2026-11-16",
            "phases-0-ends_on": "2026-11-20",
            "phases-0-time_zone": "Africa/Nairobi",
        },
    )
    return Edition.objects.get()


def make_city(staff: Client) -> City:
    sent(
        staff,
        "admin:accounts_city_add",
        {
            "name": "Quito",
            "slug": "quito",
            "country": "EC",
            "region": "latin_america",
            "latitude": "-0.18",
            "longitude": "-78.47",
            "time_zone": "America/Guayaquil",
        },
    )
    return City.objects.get()


def make_course(staff: Client, edition: Edition) -> CoursePage:
    root = Page.objects.get(depth=1)
    sent(
        staff,
        "wagtailadmin_pages:add",
        nested_form_data(
            {
                "title": "The course",
                "slug": "course",
                "edition": edition.pk,
                "intro": rich_text("<p>Welcome.</p>"),
                "action-publish": "1",
            }
        ),
        "modules",
        "coursepage",
        root.pk,
    )
    course = CoursePage.objects.get()
    section = {"key": "context", "title": "Context", "help": rich_text("<p>Where you are.</p>")}
    section |= {"recommended_words": "100", "required": "on"}
    sent(
        staff,
        "wagtailadmin_pages:add",
        nested_form_data(
            {
                "title": "Guidelines",
                "slug": "guidelines",
                "intro": rich_text("<p>Write.</p>"),
                "sections": streamfield([("section", section)]),
                "max_file_mb": "20",
                "max_files": "3",
                "max_members": "4",
                "integrity": rich_text("<p>It is yours.</p>"),
                "action-publish": "1",
            }
        )
        | {"file_types": ["pdf", "docx"]},
        "assessments",
        "guidelinespage",
        course.pk,
    )
    return course


def make_rubric(staff: Client, edition: Edition) -> Rubric:
    """Without JavaScript: begin, add a criterion, type, look at what it does, publish."""
    sent(staff, "assessments:rubrics", {"title": "City strategy"}, edition.slug)
    rubric = Rubric.objects.get()
    at = (edition.slug, rubric.pk)
    sent(staff, "assessments:rubric", {"base_version": "1", "move": "add"}, *at)
    first, second = rubric.draft.content["criteria"]
    for one in (first, second):
        move = f"remove:{one['id']}:{one['levels'][-1]['id']}"
        data = {"base_version": rubric.draft.version, "move": move}
        sent(staff, "assessments:rubric", data, *at)
        rubric.draft.refresh_from_db()
    texts = {"pass_percent": "60"}
    for one, title, weight in ((first, "Evidence", "40"), (second, "Plan", "60")):
        texts |= {f"c.{one['id']}.title": title, f"c.{one['id']}.weight": weight}
        for level, (name, points, words) in zip(one["levels"], LEVELS, strict=False):
            start = f"l.{one['id']}.{level['id']}"
            texts |= {f"{start}.title": name, f"{start}.points": points}
            texts[f"{start}.descriptor"] = words
    version = {"base_version": rubric.draft.version, "move": "preview"}
    sent(staff, "assessments:rubric", {**texts, **version}, *at)
    preview = staff.get(reverse("assessments:rubric_preview", args=at))
    sent(staff, "assessments:publish_rubric", {"sha256": preview.context["sha256"]}, *at)
    return rubric


def make_project(staff: Client, edition: Edition) -> Project:
    make_course(staff, edition)
    make_rubric(staff, edition)
    page = GuidelinesPage.objects.get()
    sent(staff, "assessments:setup", {"guidelines_page": page.pk, **DEADLINE}, edition.slug)
    return Project.objects.get()


def choose_password(message: Any) -> Client:
    """Follow the link of an invitation as its reader does, and sign in."""
    [address] = re.findall(r"/accounts/password/reset/key/\S+", message.body)
    client = Client()
    form = client.get(address, follow=True)
    words = {"password1": "nine bridges of sand", "password2": "nine bridges of sand"}
    client.post(form.request["PATH_INFO"], words)
    client.logout()
    assert client.login(username=message.to[0], password=words["password1"])
    return client


def test_an_administrator_sets_up_an_edition_and_its_people_work_in_it(
    staff: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        edition = make_edition(staff)
        city = make_city(staff)
        sent(
            staff,
            "programme:people",
            {
                "email": "Ana@Quito.example",
                "name": "Ana Participant",
                "city": city.pk,
                "is_guaranteed": "on",
            },
            edition.slug,
        )
        sent(
            staff,
            "admin:accounts_user_add",
            {"email": "ines@metropolis.example", "name": "Ines", "time_zone": "Europe/Madrid"},
        )
        instructor = User.objects.get(name="Ines")
        sent(
            staff,
            "admin:programme_roleassignment_add",
            {"edition": edition.pk, "user": instructor.pk, "role": Role.INSTRUCTOR},
        )
        project = make_project(staff, edition)

    assert Phase.objects.get().time_zone == "Africa/Nairobi"
    assert Enrolment.objects.get().status == EnrolmentStatus.GUARANTEED
    assert project.deadline_at.isoformat() == "2026-12-11T20:59:00+00:00"
    assert project.guidelines.get().section_keys == ("context",)
    invited = {message.to[0]: message for message in mail.outbox}
    assert set(invited) == {"ana@quito.example", "ines@metropolis.example"}
    assert not User.objects.get(name="Ana Participant").has_usable_password()

    ana, ines = (choose_password(invited[to]) for to in sorted(invited))
    home = ana.get(reverse("dashboard:home"))
    assert home.status_code == 200
    assert [place.edition for place in home.context["places"]] == [edition]
    assert ana.get(reverse("assessments:project", args=[edition.slug])).status_code == 200
    assert ana.get(reverse("modules:course", args=[edition.slug])).status_code == 200
    assert ines.get(reverse("assessments:queue", args=[edition.slug])).status_code == 200
    assert ines.get(reverse("dashboard:home")).status_code == 200


def test_everything_an_administrator_did_is_in_the_audit_trail(
    staff: Client, administrator: User
) -> None:
    edition = make_edition(staff)
    city = make_city(staff)
    place = {"email": "a@b.example", "name": "A", "city": city.pk}
    sent(staff, "programme:people", place, edition.slug)
    enrolment = Enrolment.objects.get()
    sent(
        staff,
        "programme:move_place",
        {"to": "invoiced", "reason": "Invoice 7"},
        edition.slug,
        enrolment.pk,
    )
    member = {"edition": edition.pk, "user": enrolment.user_id, "role": "city_team"}
    sent(staff, "admin:programme_roleassignment_add", member | {"city": city.pk})
    role = RoleAssignment.objects.get()
    sent(staff, "admin:programme_roleassignment_delete", {"post": "yes"}, role.pk)
    make_project(staff, edition)

    events = AuditEvent.objects.order_by("pk")
    assert {event.actor for event in events if event.verb != "guidelines.published"} == {
        administrator
    }
    assert [event.verb for event in events] == [
        "programme.added",
        "edition.added",
        "phase.added",
        "city.added",
        "person.invited",
        "enrolment.offered",
        "enrolment.moved",
        "role.assigned",
        "role.taken",
        "rubric.made",
        "rubric.published",
        "project.made",
        "guidelines.published",
    ]
    taken = events.get(verb="role.taken").details
    assert taken == {
        "edition": edition.pk,
        "user": enrolment.user_id,
        "role": "city_team",
        "city": city.pk,
    }
    moved = events.get(verb="enrolment.moved").details
    assert (moved["after"], moved["reason"]) == ("invoiced", "Invoice 7")


POLICIES = {
    "peer_exchange_sharingpolicy": (
        {"max_responses_an_hour": "20"},
        # The rule itself is changed on its own page.
        {"max_responses_an_hour": "30", "min_responses": "3"},
        ({"max_responses_an_hour": 20}, {"max_responses_an_hour": 30}),
    ),
    "timetable_attendancepolicy": (
        {"excused_counts": "on"},
        {"partial_counts": "on"},
        ({"partial_counts": False}, {"partial_counts": True}),
    ),
    "assessments_completionpolicy": (
        {"activity_percent": "100", "requires_project": "on"},
        {"activity_percent": "80"},
        ({"activity_percent": 100}, {"activity_percent": 80}),
    ),
}


@pytest.mark.parametrize("model", POLICIES)
def test_a_changed_policy_is_recorded_with_its_old_and_new_value(
    staff: Client, administrator: User, edition: Edition, model: str
) -> None:
    first, change, (before, after) = POLICIES[model]
    first = {"edition": edition.pk, **first}
    sent(staff, f"admin:{model}_add", first)
    added = AuditEvent.objects.get()
    sent(staff, f"admin:{model}_change", first | change, added.target_id)
    # Sent once more: nothing is different, nothing is recorded.
    sent(staff, f"admin:{model}_change", first | change, added.target_id)

    [event] = AuditEvent.objects.exclude(pk=added.pk)
    assert added.details["before"] == {}
    assert (event.actor, event.details) == (administrator, {"before": before, "after": after})


def test_a_removed_policy_leaves_its_values_in_the_trail(staff: Client, edition: Edition) -> None:
    policy = CompletionPolicy.objects.create(edition=edition, activity_percent=80)

    sent(staff, "admin:assessments_completionpolicy_delete", {"post": "yes"}, policy.pk)

    event = AuditEvent.objects.get()
    assert event.verb == "completionpolicy.removed"
    assert event.details["before"]["activity_percent"] == 80
    assert not CompletionPolicy.objects.exists()
