from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lms.accounts.actions import create_token, revoke_token, update_profile
from lms.accounts.models import PersonalToken
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import Conflict, InvalidInput
from lms.core.forms import show_errors
from lms.dashboard.forms import ProfileForm, TokenForm


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
@never_cache
def edit_account(request: SignedInRequest) -> HttpResponse:
    user = request.user
    initial = {"name": user.name, "time_zone": user.time_zone}
    if request.method == "POST":
        form = ProfileForm(request.POST, initial=initial)
        if form.is_valid():
            try:
                update_profile(user=user, by=user, at=clock.now(), **form.cleaned_data)
            except InvalidInput as error:
                show_errors(form, error)
            else:
                messages.success(request, _("Saved."))
                return redirect("dashboard:account")
    else:
        typed = typed_before_sign_in(request, form=request.path)
        form = ProfileForm(initial={**initial, **(typed.dict() if typed else {})})
    begun = typed_before_sign_in(request, form=reverse("dashboard:add_token"))
    tokens = TokenForm(initial=begun.dict() if begun else None)
    return _page(request, profile=form, tokens=tokens, status=_status(form))


@require_POST
@sign_in_required
@never_cache
def add_token(request: SignedInRequest) -> HttpResponse:
    form = TokenForm(request.POST)
    shown = None
    if form.is_valid():
        try:
            _token, shown = create_token(by=request.user, at=clock.now(), **form.cleaned_data)
        except InvalidInput as error:
            show_errors(form, error)
        except Conflict as error:
            form.add_error(None, str(error.sentence))
    profile = ProfileForm(initial={"name": request.user.name, "time_zone": request.user.time_zone})
    tokens = TokenForm() if shown else form
    return _page(request, profile=profile, tokens=tokens, shown=shown, status=_status(form))


@require_POST
@sign_in_required
def remove_token(request: SignedInRequest, token_key: str) -> HttpResponse:
    token = get_object_or_404(PersonalToken, token_key=token_key, user=request.user)
    revoke_token(token=token, by=request.user, at=clock.now())
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("dashboard:account")


def _status(form: ProfileForm | TokenForm) -> int:
    return 422 if form.is_bound and form.errors else 200


def _page(
    request: SignedInRequest,
    *,
    profile: ProfileForm,
    tokens: TokenForm,
    shown: str | None = None,
    status: int,
) -> HttpResponse:
    return render(
        request,
        "dashboard/account.html",
        {
            "profile_form": profile,
            "token_form": tokens,
            "shown_token": shown,
            "tokens": PersonalToken.objects.filter(user=request.user),
        },
        status=status,
    )
