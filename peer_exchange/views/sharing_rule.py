"""What counts as sharing (D15b): in words for everybody, changed by coordinators."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.errors import Conflict, InvalidInput, PermissionDenied, StaleVersion, TooLarge
from lms.core.forms import show_errors
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.actions.sharing_rule import change_sharing_rule, clean_rule
from peer_exchange.conversation_forms import SharingRuleForm
from peer_exchange.models import SharingRevision
from peer_exchange.models.policy import RULE_FIELDS
from peer_exchange.selectors import policy_of, sharing_of
from peer_exchange.selectors.sharing_rule import RulePreview, preview_rule, rule_in_words
from peer_exchange.views.places import edition_for_or_404, edition_or_404, number_of

PEOPLE_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def sharing_rule(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Read the rule; as a coordinator, see whom a change affects (`then=preview`), then
    change it."""
    edition = edition_or_404(request, edition_slug)
    may_change = request.user.has_perm("peer_exchange.change_sharing_rule", edition)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    policy = policy_of(edition.pk)
    initial = {**policy.rule, "keeps_met": True}
    if request.method != "POST":
        typed = typed_before_sign_in(request)
        form = SharingRuleForm(initial={**initial, **(typed.dict() if typed else {})})
        return _page(request, edition, form, may_change=may_change)
    form = SharingRuleForm(request.POST, initial=initial)
    if not form.is_valid():
        return _page(request, edition, form, may_change=True, status=422)
    rule = clean_rule({name: form.cleaned_data[name] for name in RULE_FIELDS})
    status = 200
    if request.POST.get("then") == "change":
        try:
            change_sharing_rule(
                edition=edition,
                rule=rule,
                base_version=number_of(request.POST.get("base_version")),
                digest=request.POST.get("digest", ""),
                keeps_met=form.cleaned_data["keeps_met"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except (InvalidInput, Conflict, TooLarge, StaleVersion) as error:
            show_errors(form, error)
            status = error.status
        else:
            messages.success(request, _("The rule is changed."))
            return redirect("peer_exchange:sharing_rule", edition.slug)
    preview = preview_rule(edition, rule)
    return _page(request, edition, form, may_change=True, preview=preview, rule=rule, status=status)


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Every change of the rule (CSV), for the edition's staff."""
    edition = edition_for_or_404(request, edition_slug, "export_experiences")
    heading = [
        _("Number"), _("Changed at (UTC)"), _("Changed by"), _("Why"), _("Kept for who had met it"),
        *RULE_FIELDS,
    ]  # fmt: skip
    rows = [
        [
            revision.number, minute(revision.changed_at),
            str(revision.changed_by), revision.reason,
            _("yes") if revision.keeps_met else _("no"),
            *(revision.rule[name] for name in RULE_FIELDS),
        ]
        for revision in _revisions(edition).order_by("number")
    ]  # fmt: skip
    return csv_file(f"sharing-rule-{edition.slug}", [heading, *rows])


def _revisions(edition: Edition) -> Any:
    return SharingRevision.objects.filter(policy__edition=edition).select_related("changed_by")


def _page(
    request: SignedInRequest,
    edition: Edition,
    form: SharingRuleForm,
    *,
    may_change: bool,
    preview: RulePreview | None = None,
    rule: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    policy = policy_of(edition.pk)
    enrolment = standing_of(request.user).enrolments.get(edition.pk)
    return render(
        request,
        "peer_exchange/sharing_rule.html",
        {
            "edition": edition,
            "sentences": rule_in_words(policy.rule),
            "sharing": sharing_of(enrolment) if enrolment else None,
            "revisions": _revisions(edition)[:20],
            "may_change": may_change,
            "may_export": request.user.has_perm("peer_exchange.export_experiences", edition),
            "form": form if may_change else None,
            "base_version": policy.version,
            "preview": preview,
            "affected": preview.affected[:PEOPLE_SHOWN] if preview else [],
            "new_sentences": rule_in_words(rule) if rule else [],
        },
        status=status,
    )
