"""Nothing typed is lost when a session has expired.

A form posted without a session is set aside in the anonymous session; the person
signs in, comes back to the page the form stood on, and finds their words in it. Somebody
else who signs in in the same browser does not.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from lms.accounts.last_person import last_person
from lms.accounts.models import User
from lms.core.problems import problem, problem_answer

SESSION_KEY = "typed_before_sign_in"
KEEP_BYTES = 400_000

P = ParamSpec("P")


class Typed(QueryDict):
    """A form kept over a sign-in. A page may hold several: `sent_to` says which it was."""

    sent_to: str

    def of_form(self, address: str) -> "Typed | None":
        """This, when it was typed into the form that is sent to `address`."""
        return self if self.sent_to == address else None


class SignedInRequest(HttpRequest):
    """What a view behind `sign_in_required` receives (a name for the type checker)."""

    user: User
    htmx: HtmxDetails


def sign_in_required(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Lead to sign-in and back; keep what a posted form held meanwhile."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(cast(SignedInRequest, request), *args, **kwargs)
        if request.headers.get("X-Requested-With") == "fetch":
            said = _("Sign in again; what you typed is kept on this device.")
            return problem_answer(
                problem(401, "not_authenticated", _("Your session has ended"), said)
            )
        if request.method in {"GET", "HEAD"}:
            return redirect_to_login(request.get_full_path())
        came_from = _page_of_the_form(request)
        kept = request.POST.copy()
        kept.pop("csrfmiddlewaretoken", None)
        if len(kept.urlencode()) <= KEEP_BYTES:
            request.session[SESSION_KEY] = {
                "page": came_from,
                "sent_to": request.path,
                "person": last_person(request),
                "data": kept.urlencode(),
            }
            messages.info(
                request,
                _("Your session has ended. What you typed is kept: sign in and it comes back."),
            )
        else:
            messages.warning(
                request,
                _(
                    "Your session has ended, and your text is too long to keep here. "
                    "Sign in in another window, then go back in this one and send it again."
                ),
            )
        return redirect_to_login(came_from)

    return guarded


def _page_of_the_form(request: HttpRequest) -> str:
    """The page a form was on: where POST has an address of its own, the one it came from."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(
        referer, {request.get_host()}, require_https=request.is_secure()
    ):
        path = "/" + referer.split("://", 1)[-1].split("/", 1)[-1]
        return path.split("#")[0]
    return request.path


def typed_before_sign_in(request: HttpRequest, *, form: str | None = None) -> Typed | None:
    """What the reader had typed into this page before the session ended, once.

    `form`: the address a form is sent to, where a page holds several; what was typed
    into another one stays where it is, and is not said to be back.
    """
    kept = request.session.get(SESSION_KEY)
    if not kept or kept["page"].split("?")[0] != request.path:
        return None
    if form is not None and kept.get("sent_to", "") != form:
        return None
    if kept.get("person") not in (None, str(request.user.pk)):
        return None
    del request.session[SESSION_KEY]
    messages.info(
        request,
        _("Your session had ended. What you typed is back in the form: check it, then send it."),
    )
    typed = cast(Typed, Typed(kept["data"]))
    typed.sent_to = kept.get("sent_to", "")
    return typed
