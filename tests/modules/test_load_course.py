"""Content files become pages once; from then on the pages belong to their editors."""

from pathlib import Path

import pytest
import yaml
from django.contrib.auth.models import Group
from wagtail.models import GroupPagePermission, Site

from lms.diploma.loading import blocks
from lms.diploma.loading.course import load_course
from lms.diploma.loading.markdown import rich_text
from lms.programme.models import Edition
from modules.models import (
    ActivityPage,
    CoursePage,
    LessonPage,
    LoadedPage,
    ReferenceIndexPage,
    TermPage,
)
from modules.models.body_blocks import BodyBlock
from modules.models.question_blocks import QuestionsBlock
from modules.models.reference import TermSectionsBlock
from tests.factories.modules import change
from tests.factories.programme import SkillFactory

CONTENT = Path(__file__).resolve().parents[2] / "lms" / "diploma" / "content"

LESSON = {
    "number": 1,
    "slug": "context",
    "title": "Context",
    "summary": "What it is about.",
    "aims": ["You can say why."],
    "skills": ["judge"],
}
ACTIVITY = {
    "kind": "knowledge",
    "slug": "why",
    "title": "Why",
    "minutes": 8,
    "summary": "In a sentence.",
    "rule": "answered",
    "body": [{"text": "See [networks](term:network) and [nothing](term:unknown)."}],
    "questions": [{"key": "q1", "kind": "true_false", "prompt": "So?", "answer": True}],
    "sources": [{"title": "A survey", "publisher": "Its authors", "note": "all of it"}],
}


def term(slug: str, other: str) -> dict:
    return {
        "slug": slug,
        "title": slug.capitalize(),
        "short": "Short.",
        "sections": [{"heading": "Definition", "text": f"Unlike [that](term:{other})."}],
        "related": [other],
        "sources": [],
    }


def write(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data), encoding="utf-8")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    write(tmp_path / "lessons/1-context/lesson.yaml", LESSON)
    write(tmp_path / "lessons/1-context/10-why.yaml", ACTIVITY)
    write(tmp_path / "terms/network.yaml", term("network", "twin"))
    write(tmp_path / "terms/twin.yaml", term("twin", "network"))
    return tmp_path


@pytest.mark.django_db
def test_loading_makes_published_pages_that_link_to_each_other(
    edition: Edition, content: Path
) -> None:
    skill = SkillFactory.create(programme=edition.programme, slug="judge")

    load = load_course(edition, content)

    assert (load.made, load.page.edition) == (6, edition)
    activity, network, twin = (
        ActivityPage.objects.live().get(),
        TermPage.objects.live().get(slug="network"),
        TermPage.objects.live().get(slug="twin"),
    )
    assert list(LessonPage.objects.get().skills.all()) == [skill]
    assert activity.body[0].value.source == (
        f'<p>See <a linktype="page" id="{network.pk}">networks</a> and nothing.</p>'
    )
    assert f'id="{twin.pk}"' in network.sections[0].value["text"].source
    assert network.related_terms == [twin]
    site = Site.objects.get()
    assert (site.port, site.root_page.slug) == (8000, "rambla")


@pytest.mark.django_db
def test_loading_again_makes_nothing_twice_and_follows_the_files(
    edition: Edition, content: Path
) -> None:
    first = load_course(edition, content)
    revisions = {page.pk: page.latest_revision_id for page in ActivityPage.objects.all()}
    again = load_course(edition, content)
    assert (first.made, again.made, again.renewed, again.left) == (6, 0, 0, 0)
    assert {p.pk: p.latest_revision_id for p in ActivityPage.objects.all()} == revisions

    write(content / "lessons/1-context/10-why.yaml", ACTIVITY | {"title": "Why, said better"})
    write(content / "lessons/1-context/20-how.yaml", ACTIVITY | {"slug": "how"})
    third = load_course(edition, content)

    assert (third.made, third.renewed) == (1, 1)
    assert ActivityPage.objects.get(slug="why").title == "Why, said better"


@pytest.mark.django_db
def test_loading_leaves_alone_what_people_changed_in_the_cms(
    edition: Edition, content: Path
) -> None:
    load_course(edition, content)
    change(ActivityPage.objects.get(), title="As the editor says")
    draft = TermPage.objects.get(slug="twin")
    draft.title = "Being written"
    draft.save_revision()
    TermPage.objects.get(slug="network").delete()
    LessonPage.objects.get().unpublish()
    write(content / "lessons/1-context/10-why.yaml", ACTIVITY | {"title": "As the file says"})
    write(content / "lessons/1-context/lesson.yaml", LESSON | {"title": "As the file says"})

    again = load_course(edition, content)

    assert (again.made, again.renewed) == (0, 0)
    assert ActivityPage.objects.get().title == "As the editor says"
    assert TermPage.objects.get().get_latest_revision_as_object().title == "Being written"
    assert (LessonPage.objects.get().live, LessonPage.objects.get().title) == (False, "Context")
    assert LoadedPage.objects.get(key="term:network").page is None


@pytest.mark.django_db
def test_editors_may_write_courses_and_terms_and_no_more(edition: Edition, content: Path) -> None:
    load_course(edition, content)
    load_course(edition, content)

    granted = GroupPagePermission.objects.filter(group__name="Editors").values_list(
        "page", "permission__codename"
    )
    pages = (CoursePage.objects.get().pk, ReferenceIndexPage.objects.get().pk)
    assert sorted(granted) == sorted(
        (page, codename)
        for page in pages
        for codename in ("add_page", "change_page", "publish_page")
    )
    assert set(Group.objects.values_list("name", flat=True)) == {"Editors", "Administrators"}


def files(folder: str) -> list[Path]:
    return sorted((CONTENT / folder).rglob("*.yaml"))


def test_the_diploma_has_the_lessons_of_the_brochure() -> None:
    """D6: five lessons, each with knowledge, skills and case-study content of 20 to 40 minutes,
    and five of practice."""
    for number, folder in enumerate(sorted((CONTENT / "lessons").iterdir()), start=1):
        lesson = yaml.safe_load((folder / "lesson.yaml").read_text())
        activities = [
            yaml.safe_load(path.read_text())
            for path in folder.glob("*.yaml")
            if path.name != "lesson.yaml"
        ]
        kinds = [activity["kind"] for activity in activities]
        assert lesson["number"] == number
        assert kinds.count("knowledge") >= 2
        assert {"skills", "case_study"} <= set(kinds)
        assert 20 <= sum(activity["minutes"] for activity in activities) <= 45
    assert number == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [path for path in files("lessons") if path.name != "lesson.yaml"],
    ids=lambda path: path.stem,
)
def test_every_activity_of_the_diploma_is_what_an_editor_could_have_written(path: Path) -> None:
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    body, questions = BodyBlock(), QuestionsBlock(required=False)
    # Terms are linked to pages when there are some; the words are checked here.
    made = [b for b in blocks.body(given["body"], {}) if b["type"] != "key_terms"]

    body.clean(body.to_python(made))
    questions.clean(questions.to_python(blocks.questions(given.get("questions", []))))


@pytest.mark.parametrize("path", files("terms"), ids=lambda path: path.stem)
def test_every_term_of_the_diploma_is_what_an_editor_could_have_written(path: Path) -> None:
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    sections = TermSectionsBlock()
    sections.clean(sections.to_python(blocks.term_sections(given["sections"], {})))

    known = {path.stem for path in files("terms")}
    assert set(given["related"]) <= known


def test_markdown_keeps_what_the_cms_can_store_and_nothing_else() -> None:
    assert rich_text("**b** and *i*\n\n### Third\n\n- one\n- [out](https://a.example)", {}) == (
        "<p><b>b</b> and <i>i</i></p>\n<h3>Third</h3>\n<ul>\n<li>one</li>\n"
        '<li><a href="https://a.example">out</a></li>\n</ul>'
    )
    assert rich_text("<script>x</script> [bad](javascript:x)", {}) == (
        "<p>&lt;script&gt;x&lt;/script&gt; [bad](javascript:x)</p>"
    )
