"""The reference section (A1): open to everybody, linked from lessons and back."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from lms.programme.models import Edition, Enrolment
from modules.models import LessonPage
from modules.models.reference import TermSectionsBlock
from tests.factories.modules import make_activity, make_reference, make_term
from tests.factories.programme import EditionFactory, participant

pytestmark = pytest.mark.django_db


def section(heading: str, text: str = "<p>Words.</p>") -> dict[str, Any]:
    return {"type": "section", "value": {"heading": heading, "text": text}}


def test_a_term_is_read_without_an_account_in_the_order_of_its_sections(client: Client) -> None:
    related = make_term("sister-city")
    make_term(
        sections=[section("examples"), section("definition"), section("geographical_scope")],
        related=[{"type": "term", "value": related.pk}],
    )

    page = client.get("/reference/city-network/").content.decode()

    places = [
        page.index(f'<h2 id="{key}">') for key in ("definition", "geographical_scope", "examples")
    ]
    assert places == sorted(places)
    for key in ("definition", "geographical_scope", "examples", "related"):
        assert f'href="#{key}"' in page
    assert 'href="/reference/sister-city/"' in page
    assert "City network" in client.get("/reference/").content.decode()


def test_what_is_not_published_is_not_found(client: Client) -> None:
    term = make_term()
    term.unpublish()
    assert client.get("/reference/city-network/").status_code == 404
    assert "City network" not in client.get("/reference/").content.decode()

    make_reference().unpublish()
    assert client.get("/reference/").status_code == 404


@pytest.mark.usefixtures("indexed")
def test_lessons_link_terms_and_terms_say_to_readers_where_they_are_used(
    client: Client, edition: Edition, enrolment: Enrolment, lesson: LessonPage
) -> None:
    term = make_term()
    in_text = make_activity(
        lesson,
        title="It links in its text",
        body=[
            {
                "type": "text",
                "value": f'<p>See <a linktype="page" id="{term.pk}">networks</a>.</p>',
            }
        ],
    )
    make_activity(
        lesson, title="It lists the term", body=[{"type": "key_terms", "value": [term.pk]}]
    )
    make_activity(lesson, title="It does neither")
    assert "It links" not in client.get(term.get_url()).content.decode()

    client.force_login(enrolment.user)
    lesson_page = client.get(in_text.get_url()).content.decode()
    assert '<a href="/reference/city-network/">networks</a>' in lesson_page
    shown = client.get(term.get_url()).content.decode()
    assert "It links in its text" in shown
    assert "It lists the term" in shown
    assert "It does neither" not in shown

    client.force_login(participant(EditionFactory.create()))
    assert "It links" not in client.get(term.get_url()).content.decode()


def test_a_term_costs_the_same_for_one_and_for_thirty_links(
    client: Client, lesson: LessonPage, django_assert_max_num_queries: Any
) -> None:
    def cost(slug: str) -> int:
        client.get(f"/reference/{slug}/")
        with django_assert_max_num_queries(30) as queries:
            assert client.get(f"/reference/{slug}/").status_code == 200
        return len(queries)

    others = [make_term(f"term-{number}") for number in range(30)]
    make_term("few", related=[{"type": "term", "value": others[0].pk}])
    make_term("many", related=[{"type": "term", "value": term.pk} for term in others])

    assert cost("many") == cost("few")


def test_a_heading_stands_once_on_a_term() -> None:
    block = TermSectionsBlock()

    with pytest.raises(ValidationError):
        block.clean(block.to_python([section("definition"), section("definition")]))
