"""Releasing the grades of an edition: what is ready, the rehearsal, how a release goes."""

from datetime import datetime
from typing import Any

from csp.decorators import csp_replace
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.carrying_out import carry_on_where_nobody_sweeps, retry_release
from assessments.actions.releasing import (
    ChangedSinceRehearsal,
    confirm_release,
    make_release,
    undo_release,
)
from assessments.enums import RELEASE_TO_COME, ReleaseItemOutcome, ReleaseStatus
from assessments.forms import base_version_in
from assessments.models import Release, Submission
from assessments.release_notifications import grade_released_message
from assessments.selectors.anonymity import shown_names
from assessments.selectors.policy import policy_of
from assessments.selectors.project import project_of
from assessments.selectors.releasing import (
    Ready,
    Rehearsal,
    content_now,
    items_of,
    progress_of,
    rehearse,
    rehearsed,
    release_abilities,
    releases_of,
)
from assessments.views.places import marked_edition
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.numbers import whole_number, whole_numbers

# A page names so many projects; the table to download names all.
SHOWN = 100
GRADES_A_PAGE = 50
IN_PROGRESS = (*RELEASE_TO_COME, ReleaseStatus.RELEASING)


@require_safe
@sign_in_required
def releases(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What is ready, what is missing and why, and the releases so far."""
    edition = marked_edition(request.user, edition_slug)
    carry_on_where_nobody_sweeps(edition=edition, at=clock.now())
    project = project_of(edition)
    rehearsal = rehearse(edition, request.user) if project else None
    context = {
        "edition": edition,
        "project": project,
        "policy": policy_of(project) if project else None,
        "releases": releases_of(edition)[:SHOWN],
        **(_named(rehearsal, request.user) if rehearsal else {}),
    }
    return render(request, "assessments/releases.html", context)


@require_safe
@sign_in_required
def releases_csv(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Every release of the edition: who made, confirmed or undid it, when, and what came of it."""
    edition = marked_edition(request.user, edition_slug)
    found: Any = releases_of(edition).order_by("pk")
    heading = [
        _("Release"), _("State"), _("Made (UTC)"), _("By"), _("Confirmed (UTC)"), _("By"),
        _("Takes effect (UTC)"), _("Finished (UTC)"), _("Undone (UTC)"), _("By"), _("Grades"),
        _("Released"), _("Left out"), _("SHA-256 of the rehearsal"),
    ]  # fmt: skip
    lines = [
        [
            one.pk,
            one.get_status_display(),
            minute(one.made_at),
            str(one.made_by),
            *_when_and_who(one.confirmed_at, one.confirmed_by),
            minute(one.takes_effect_at),
            minute(one.finished_at),
            *_when_and_who(one.undone_at, one.undone_by),
            one.size,
            one.shown,
            one.kept_back,
            one.sha256,
        ]
        for one in found
    ]
    return csv_file(f"releases-{edition.slug}", [heading, *lines])


def _when_and_who(at: datetime | None, by: User | None) -> tuple[str, str]:
    return (minute(at), str(by) if by else "")


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def rehearsal(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What a release would show to whom; POST decides to release exactly that."""
    edition = marked_edition(request.user, edition_slug)
    only = _only(request)
    error = None
    if request.method == "POST":
        try:
            release = make_release(
                edition=edition,
                sha256=request.POST.get("sha256", ""),
                only=only,
                by=request.user,
                at=clock.now(),
            )
        except ChangedSinceRehearsal as refusal:
            error = refusal
        else:
            messages.success(request, said_of(release))
            return redirect("assessments:release", edition_slug=edition_slug, pk=release.pk)
    project = project_of(edition)
    if project is None:
        raise Http404
    found = rehearse(edition, request.user, only=only)
    context = {
        "edition": edition,
        "policy": policy_of(project),
        "only": request.GET.get("only") or request.POST.get("only", ""),
        "error": error,
        "may_release": request.user.has_perm("assessments.release_grades", edition),
        "sample": _sample(found, request),
        **_named(found, request.user),
    }
    status = error.status if error else 200
    return render(request, "assessments/rehearsal.html", context, status=status)


@require_safe
@sign_in_required
def rehearsal_csv(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Every project that was handed in: its result, or why it is not ready; who is told."""
    edition = marked_edition(request.user, edition_slug)
    found = rehearse(edition, request.user, only=_only(request))
    names = shown_names(_submissions(found), request.user)
    outliers = {one.grade.pk for one in found.outliers}
    heading = [
        _("Project"), _("City"), _("State"), _("Percent"), _("Result"), _("Far from the others"),
        _("Message to"),
    ]  # fmt: skip
    lines: list[list[Any]] = []
    for one in found.ready:
        shown = names[one.submission.pk]
        lines.append(
            [
                shown.person,
                shown.city,
                _("Ready"),
                one.revision.percent,
                one.revision.get_outcome_display(),
                _("yes") if one.grade.pk in outliers else "",
                "" if shown.is_hidden else ", ".join(person.email for person in one.recipients),
            ]
        )
    for left in found.left_out:
        shown = names[left.submission.pk]
        lines.append([shown.person, shown.city, str(left.why.label), "", "", "", ""])
    return csv_file(f"release-rehearsal-{edition.slug}", [heading, *lines])


@require_safe
@sign_in_required
@csp_replace({"style-src": ["'unsafe-inline'"]})  # type: ignore[arg-type]  # it types plain views
def message(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """A message as a mail reader shows it: it carries its own style, as mails do."""
    edition = marked_edition(request.user, edition_slug)
    found = rehearse(edition, request.user)
    names = shown_names(_submissions(found), request.user)
    for person, one in found.recipients:
        if person.pk == pk and not names[one.submission.pk].is_hidden:
            html = grade_released_message(edition, to=person).alternatives[0][0]
            return HttpResponse(html)
    raise Http404


@require_safe
@sign_in_required
def release(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """How a release stands; asked again and again while it goes on."""
    found = _release(request.user, edition_slug, pk)
    carry_on_where_nobody_sweeps(edition=found.edition, at=clock.now())
    found.refresh_from_db(fields=["status", "version", "finished_at"])
    context = _progress(found, request.user)
    if request.htmx:
        return render(request, "assessments/_release_progress.html", context)
    rehearsal = rehearsed(found, request.user)
    items = items_of(found, request.user)
    page = Paginator(items, GRADES_A_PAGE).get_page(request.GET.get("page"))
    context |= {
        "page_obj": page,
        "grades": _items_named(page.object_list, request.user),
        **_named(rehearsal, request.user),
        "is_as_rehearsed": found.status != ReleaseStatus.AWAITING_CONFIRMATION
        or content_now(found) == found.sha256,
        "left_out_items": _items_named(
            items.filter(outcome=ReleaseItemOutcome.LEFT_OUT)[:SHOWN], request.user
        ),
        "conflicted": context["can"]["undo"]
        and found.status == ReleaseStatus.AWAITING_CONFIRMATION
        and not context["can"]["confirm"],
    }
    return render(request, "assessments/release.html", context)


@require_safe
@sign_in_required
def release_csv(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """What became of each of its grades."""
    found = _release(request.user, edition_slug, pk)
    items = list(items_of(found, request.user))
    names = shown_names([item.grade.submission for item in items], request.user)
    heading = [
        _("Project"), _("City"), _("Percent"), _("Result"), _("Outcome"), _("Reason"),
        _("When (UTC)"),
    ]  # fmt: skip
    lines = [
        [
            names[item.grade.submission_id].person,
            names[item.grade.submission_id].city,
            item.revision.percent,
            item.revision.get_outcome_display(),
            item.get_outcome_display(),
            item.reason,
            minute(item.settled_at),
        ]
        for item in items
    ]
    return csv_file(f"release-{found.pk}-{found.edition.slug}", [heading, *lines])


_MOVES = {
    "confirm": gettext_lazy("Confirmed. The grades go to their participants."),
    "undo": gettext_lazy("Undone: nobody was told anything, and nothing was shown."),
    "retry": gettext_lazy("It goes on with those that are left."),
}


@require_POST
@sign_in_required
def move_release(request: SignedInRequest, edition_slug: str, pk: int, move: str) -> HttpResponse:
    """Confirm it, undo it, or go on after it stopped."""
    if move not in _MOVES:
        raise Http404
    found = _release(request.user, edition_slug, pk)
    who: dict[str, Any] = {
        "release": found,
        "base_version": base_version_in(request.POST),
        "by": request.user,
        "at": clock.now(),
    }
    if move == "confirm":
        confirm_release(sha256=request.POST.get("sha256", ""), **who)
    else:
        (undo_release if move == "undo" else retry_release)(**who)
    messages.success(request, _MOVES[move])
    return redirect("assessments:release", edition_slug=edition_slug, pk=pk)


def said_of(release: Release) -> str:
    """What has just been decided, in a sentence."""
    if release.status == ReleaseStatus.AWAITING_CONFIRMATION:
        return _("It waits for a colleague, who looks at the same and confirms it.")
    if release.undo_minutes:
        return _("It is decided. Until it takes effect it can be undone; nobody is told before.")
    return _("It is decided: the grades go to their participants.")


def _release(user: User, edition_slug: str, pk: int) -> Release:
    edition = marked_edition(user, edition_slug)
    found = releases_of(edition).filter(pk=pk)
    return get_object_or_404(found.select_related("edition", "made_by", "confirmed_by"), pk=pk)


def _progress(release: Release, user: User) -> dict[str, Any]:
    return {
        "edition": release.edition,
        "release": release,
        "progress": progress_of(release),
        "can": release_abilities(release, user),
        "goes_on": release.status in IN_PROGRESS
        and release.status != ReleaseStatus.AWAITING_CONFIRMATION,
    }


def _named(rehearsal: Rehearsal, user: User) -> dict[str, Any]:
    """The rehearsal with the names that the reader may see."""
    names = shown_names(_submissions(rehearsal), user)

    def rows(found: list[Ready]) -> list[dict[str, Any]]:
        return [{"ready": one, "shown": names[one.submission.pk]} for one in found[:SHOWN]]

    return {
        "rehearsal": rehearsal,
        "ready": rows(sorted(rehearsal.ready, key=lambda one: one.revision.percent)),
        "outliers": rows(rehearsal.outliers),
        "near_pass": rows(rehearsal.near_pass),
        "missing": [
            {"left": one, "shown": names[one.submission.pk]} for one in rehearsal.left_out[:SHOWN]
        ],
        "recipients": [
            {"person": person, "ready": one}
            for person, one in rehearsal.recipients
            if not names[one.submission.pk].is_hidden
        ][:SHOWN],
        "hidden_recipients": sum(
            names[one.submission.pk].is_hidden for _person, one in rehearsal.recipients
        ),
        "cap": SHOWN,
    }


def _sample(rehearsal: Rehearsal, request: SignedInRequest) -> dict[str, Any] | None:
    """The message to one of the recipients: the one asked for, or the first."""
    wanted = whole_number(request.GET.get("to"), digits=18)
    names = shown_names(_submissions(rehearsal), request.user)
    people = [
        person for person, one in rehearsal.recipients if not names[one.submission.pk].is_hidden
    ]
    if not people:
        return None
    person = next((one for one in people if one.pk == wanted), people[0])
    return {"to": person, "message": grade_released_message(rehearsal.edition, to=person)}


def _items_named(items: Any, user: User) -> list[dict[str, Any]]:
    found = list(items)
    names = shown_names([item.grade.submission for item in found], user)
    return [{"item": item, "shown": names[item.grade.submission_id]} for item in found]


def _submissions(rehearsal: Rehearsal) -> list[Submission]:
    ready = [one.submission for one in rehearsal.ready]
    return ready + [one.submission for one in rehearsal.left_out]


def _only(request: SignedInRequest) -> list[int] | None:
    """Ids of grades, with commas between; all that are ready without it."""
    asked = request.POST.get("only") or request.GET.get("only")
    if not asked:
        return None
    return whole_numbers(asked)
