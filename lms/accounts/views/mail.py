"""The page of one's mail choices, and the link at the foot of a mail."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from lms.accounts.actions import choose_mail
from lms.accounts.enums import MailCadence, MailKind
from lms.accounts.mailing import choices_of, read_token, wants
from lms.accounts.models import MailChoice
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.csv_files import csv_file, minute


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
@never_cache
def choices(request: SignedInRequest) -> HttpResponse:
    """How often each kind of mail comes: one line a kind."""
    if request.method == "POST":
        at = clock.now()
        for kind, cadence in choices_of(request.user).items():
            chosen = request.POST.get(kind, cadence)
            if chosen != cadence:
                choose_mail(user=request.user, kind=kind, cadence=chosen, by=request.user, at=at)
        messages.success(request, _("Saved."))
        return redirect("mail:choices")
    chosen_now = choices_of(request.user).items()
    rows = [{"kind": kind, "cadence": cadence} for kind, cadence in chosen_now]
    return render(
        request, "accounts/mail_choices.html", {"rows": rows, "cadences": MailCadence.choices}
    )


@require_safe
@sign_in_required
def export(request: SignedInRequest) -> HttpResponse:
    """One's own choices (CSV)."""
    chosen = dict(MailChoice.objects.filter(user=request.user).values_list("kind", "changed_at"))
    rows: list[list[object]] = [[_("Mails about"), _("How often"), _("Chosen at (UTC)")]]
    for kind, cadence in choices_of(request.user).items():
        at = chosen.get(kind)
        rows.append([str(kind.label), str(cadence.label), minute(at) if at else _("as usual")])
    return csv_file("my-mails", rows)


@csrf_exempt  # The signed link is the proof; a mail program has no cookie and no token.
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop mails of one kind: at once when it is posted (RFC 8058: a mail program's one
    click, without a redirect), by a button when it is opened; scanners open every link."""
    found = read_token(token)
    if found is None:
        raise Http404
    person, kind = found
    before = wants(person, kind)
    if request.method == "POST":
        cadence = request.POST.get("cadence", MailCadence.NEVER)
        if cadence not in MailCadence.values:
            cadence = MailCadence.NEVER
        choose_mail(user=person, kind=kind, cadence=cadence, by=person, at=clock.now())
    return render(
        request,
        "accounts/mail_stop.html",
        {
            "token": token,
            "kind": MailKind(kind),
            "cadence": wants(person, kind),
            "before": before if request.method == "POST" else "",
            "cadences": MailCadence.choices,
        },
    )
