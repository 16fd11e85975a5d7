"""The course of an edition and the reference section, as pages of the CMS.

Safe to run again: a page that somebody has edited, unpublished or deleted in the
CMS stays as they left it; one that nobody touched follows its file.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from wagtail.models import Page, ReferenceIndex, Site
from wagtail.signal_handlers import disable_reference_index_auto_update

from lms.core import clock
from lms.diploma.loading import blocks
from lms.diploma.loading.editors import set_up_groups
from lms.diploma.loading.markdown import rich_text
from lms.diploma.loading.questions import keep_questions
from lms.diploma.loading.sources import read_yaml
from lms.programme.models import Edition, Skill
from modules.models import (
    ActivityPage,
    CoursePage,
    H5PContent,
    LessonPage,
    LoadedPage,
    ReferenceIndexPage,
    TermPage,
)

COURSE_INTRO = (
    "<p>Five lessons, in order. Each has pages to read, a skills activity that drafts a part of "
    "your project, and a case study. Take them at your own pace before the week in Barcelona.</p>"
)
REFERENCE_INTRO = (
    "<p>The words of city diplomacy: what they mean, why they matter and who uses them.</p>"
)


@dataclass
class CourseLoad:
    """What loading did: numbers of pages made, brought up to date, and left to editors."""

    page: CoursePage
    made: int = 0
    renewed: int = 0
    left: int = 0
    terms: dict[str, int] = field(default_factory=dict)
    new_activities: list[int] = field(default_factory=list)


@transaction.atomic
def load_course(edition: Edition, content_dir: Path, *, at: datetime | None = None) -> CourseLoad:
    """`content_dir`: the folder described in lms/diploma/content/README.md."""
    with disable_reference_index_auto_update():
        return _load(edition, content_dir, at or clock.now())


def _load(edition: Edition, content_dir: Path, at: datetime) -> CourseLoad:
    root = site_root()
    keeper = Keeper(at)
    reference = keeper.keep(
        None,
        "reference",
        root,
        ReferenceIndexPage,
        {"title": "Reference", "slug": "reference", "intro": REFERENCE_INTRO},
    )
    terms = _load_terms(keeper, reference, content_dir) if reference else {}
    course = keeper.keep(
        edition,
        "course",
        root,
        CoursePage,
        {
            "title": edition.programme.name,
            "slug": edition.slug,
            "edition": edition,
            "intro": COURSE_INTRO,
        },
    )
    if course is None:
        raise LookupError("The course page was deleted in the CMS: make a new one there.")
    for folder in sorted((content_dir / "lessons").iterdir()):
        if (folder / "lesson.yaml").exists():
            _load_lesson(keeper, edition, course, folder, terms)
    keeper.note_references()
    set_up_groups(course, reference)
    return CourseLoad(
        page=course,
        made=keeper.made,
        renewed=keeper.renewed,
        left=keeper.left,
        terms=terms,
        new_activities=keeper.new_activities,
    )


def site_root() -> Page:
    """The page that courses and the reference section stand below. It has no address
    of its own: `/` is the dashboard."""
    address = urlsplit(settings.SITE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        top = Page.get_first_root_node()
        root = top.add_child(instance=Page(title="Rambla", slug="rambla"))
        Site.objects.create(
            hostname=address.hostname,
            port=port,
            root_page=root,
            is_default_site=True,
            site_name="Rambla",
        )
        return root
    root = site.root_page
    if root.slug == "home" and type(root.specific) is Page:
        # Wagtail's welcome page.
        root.title = root.draft_title = "Rambla"
        root.slug = "rambla"
        root.save()
    if (site.hostname, site.port) == ("localhost", 80):
        site.hostname, site.port, site.site_name = address.hostname, port, "Rambla"
        site.save()
    return root


class Keeper:
    """Makes each page once, and lets go of those that people have taken over."""

    def __init__(self, at: datetime) -> None:
        self.made = self.renewed = self.left = 0
        self.new_activities: list[int] = []
        self._reserved: dict[str, Any] = {}
        self._written: dict[int, Any] = {}
        self.at = at

    def keep(
        self,
        edition: Edition | None,
        key: str,
        parent: Page,
        model: type[Any],
        values: Mapping[str, Any],
    ) -> Any | None:
        """The page of this key, live and as its file says; None if it was deleted.

        `values` are field values; lists become StreamField values.
        """
        digest = _digest(values)
        record = LoadedPage.objects.filter(edition=edition, key=key).first()
        if key in self._reserved:
            page = self._reserved.pop(key)
            _fill(page, values)
            self.made += 1
        elif record is not None and record.page_id is None:
            self.left += 1
            return None
        elif record is not None and record.page is not None:
            page = record.page.specific
            is_taken_over = not (page.live and record.is_as_loaded(page))
            if is_taken_over or record.source_sha256 == digest:
                self.left += is_taken_over
                return page
            _fill(page, values)
            self.renewed += 1
        else:
            standing = parent.get_children().filter(slug=values["slug"]).first()
            if standing is not None:
                self.left += 1
                return standing.specific
            page = model()
            _fill(page, values)
            parent.add_child(instance=page)
            self.made += 1
            if model is ActivityPage:
                self.new_activities.append(page.pk)
        revision = page.save_revision()
        revision.publish()
        self._written[page.pk] = page
        LoadedPage.objects.update_or_create(
            edition=edition,
            key=key,
            defaults={"page_id": page.pk, "source_sha256": digest, "revision_id": revision.pk},
        )
        return model.objects.get(pk=page.pk)

    def reserve(self, key: str, parent: Page, page: Any) -> int | None:
        """The id of the page of this key, which `keep` is to write: others may link to it.
        None where it was deleted."""
        record = LoadedPage.objects.filter(edition=None, key=key).first()
        if record is not None:
            return record.page_id
        standing = parent.get_children().filter(slug=page.slug).first()
        if standing is None:
            page.live = False
            parent.add_child(instance=page)
            self._reserved[key] = page
        return (standing or page).pk

    def note_references(self) -> None:
        """Enter what was written into Wagtail's index of references: once for each page,
        where its signals would do so at each of the saves that publishing takes."""
        for page in self._written.values():
            ReferenceIndex.create_or_update_for_object(page)


def _fill(page: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        is_stream = isinstance(value, list) and name != "skills"
        setattr(page, name, json.dumps(value) if is_stream else value)


def _digest(values: Mapping[str, Any]) -> str:
    canonical = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _files(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.glob("*.yaml")):
        yield path, read_yaml(path)


def _load_terms(keeper: Keeper, reference: Page, content_dir: Path) -> dict[str, int]:
    """Slug → page id. Terms link to each other: they are made first, then written."""
    given = [term for _path, term in _files(content_dir / "terms")]
    found = {
        term["slug"]: keeper.reserve(
            f"term:{term['slug']}",
            reference,
            TermPage(title=term["title"], slug=term["slug"], short=term["short"]),
        )
        for term in given
    }
    ids = {slug: page_id for slug, page_id in found.items() if page_id is not None}
    for term in given:
        _term(keeper, reference, term, ids)
    return ids


def _term(keeper: Keeper, reference: Page, term: dict[str, Any], ids: Mapping[str, int]) -> None:
    keeper.keep(
        None,
        f"term:{term['slug']}",
        reference,
        TermPage,
        {
            "title": term["title"],
            "slug": term["slug"],
            "short": term["short"],
            "sections": blocks.term_sections(term["sections"], ids),
            "related": blocks.related_terms(term.get("related", []), ids),
            "sources": blocks.sources(term.get("sources", [])),
        },
    )


def _load_lesson(
    keeper: Keeper, edition: Edition, course: Page, folder: Path, terms: Mapping[str, int]
) -> None:
    given = read_yaml(folder / "lesson.yaml")
    skills = Skill.objects.filter(programme=edition.programme, slug__in=given["skills"])
    lesson = keeper.keep(
        edition,
        f"lesson:{given['slug']}",
        course,
        LessonPage,
        {
            "number": given["number"],
            "title": given["title"],
            "slug": given["slug"],
            "summary": given["summary"],
            "aims": [{"type": "aim", "value": aim} for aim in given["aims"]],
            "skills": list(skills),
        },
    )
    if lesson is None:
        return
    for path, activity in _files(folder):
        if path.name != "lesson.yaml":
            key = f"activity:{given['slug']}/{activity['slug']}"
            played = None
            if "question_set" in activity:
                played = keep_questions(edition, key, lesson, activity, keeper.at)
            values = _activity(activity, terms, played)
            keeper.keep(edition, key, lesson, ActivityPage, values)


def _activity(
    given: dict[str, Any], terms: Mapping[str, int], played: H5PContent | None
) -> dict[str, Any]:
    return {
        "kind": given["kind"],
        "title": given["title"],
        "slug": given["slug"],
        "minutes": given["minutes"],
        "summary": given["summary"],
        "rule": given["rule"],
        "threshold": given.get("threshold"),
        "min_words": given.get("min_words"),
        "feeds": given.get("feeds", ""),
        "prompt": rich_text(given.get("prompt", ""), terms),
        "body": blocks.body(given["body"], terms, played),
        "questions": blocks.questions(given.get("questions", [])),
        "sources": blocks.sources(given.get("sources", [])),
    }
