from django import template

from assessments.models import Grade, Release
from assessments.selectors.releasing import waiting_release_of

register = template.Library()


@register.simple_tag
def waiting_release(grade: Grade | None) -> Release | None:
    """The release that a grade waits in, for the desk."""
    return waiting_release_of(grade)
