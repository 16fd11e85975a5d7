"""What a coordinator sees before they set something for everybody (invariant 12)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.enums import (
    GIVEN,
    STILL_WRITTEN,
    WITH_INSTRUCTORS,
    DeadlineSubmissionStatus,
    SubmissionStatus,
)
from assessments.models import (
    DeadlineSubmission,
    GuidelinesPage,
    Project,
    Rubric,
    Submission,
    TeamMember,
)
from assessments.selectors.rubrics import published_rubrics
from lms.core.clock import instant_of
from lms.programme.models import Edition, Enrolment


@dataclass(frozen=True)
class DeadlineChange:
    """What another deadline would mean. `until`: on time until then, grace included."""

    until: datetime
    is_passed: bool
    accepts_late: bool
    not_handed_in: int
    handed_in: int
    with_more_time: int = 0
    by_themselves: int = 0
    upload_window: int | None = None  # minutes, where it is set as well

    @property
    def sentence(self) -> str:
        """Who is affected and who is not."""
        said = [
            ngettext(
                "The new deadline holds for %(count)d participant who has not handed in.",
                "The new deadline holds for %(count)d participants who have not handed in.",
                self.not_handed_in,
            )
            % {"count": self.not_handed_in},
            ngettext(
                "%(count)d project that was handed in keeps the deadline it was measured by.",
                "%(count)d projects that were handed in keep the deadline they were measured by.",
                self.handed_in,
            )
            % {"count": self.handed_in},
        ]
        if self.with_more_time:
            said.append(
                ngettext(
                    "%(count)d project has more time than that, given to it alone, and keeps it.",
                    "%(count)d projects have more time than that, given to them alone, and keep "
                    "it.",
                    self.with_more_time,
                )
                % {"count": self.with_more_time}
            )
        if self.by_themselves:
            said.append(
                ngettext(
                    "%(count)d draft is handed in by itself at the new deadline, as was wished.",
                    "%(count)d drafts are handed in by themselves at the new deadline, as was "
                    "wished.",
                    self.by_themselves,
                )
                % {"count": self.by_themselves}
            )
        if self.upload_window:
            said.append(
                ngettext(
                    "Files that are on their way then may arrive %(count)d minute longer.",
                    "Files that are on their way then may arrive %(count)d minutes longer.",
                    self.upload_window,
                )
                % {"count": self.upload_window}
            )
        elif self.upload_window == 0:
            said.append(_("Files that are on their way then come too late."))
        if self.is_passed and self.accepts_late:
            said.append(_("It has passed already: whatever comes from now on is late."))
        elif self.is_passed:
            said.append(_("It has passed already: nobody could hand in any more."))
        return " ".join(said)


def deadline_change(
    project: Project,
    *,
    wall: datetime,
    zone: str,
    grace_minutes: int,
    accepts_late: bool,
    at: datetime,
    upload_window_minutes: int | None = None,
) -> DeadlineChange:
    """What `set_deadline` with these values would mean; nothing is written."""
    until = instant_of(wall, zone) + timedelta(minutes=grace_minutes)
    handed_in = Submission.objects.filter(project=project, status__in=WITH_INSTRUCTORS)
    waiting = Enrolment.objects.filter(edition=project.edition_id).taking_part()
    return DeadlineChange(
        until=until,
        is_passed=at > until,
        accepts_late=accepts_late,
        not_handed_in=waiting.exclude(pk__in=_writers_of(handed_in)).count(),
        handed_in=handed_in.count(),
        with_more_time=Submission.objects.filter(
            project=project,
            status__in=STILL_WRITTEN,
            extensions__status__in=GIVEN,
            extensions__until_at__gt=until,
        )
        .distinct()
        .count(),
        by_themselves=DeadlineSubmission.objects.filter(
            submission__project=project,
            submission__status=SubmissionStatus.DRAFT,
            status=DeadlineSubmissionStatus.WAITING,
        ).count(),
        upload_window=upload_window_minutes,
    )


def _writers_of(submissions: QuerySet[Submission]) -> QuerySet[TeamMember, int]:
    """Places of everybody who writes one of them: of a team, all."""
    members = TeamMember.objects.present().filter(submission__in=submissions)
    return members.values_list("enrolment_id", flat=True)


def guidelines_to_use(edition: Edition) -> QuerySet[GuidelinesPage]:
    """Published guidelines pages of the edition's course that belong to no project."""
    course = getattr(edition, "course", None)
    if course is None:
        return GuidelinesPage.objects.none()
    pages = GuidelinesPage.objects.live().child_of(course.page)
    return pages.filter(project__isnull=True)


def rubric_of(edition: Edition) -> Rubric | None:
    """The rubric its projects are marked on: the project's, or the first that is published."""
    project = Project.objects.filter(edition=edition).select_related("rubric").first()
    return project.rubric if project else published_rubrics(edition).first()
