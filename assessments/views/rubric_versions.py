"""What was published of a rubric: the list, one version, what changed between two, files."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from assessments.models import Rubric, RubricVersion
from assessments.rubric_content import content_of
from assessments.rubric_files import to_csv, to_json
from assessments.rubric_working import content_in
from assessments.selectors.rubric_difference import rubric_difference
from assessments.selectors.rubrics import versions_of, working_copy_of
from assessments.views.rubrics import rubric_to_write
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.numbers import whole_number

VERSIONS_A_PAGE = 30
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@require_safe
@sign_in_required
def show_versions(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    rubric = rubric_to_write(request.user, edition_slug, pk)
    page = Paginator(versions_of(rubric), VERSIONS_A_PAGE).get_page(request.GET.get("page"))
    context = {"edition": rubric.edition, "rubric": rubric, "page_obj": page}
    return render(request, "assessments/rubric_versions.html", context)


@require_safe
@sign_in_required
def show_version(request: SignedInRequest, edition_slug: str, pk: int, number: int) -> HttpResponse:
    """One version, and what changed since the one before it or the one `?since=` names."""
    rubric = rubric_to_write(request.user, edition_slug, pk)
    version = _version(rubric, number)
    since = whole_number(request.GET.get("since"))
    others = versions_of(rubric).exclude(pk=version.pk)
    if since is None:
        other = others.filter(number__lt=number).first()
    else:
        other = _version(rubric, since)
    draft = working_copy_of(rubric)
    context = {
        "edition": rubric.edition,
        "rubric": rubric,
        "version": version,
        "other": other,
        "others": others,
        "difference": rubric_difference(content_of(other), content_of(version)) if other else None,
        "base_version": draft.version,
    }
    return render(request, "assessments/rubric_version.html", context)


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str, pk: int, form: str) -> HttpResponse:
    """The version that `?version=` names, or the working copy as it stands."""
    rubric = rubric_to_write(request.user, edition_slug, pk)
    if form not in MEDIA_TYPES:
        raise Http404
    number = whole_number(request.GET.get("version"))
    if number is None:
        content, named = content_in(working_copy_of(rubric).content), "working-copy"
    else:
        content, named = content_of(_version(rubric, number)), f"version-{number}"
    text = to_csv(content) if form == "csv" else to_json(content, title=rubric.title)
    response = HttpResponse(text, content_type=MEDIA_TYPES[form])
    name = f"{slugify(rubric.title) or 'rubric'}-{named}.{form}"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _version(rubric: Rubric, number: int) -> RubricVersion:
    versions = rubric.versions.prefetch_related("criteria__levels").select_related("created_by")
    return get_object_or_404(versions, number=number)
