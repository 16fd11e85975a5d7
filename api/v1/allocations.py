"""Who marks what, by rule; conflicts of interest; languages."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import IdField, StrictSerializer
from api.v1.marking import ReasonBody
from api.v1.persons import CitySerializer, PersonSerializer
from api.views import ResourceViewSet
from assessments.actions.allocation import allocate_by_rule, preview_allocation
from assessments.actions.conflicts import declare_conflict, take_back_conflict
from assessments.actions.languages import set_languages
from assessments.models import (
    AllocationRun,
    DeclaredConflict,
    LanguageProfile,
    Project,
    Submission,
)
from assessments.selectors.allocation import Plan, Rule
from lms.accounts.models import City, User
from lms.core.errors import InvalidInput
from lms.core.permissions import may_in_person
from lms.programme.models import Edition


class AllocationSerializer(serializers.Serializer[Any]):
    attempt = serializers.IntegerField()
    marker = serializers.IntegerField()
    before = serializers.IntegerField(allow_null=True)


class AllocationRunSerializer(serializers.ModelSerializer[AllocationRun]):
    edition = serializers.SlugRelatedField[Edition](
        source="project.edition", slug_field="slug", read_only=True
    )
    by = PersonSerializer(read_only=True)

    class Meta:
        model = AllocationRun
        fields = ("id", "edition", "number", "digest", "rule", "at", "by")


class AllocationRunDetailSerializer(AllocationRunSerializer):
    allocations = AllocationSerializer(many=True, read_only=True)
    abilities = serializers.SerializerMethodField()

    class Meta(AllocationRunSerializer.Meta):
        fields = (*AllocationRunSerializer.Meta.fields, "allocations", "abilities")  # type: ignore[assignment]

    def get_abilities(self, run: AllocationRun) -> dict[str, bool]:
        user = self.context["request"].user
        return {"allocate": may_in_person(user, "assessments.coordinate_marking", run.project)}


class RuleBody(StrictSerializer):
    """`markers`, `again`: ids of people. `again`: what these have not begun is allocated
    anew, too."""

    edition = serializers.SlugField()
    markers = serializers.ListField(child=IdField(), max_length=200)
    match_language = serializers.BooleanField(required=False, default=True)
    most = serializers.IntegerField(required=False, allow_null=True, default=None)
    again = serializers.ListField(child=IdField(), required=False, default=list, max_length=200)


class ApplyBody(RuleBody):
    """`digest`: of the preview that is to be applied."""

    digest = serializers.CharField(max_length=64)


class LoadSerializer(serializers.Serializer[Any]):
    marker = PersonSerializer()
    reads = serializers.ListField(child=serializers.CharField())
    held = serializers.IntegerField()
    given = serializers.IntegerField()
    taken = serializers.IntegerField()
    then = serializers.IntegerField()


class LeftSerializer(serializers.Serializer[Any]):
    project = serializers.IntegerField(source="place.submission_id")
    language = serializers.CharField()
    reason = serializers.CharField()


class PlanSerializer(serializers.Serializer[Plan]):
    """What would be given to whom; nothing is done. Send `digest` to apply it."""

    digest = serializers.CharField()
    loads = LoadSerializer(many=True)
    allocations = AllocationSerializer(many=True)
    kept = serializers.IntegerField()
    left = LeftSerializer(many=True)
    has_more = serializers.BooleanField()


class AllocationRunViewSet(ResourceViewSet):
    """Allocations by rule, those of editions one coordinates."""

    queryset = AllocationRun.objects.none()
    serializer_class = AllocationRunSerializer
    detail_serializer_class = AllocationRunDetailSerializer
    filterset_fields = ("project__edition__slug",)

    def get_queryset(self) -> QuerySet[AllocationRun]:
        found = AllocationRun.objects.visible_to(self.by).select_related("project__edition", "by")
        return found.defer("allocations") if self.action == "list" else found

    @extend_schema(request=RuleBody, responses=PlanSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """What the rule would do now."""
        body = self.read_body(RuleBody)
        plan = preview_allocation(
            project=self._project(body.pop("edition")), rule=_rule(body), by=self.by
        )
        shown: Any = {
            "digest": plan.digest, "loads": plan.loads, "allocations": plan.allocations(),
            "kept": plan.kept, "left": plan.left, "has_more": plan.has_more,
        }  # fmt: skip
        return Response(PlanSerializer(shown).data)

    @extend_schema(request=ApplyBody, responses={201: AllocationRunDetailSerializer})
    def create(self, request: Request) -> Response:
        """Do exactly what a preview showed; asked again, the same run is answered."""
        body = self.read_body(ApplyBody)
        digest = body.pop("digest")
        run = allocate_by_rule(
            project=self._project(body.pop("edition")),
            rule=_rule(body),
            digest=digest,
            by=self.by,
            at=self.at,
        )
        serializer = AllocationRunDetailSerializer(run, context=self.get_serializer_context())
        return Response(serializer.data, status=201)

    def _project(self, slug: str) -> Project:
        """Of an edition whose marking the caller sees."""
        projects = Project.objects.visible_to(self.by).select_related("edition")
        found = get_object_or_404(projects, edition__slug=slug)
        if not self.by.has_perm("assessments.view_marking", found.edition):
            raise Http404
        return found


def _rule(body: dict[str, Any]) -> Rule:
    return Rule(
        markers=tuple(body["markers"]),
        match_language=body["match_language"],
        most=body["most"],
        again=tuple(body["again"]),
    )


class ConflictSerializer(serializers.ModelSerializer[DeclaredConflict]):
    """With one of: `project` (its id), `other` (a person), `city`."""

    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    person = PersonSerializer(read_only=True)
    project = serializers.PrimaryKeyRelatedField[Submission](source="submission", read_only=True)
    other = PersonSerializer(read_only=True)
    city = CitySerializer(read_only=True)
    declared_by = PersonSerializer(read_only=True)

    class Meta:
        model = DeclaredConflict
        fields = (
            "id", "edition", "person", "project", "other", "city", "reason", "declared_at",
            "declared_by", "withdrawn_at", "withdrawn_reason",
        )  # fmt: skip


class ConflictDetailSerializer(ConflictSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(ConflictSerializer.Meta):
        fields = (*ConflictSerializer.Meta.fields, "abilities")  # type: ignore[assignment]

    def get_abilities(self, conflict: DeclaredConflict) -> dict[str, bool]:
        user = self.context["request"].user
        coordinates = may_in_person(user, "assessments.coordinate_marking", conflict.edition)
        return {
            "take_back": coordinates
            and conflict.person_id != user.pk
            and conflict.withdrawn_at is None
        }


class ConflictBody(StrictSerializer):
    """`person`: who does not judge; the caller without it."""

    edition = serializers.SlugField()
    person = serializers.IntegerField(required=False)
    project = serializers.IntegerField(required=False)
    other = serializers.IntegerField(required=False)
    city = serializers.SlugField(required=False)
    reason = serializers.CharField(max_length=1000)


class ConflictViewSet(ResourceViewSet):
    queryset = DeclaredConflict.objects.none()
    serializer_class = ConflictSerializer
    detail_serializer_class = ConflictDetailSerializer
    filterset_fields = ("edition__slug", "person", "submission")

    def get_queryset(self) -> QuerySet[DeclaredConflict]:
        return DeclaredConflict.objects.visible_to(self.by).select_related(
            "edition", "person", "other", "city", "declared_by"
        )

    @extend_schema(request=ConflictBody, responses={201: ConflictDetailSerializer})
    def create(self, request: Request) -> Response:
        """Declare a conflict of interest of oneself or, as a coordinator, of anybody."""
        body = self.read_body(ConflictBody)
        edition = get_object_or_404(Edition.objects.visible_to(self.by), slug=body["edition"])
        if not self.by.has_perm("assessments.view_marking", edition):
            raise Http404
        declared = declare_conflict(
            edition=edition,
            person=_one(User.objects.all(), body, "person") or self.by,
            submission=_one(edition.submissions.all(), body, "project"),
            # Nobody is told the names of people who have nothing to do with the edition.
            other=_one(User.objects.filter(enrolments__edition=edition), body, "other"),
            city=_one(City.objects.all(), body, "city", by="slug"),
            reason=body["reason"],
            by=self.by,
            at=self.at,
        )
        serializer = ConflictDetailSerializer(declared, context=self.get_serializer_context())
        return Response(serializer.data, status=201)

    @extend_schema(request=ReasonBody, responses=ConflictDetailSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str | None = None) -> Response:
        conflict = self.get_object()
        body = self.read_body(ReasonBody)
        changed = take_back_conflict(conflict=conflict, by=self.by, at=self.at, **body)
        serializer = ConflictDetailSerializer(changed, context=self.get_serializer_context())
        return Response(serializer.data)


def _one(rows: QuerySet[Any], body: dict[str, Any], name: str, *, by: str = "pk") -> Any:
    """The row that a body names; None where it names none."""
    if name not in body:
        return None
    found = rows.filter(**{by: body[name]}).first()
    if found is None:
        raise InvalidInput(errors={name: [_("There is no such one.")]})
    return found


class LanguageProfileSerializer(serializers.ModelSerializer[LanguageProfile]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    user = PersonSerializer(read_only=True)
    reads = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = LanguageProfile
        fields = ("id", "edition", "user", "reads", "writes", "version", "changed_at")


class LanguageProfileDetailSerializer(LanguageProfileSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(LanguageProfileSerializer.Meta):
        fields = (*LanguageProfileSerializer.Meta.fields, "abilities")  # type: ignore[assignment]

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField()))
    def get_abilities(self, profile: LanguageProfile) -> dict[str, bool]:
        user = self.context["request"].user
        coordinates = user.has_perm("assessments.coordinate_marking", profile.edition)
        return {"change": profile.user_id == user.pk or coordinates}


class LanguagesBody(StrictSerializer):
    """`user`: whose languages; the caller's without it."""

    edition = serializers.SlugField()
    user = serializers.IntegerField(required=False)
    reads = serializers.ListField(child=serializers.CharField(max_length=8), max_length=40)
    writes = serializers.CharField(max_length=8, required=False, allow_blank=True, default="")
    base_version = serializers.IntegerField(min_value=0)


class LanguageProfileViewSet(ResourceViewSet):
    queryset = LanguageProfile.objects.none()
    serializer_class = LanguageProfileSerializer
    detail_serializer_class = LanguageProfileDetailSerializer
    filterset_fields = ("edition__slug", "user")

    def get_queryset(self) -> QuerySet[LanguageProfile]:
        return LanguageProfile.objects.visible_to(self.by).select_related("edition", "user")

    @extend_schema(request=LanguagesBody, responses={200: LanguageProfileDetailSerializer})
    def create(self, request: Request) -> Response:
        """Say what one reads and writes in an edition; it replaces what was said before."""
        body = self.read_body(LanguagesBody)
        edition = get_object_or_404(Edition.objects.visible_to(self.by), slug=body["edition"])
        profile = set_languages(
            edition=edition,
            user=_one(User.objects.all(), body, "user") or self.by,
            reads=body["reads"],
            writes=body["writes"],
            base_version=body["base_version"],
            by=self.by,
            at=self.at,
        )
        serializer = LanguageProfileDetailSerializer(profile, context=self.get_serializer_context())
        return Response(serializer.data)
