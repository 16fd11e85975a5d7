"""Who has a place in an edition: a coordinator offers places and moves them along."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.errors import Conflict, IllegalMove, InvalidInput
from lms.core.forms import show_errors
from lms.programme.actions import enrol_person, move_enrolment
from lms.programme.enums import EnrolmentStatus
from lms.programme.forms import EnrolForm, MoveForm
from lms.programme.models import Edition, Enrolment
from lms.programme.selectors import moves_by_hand

PAGE = 30
TONES = {
    EnrolmentStatus.GUARANTEED: "good",
    EnrolmentStatus.COMPLETED: "good",
    EnrolmentStatus.CANCELLED: "bad",
    EnrolmentStatus.EXPIRED: "bad",
}


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def show_people(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """The places, and the form that offers another one."""
    edition = _coordinated_or_404(request, edition_slug)
    if request.method != "POST":
        typed = typed_before_sign_in(request)
        return _people_page(request, edition, EnrolForm(initial=typed.dict() if typed else None))
    form = EnrolForm(request.POST)
    if form.is_valid():
        try:
            enrolment = enrol_person(
                edition=edition, by=request.user, at=clock.now(), **form.cleaned_data
            )
        except InvalidInput as error:
            show_errors(form, error)
        except Conflict as error:
            form.add_error(None, str(error.sentence))
        else:
            messages.success(
                request,
                _("%(person)s has a place now. A message is on its way.")
                % {"person": enrolment.user},
            )
            return redirect("programme:people", edition_slug=edition.slug)
    return _people_page(request, edition, form, status=422)


def _people_page(
    request: SignedInRequest, edition: Edition, form: EnrolForm, status: int = 200
) -> HttpResponse:
    page = Paginator(_places(edition), PAGE).get_page(request.GET.get("page"))
    context = {
        "edition": edition,
        "form": form,
        "page": page,
        "rows": [
            {"enrolment": enrolment, "tone": TONES.get(EnrolmentStatus(enrolment.status), "info")}
            for enrolment in page
        ],
        "roles": edition.roles.select_related("user", "city").order_by("role", "user__name"),
    }
    return render(request, "programme/people.html", context, status=status)


@require_safe
@sign_in_required
def people_csv(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Every place, one line each; times in UTC."""
    edition = _coordinated_or_404(request, edition_slug)
    heading = [
        _("Name"), _("E-mail"), _("City"), _("Organisation"), _("Place"), _("Offered (UTC)"),
    ]  # fmt: skip
    lines = (
        [
            str(place.user),
            place.user.email,
            place.city.name,
            place.organisation.name if place.organisation else "",
            place.get_status_display(),
            minute(place.created_at),
        ]
        for place in _places(edition).select_related("organisation")
    )
    return csv_file(f"places-{edition.slug}", [heading, *lines])


def _places(edition: Edition) -> QuerySet[Enrolment]:
    """By name."""
    places = Enrolment.objects.filter(edition=edition).select_related("user", "city")
    return places.order_by("user__name", "pk")


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def move_place(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """One place: where it may move from here."""
    edition = _coordinated_or_404(request, edition_slug)
    enrolment = get_object_or_404(
        Enrolment.objects.select_related("user", "city"), edition=edition, pk=pk
    )
    moves = moves_by_hand(enrolment)
    if request.method == "POST":
        form = MoveForm(request.POST, moves=moves)
        if form.is_valid():
            try:
                move_enrolment(
                    enrolment=enrolment, by=request.user, at=clock.now(), **form.cleaned_data
                )
            except IllegalMove as error:
                form.add_error(None, str(error.sentence))
            else:
                messages.success(request, _("The place has its new state."))
                return redirect("programme:people", edition_slug=edition.slug)
    else:
        form = MoveForm(moves=moves)
    return render(
        request,
        "programme/place.html",
        {"edition": edition, "enrolment": enrolment, "form": form, "moves": moves},
        status=422 if form.is_bound else 200,
    )


def _coordinated_or_404(request: SignedInRequest, slug: str) -> Edition:
    edition = get_object_or_404(Edition, slug=slug)
    if not request.user.has_perm("programme.coordinate_edition", edition):
        raise Http404
    return edition
