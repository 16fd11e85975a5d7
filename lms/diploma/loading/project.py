"""The final project: guidelines page, rubric, deadline (D5, D15c)."""

import json
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from assessments.actions.rubric import publish_rubric
from assessments.models import GuidelinesPage, Project, Rubric
from lms.core.clock import instant_of
from lms.diploma.loading.markdown import rich_text
from lms.diploma.loading.sources import read
from lms.programme.models import Edition
from modules.models import CoursePage


@transaction.atomic
def load_project(edition: Edition, at: datetime) -> Project:
    """Create the project of an edition whose course is loaded. What exists is left
    alone: guidelines, rubric and deadline belong to the programme's staff."""
    existing = Project.objects.filter(edition=edition).first()
    if existing is not None:
        return existing
    dates = read("programme.yaml")["project"]
    page = _guidelines_page(edition.course.page)
    rubric = _rubric(edition, at)
    project = Project.objects.create(
        edition=edition,
        rubric=rubric,
        guidelines_page=page,
        deadline_wall=_deadline(dates["deadline"], dates["zone"], at),
        deadline_zone=dates["zone"],
        grace_minutes=dates["grace_minutes"],
    )
    # Publishing makes version 1 of the guidelines (assessments.receivers).
    page.save_revision().publish()
    return project


def _guidelines_page(course: CoursePage) -> GuidelinesPage:
    words = read("project/guidelines.yaml")
    page = GuidelinesPage(
        title=words["title"],
        slug="project-guidelines",
        summary=words["summary"],
        intro=rich_text(words["intro"], {}),
        sections=json.dumps(
            [{"type": "section", "value": _section(row)} for row in words["sections"]]
        ),
        max_file_mb=words["files"]["max_mb"],
        max_files=words["files"]["max_count"],
        files_note=words["files"]["note"],
        integrity=rich_text(words["integrity"], {}),
        live=False,
    )
    course.add_child(instance=page)
    return page


def _section(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "help": rich_text(row["help"], {})}


def _rubric(edition: Edition, at: datetime) -> Rubric:
    words = read("project/rubric.yaml")
    rubric, _ = Rubric.objects.get_or_create(edition=edition, title=words["title"])
    publish_rubric(
        rubric=rubric,
        content={"pass_percent": words["pass_percent"], "criteria": words["criteria"]},
        by=None,
        at=at,
    )
    return rubric


def _deadline(wall: datetime, zone: str, at: datetime) -> datetime:
    """The wall time to store (see `Project.deadline_wall`), always ahead of `at`."""
    if instant_of(wall, zone) <= at:
        ahead = at.astimezone(ZoneInfo(zone)).date() + timedelta(weeks=3)
        wall = datetime.combine(ahead, time(23, 59))
    return wall.replace(tzinfo=ZoneInfo("UTC"))
