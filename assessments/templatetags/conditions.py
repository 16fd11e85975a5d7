"""What the guidelines and their panel in the CMS say of a project."""

from django import template

from assessments.models import Project, RubricVersion
from assessments.selectors.guidelines import said_of_followers
from assessments.selectors.marking import rubric_in_force
from lms.core.file_types import FileType

register = template.Library()


@register.simple_tag
def followers_in_words(project: Project) -> list[str]:
    return said_of_followers(project)


@register.simple_tag
def rubric_version(project: Project) -> RubricVersion | None:
    return rubric_in_force(project.rubric_id)


@register.simple_tag
def kinds_of(types: list[str]) -> str:
    """What may be attached, in words."""
    labels = dict(FileType.choices)
    return ", ".join(str(labels.get(kind, kind)) for kind in types)
