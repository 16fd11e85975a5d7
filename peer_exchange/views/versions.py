"""A published text changes: new versions in work, and every wording readers had."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.errors import PermissionDenied, StaleVersion
from lms.core.forms import act_on
from peer_exchange.actions.reworking import (
    give_up_reworking,
    rework_experience,
    take_up_reworking,
)
from peer_exchange.actions.taking_over import change_embargo
from peer_exchange.addresses import address_of
from peer_exchange.forms import EmbargoForm
from peer_exchange.selectors import experience_abilities
from peer_exchange.selectors.revisions import (
    changes_between,
    changes_of_reworking,
    language_of,
    revisions_for,
    texts_of_revision,
    version_rows,
)
from peer_exchange.selectors.shown import shown_parts
from peer_exchange.views.places import experience_or_404, number_of, readable_or_sign_in


@require_safe
@readable_or_sign_in
def versions(request: HttpRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Every version the reader may look back to, the newest first."""
    experience = experience_or_404(request, edition_slug, pk)
    rows = version_rows(list(revisions_for(request.user, experience)))
    return render(
        request,
        "peer_exchange/versions.html",
        {"edition": experience.edition, "experience": experience, "rows": rows},
    )


@require_safe
@readable_or_sign_in
def version(request: HttpRequest, edition_slug: str, pk: int, number: int) -> HttpResponse:
    """One version as it was published, and what it changed."""
    experience = experience_or_404(request, edition_slug, pk)
    found = {one.number: one for one in revisions_for(request.user, experience)}
    revision = found.get(number)
    if revision is None:
        raise Http404
    texts = texts_of_revision(revision)
    return render(
        request,
        "peer_exchange/version.html",
        {
            "edition": experience.edition,
            "experience": experience,
            "revision": revision,
            "title": texts["title"],
            "summary": texts["summary"],
            "parts": shown_parts(texts),
            "lang": language_of(revision),
            "changes": changes_between(found.get(number - 1), revision),
            "is_newest": number == max(found),
        },
    )


@require_POST
@sign_in_required
def rework(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = experience_or_404(request, edition_slug, pk)
    reworking = rework_experience(experience=experience, by=request.user, at=clock.now())
    return redirect(address_of(reworking, "edit"))


@require_POST
@sign_in_required
def give_up(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = experience_or_404(request, edition_slug, pk)
    try:
        give_up_reworking(
            experience=experience,
            base_version=number_of(request.POST.get("base_version")),
            by=request.user,
            at=clock.now(),
        )
    except StaleVersion:
        messages.warning(request, _("Somebody changed the text meanwhile. Read it once more."))
    else:
        messages.success(request, _("Given up. The published text stays as it is."))
    return redirect(address_of(experience))


@require_POST
@sign_in_required
def take_up(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = experience_or_404(request, edition_slug, pk)
    take_up_reworking(experience=experience, by=request.user, at=clock.now())
    return redirect(address_of(experience, "edit"))


@require_safe
@sign_in_required
def changes(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """What a new version would change in the text that readers have."""
    experience = experience_or_404(request, edition_slug, pk)
    if not experience.revises_id:
        raise Http404
    return render(
        request,
        "peer_exchange/changes.html",
        {
            "edition": experience.edition,
            "experience": experience,
            "changes": changes_of_reworking(experience),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def embargo(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Ending an embargo sooner or later."""
    experience = experience_or_404(request, edition_slug, pk)
    if not request.user.has_perm("peer_exchange.clear_experience", experience):
        raise PermissionDenied
    posted = request.method == "POST"
    if not posted and not experience_abilities(request.user, experience)["change_embargo"]:
        return redirect(address_of(experience))
    form = EmbargoForm(
        request.POST if posted else None, initial={"embargo_until": experience.embargo_until}
    )
    status = 200
    if posted:
        outcome = act_on(
            form, change_embargo, experience=experience, by=request.user, at=clock.now()
        )
        if outcome.is_done:
            is_over = outcome.result.embargo_until is None
            said = _("The embargo is over.") if is_over else _("The embargo is changed.")
            messages.success(request, said)
            return redirect(address_of(experience))
        status = outcome.status
    return render(
        request,
        "peer_exchange/embargo.html",
        {"edition": experience.edition, "experience": experience, "form": form},
        status=status,
    )
