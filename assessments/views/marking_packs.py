"""Marking without a connection: taking a pack along, bringing the sheet back."""

from tempfile import TemporaryFile

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments.actions.marking_packs import take_back_pack
from assessments.marking_packs import write_pack
from assessments.models import PackReturn
from assessments.pack_forms import SheetForm
from assessments.selectors.marking_packs import own_to_mark, pack_of
from assessments.views.places import edition_of
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.errors import InvalidInput, TooLarge
from lms.core.forms import show_errors
from lms.core.permissions import may_in_person
from lms.programme.models import Edition

RETURNS_A_PAGE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def pack(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What can be taken along, and the way back."""
    edition = _edition(request.user, edition_slug)
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            back = take_back_pack(
                edition=edition, data=sent.read(), name=sent.name, by=request.user, at=clock.now()
            )
        except (InvalidInput, TooLarge) as error:
            show_errors(form, error)
        else:
            return redirect("assessments:pack_return", edition_slug=edition.slug, pk=back.pk)
    returns = PackReturn.objects.visible_to(request.user).filter(edition=edition)
    context = {
        "edition": edition,
        "form": form,
        "count": own_to_mark(edition, request.user).count(),
        "page_obj": Paginator(returns, RETURNS_A_PAGE).get_page(request.GET.get("page")),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/marking_pack.html", context, status=status)


@require_safe
@sign_in_required
def pack_zip(request: SignedInRequest, edition_slug: str) -> FileResponse:
    edition = _edition(request.user, edition_slug)
    file = TemporaryFile()  # noqa: SIM115 - closed by the response
    write_pack(pack_of(edition, request.user), request.user, file)
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=f"marking-{edition.slug}.zip")
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@sign_in_required
def pack_return(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """What became of each row of a sheet."""
    edition, back = _return(request.user, edition_slug, pk)
    order = {"refused": 0, "applied": 1, "unchanged": 2}
    rows = sorted(back.rows, key=lambda row: (order[row["outcome"]], row["row"]))
    context = {"edition": edition, "back": back, "rows": rows}
    return render(request, "assessments/pack_return.html", context)


@require_safe
@sign_in_required
def pack_return_csv(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    edition, back = _return(request.user, edition_slug, pk)
    heading = (
        _("Row"), _("Project"), _("Criterion"), _("Outcome"), _("Reason"), _("Level sent"),
        _("Comment sent"), _("Level stored"), _("Comment stored"),
    )  # fmt: skip
    names = (
        "row", "project", "criterion", "outcome", "reason", "sent_level", "sent_comment",
        "stored_level", "stored_comment",
    )  # fmt: skip
    rows = [tuple(row[name] for name in names) for row in back.rows]
    return csv_file(f"marks-brought-back-{edition.slug}", [heading, *rows])


def _edition(user: User, slug: str) -> Edition:
    """For those who mark in the edition themselves."""
    edition = edition_of(user, slug)
    if not may_in_person(user, "assessments.mark_in_edition", edition):
        raise Http404
    return edition


def _return(user: User, slug: str, pk: int) -> tuple[Edition, PackReturn]:
    edition = _edition(user, slug)
    returns = PackReturn.objects.visible_to(user).filter(edition=edition)
    return edition, get_object_or_404(returns, pk=pk)
