"""Whatever changes what participants read makes the course's cached pages out of date."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from lms.programme.models import Edition, Skill
from modules.models import (
    ActivityPage,
    Course,
    CoursePage,
    H5PContent,
    LessonPage,
    ReferenceIndexPage,
    TermPage,
)

# How many steps of the tree path below its course each kind of page is.
DEPTH_BELOW_COURSE = {CoursePage: 0, LessonPage: 1, ActivityPage: 2}


def _renew_courses_of(page: Any) -> None:
    """The course above a page of lessons; every course for a term, which any may quote."""
    if isinstance(page, TermPage | ReferenceIndexPage):
        Course.objects.all().renew()
        return
    depth = DEPTH_BELOW_COURSE.get(type(page))
    if depth is None:
        return
    path = page.path[: len(page.path) - depth * Page.steplen]
    Course.objects.filter(page__path=path).renew()


@receiver(page_published)
@receiver(page_unpublished)
@receiver(page_slug_changed)
def renew_on_change(sender: Any, instance: Any, **kwargs: Any) -> None:
    _renew_courses_of(instance)


@receiver(post_page_move)
def renew_on_move(sender: Any, instance: Any, **kwargs: Any) -> None:
    """The course a page came from and the one it came to."""
    below = {kwargs["parent_page_before"].path, kwargs["parent_page_after"].path}
    ancestors = {path[:end] for path in below for end in range(0, len(path) + 1, Page.steplen)}
    Course.objects.filter(page__path__in=ancestors).renew()
    _renew_courses_of(instance.specific)


@receiver(post_delete, sender=LessonPage)
@receiver(post_delete, sender=ActivityPage)
@receiver(post_delete, sender=TermPage)
def renew_on_delete(sender: Any, instance: Any, **kwargs: Any) -> None:
    _renew_courses_of(instance)


@receiver(post_save, sender=CoursePage)
def keep_course(sender: Any, instance: CoursePage, **kwargs: Any) -> None:
    """An edition's course exists as soon as its page does."""
    if instance.edition_id is None:
        Course.objects.filter(page=instance).delete()
        return
    Course.objects.update_or_create(page=instance, defaults={"edition_id": instance.edition_id})


@receiver(post_save, sender=Skill)
@receiver(post_delete, sender=Skill)
def renew_on_skill(sender: Any, instance: Skill, **kwargs: Any) -> None:
    """A skill stands in the outline of every lesson of its programme that names it."""
    Course.objects.filter(edition__programme=instance.programme_id).renew()


@receiver(post_save, sender=get_image_model())
@receiver(post_delete, sender=get_image_model())
def renew_on_image(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Any page may hold the picture: its file, title or focal point may have changed."""
    Course.objects.all().renew()


@receiver(post_save, sender=Edition)
def renew_on_new_address(sender: Any, instance: Edition, **kwargs: Any) -> None:
    """The edition's slug stands in every address of its course."""
    Course.objects.filter(edition=instance).renew()


@receiver(post_save, sender=H5PContent)
def renew_on_new_version(sender: Any, instance: H5PContent, **kwargs: Any) -> None:
    """Its title and the version that is played stand on the pages of its activities."""
    for activity in instance.activities.all():
        _renew_courses_of(activity)
