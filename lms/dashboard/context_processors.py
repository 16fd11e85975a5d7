"""The site's navigation: what the reader can go to in the edition at hand."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from lms.accounts.models import User
from lms.programme.enums import Role
from lms.programme.models import Edition, Enrolment
from lms.programme.selectors import standing_of

# Where the work of marking is done.
MARKING = (
    "/marking/", "/marking-overview/", "/marking-pack/", "/rubrics/", "/releases/", "/appeals/",
    "/grade-history/", "/languages/",
)  # fmt: skip

EXCHANGE = ("/exchange/", "/cities/")


def navigation(request: HttpRequest) -> dict[str, Any]:
    """`navigation`: [{"label", "url", "current"}]; `navigation_edition`: the edition
    of the page, or the reader's latest. A view that has loaded the enrolment of somebody
    who takes part and does nothing else sets `request.enrolment` and spares the queries."""
    lazy = SimpleLazyObject(lambda: _build(request))
    return {
        "navigation": SimpleLazyObject(lambda: lazy["links"]),
        "navigation_edition": SimpleLazyObject(lambda: lazy["edition"]),
    }


def _build(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"links": [], "edition": None}
    enrolment: Enrolment | None = getattr(request, "enrolment", None)
    if enrolment is not None:
        return {
            "links": _links(request, enrolment.edition, {"participant"}),
            "edition": enrolment.edition,
        }
    edition = _edition_at_hand(request)
    if edition is None:
        return {"links": _for_editors(request), "edition": None}
    standing = standing_of(user)
    roles = {role for of, role, _city in standing.roles if of == edition.pk}
    if edition.pk in standing.enrolments:
        roles.add("participant")
    if user.is_superuser:
        roles |= {Role.INSTRUCTOR, Role.COORDINATOR, Role.MODERATOR}
    return {
        "links": _links(request, edition, roles) + _for_editors(request),
        "edition": edition,
    }


def _edition_at_hand(request: HttpRequest) -> Edition | None:
    match = request.resolver_match
    slug = match.kwargs.get("edition_slug") if match else None
    standing = standing_of(request.user)
    for enrolment in standing.enrolments.values():
        if slug in (None, enrolment.edition.slug):
            return enrolment.edition
    assert isinstance(request.user, User)
    editions = Edition.objects.visible_to(request.user)
    return (editions.filter(slug=slug) if slug else editions).first()


def _links(request: HttpRequest, edition: Edition, roles: set[str]) -> list[dict[str, Any]]:
    participant, staff = "participant" in roles, roles & {Role.INSTRUCTOR, Role.COORDINATOR}
    here = [edition.slug]
    pages = [
        (bool(participant or staff), _("Lessons"), "modules:course", here, ("/learn/",)),
        (bool(roles), _("Reference"), "reference:index", [], ("/reference/",)),
        (bool(staff), _("Progress"), "modules:cohort_progress", here, ()),
        (bool(roles), _("City experiences"), "peer_exchange:list", here, EXCHANGE),
        (
            participant,
            _("Your project"),
            "assessments:project",
            here,
            ("/project/", "/receipts/", *(() if staff else ("/peer-review/", "/languages/"))),
        ),
        (bool(staff), _("Marking"), "assessments:queue", here, MARKING),
        (Role.MODERATOR in roles, _("Moderation"), "peer_exchange:moderation", here, ()),
        (bool(roles), _("The week"), "timetable:timetable", here, ("/timetable/",)),
        (participant, _("Certificate"), "assessments:certificate", here, ("/certificate/",)),
        (bool(staff), _("Completion"), "assessments:completion", here, ("/completion/",)),
    ]
    links = []
    for shown, label, name, args, prefixes in pages:
        if not shown:
            continue
        url = reverse(name, args=args)
        current = request.path == url or request.path.startswith(prefixes)
        links.append({"label": label, "url": url, "current": current})
    current_urls = [link["url"] for link in links if link["url"] == request.path]
    if current_urls:
        for link in links:
            link["current"] = link["url"] in current_urls
    return links


def _for_editors(request: HttpRequest) -> list[dict[str, Any]]:
    if request.user.has_perm("wagtailadmin.access_admin"):
        return [{"label": _("Edit pages"), "url": reverse("wagtailadmin_home"), "current": False}]
    return []
