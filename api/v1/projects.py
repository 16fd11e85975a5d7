"""Final projects: the draft and its moves (files are in `files`, receipts in `submissions`)."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import NoBodySerializer
from api.v1.checklist import Checklist
from api.v1.deadlines import DeadlineMoves, DeadlineSubmissionSerializer
from api.v1.drafts import SavedDraftSerializer
from api.v1.hidden_names import HiddenNamesMixin
from api.v1.project_bodies import (
    IDEMPOTENCY_KEY,
    BaseVersionSerializer,
    InsertAnswerSerializer,
    ProjectDraftSerializer,
    ReturnProjectSerializer,
    StartProjectSerializer,
    SubmitSerializer,
    WithdrawSerializer,
    ids_in,
)
from api.v1.submissions import AttemptSerializer
from api.v1.teams import TeamMemberSerializer, TeamMoves
from api.views import ResourceViewSet
from assessments.actions import (
    adopt_guidelines,
    declare_intent,
    insert_answer,
    reopen_draft,
    return_for_revision,
    save_draft,
    start_project,
    submit_project,
    withdraw_submission,
)
from assessments.actions.at_deadline import settle_if_due
from assessments.models import Attempt, Project, Submission, SubmitIntent, Upload
from assessments.selectors.anonymity import code_of
from assessments.selectors.deadlines import last_wish
from assessments.selectors.project import (
    effective_deadline_of,
    newer_guidelines,
    revision_asked_of,
    submission_abilities,
)
from assessments.selectors.sections import keys_gone, set_aside_of, stored_in, stored_otherwise
from assessments.selectors.team import reads_draft, team_abilities, team_of
from lms.core.rich_fields import TextFormat
from lms.programme.models import Edition, Enrolment


class ProjectSerializer(HiddenNamesMixin, serializers.ModelSerializer[Submission]):
    """`owner`, `city`: the project's code and nothing for whoever marks it anonymously.
    `parked_at`: a draft of one's own that rests since one writes with a team; `take-up`."""

    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    owner = serializers.CharField(source="owner.user.name", read_only=True)
    city = serializers.CharField(source="owner.city.name", read_only=True)

    class Meta:
        model = Submission
        fields: tuple[str, ...] = (
            "id", "edition", "owner", "city", "status", "attempt", "version", "created_at",
            "saved_at", "submitted_at", "parked_at",
        )  # fmt: skip

    def to_representation(self, instance: Submission) -> Any:
        body = super().to_representation(instance)
        if self.hides(instance):
            body |= {"owner": code_of(instance.pk), "city": ""}
        return body


class DeadlineSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField(help_text="Official deadline.")
    zone = serializers.CharField(help_text="IANA zone it was set in.")
    effective_at = serializers.DateTimeField(help_text="On time until then, inclusive.")
    reason = serializers.CharField(help_text="Why the two differ; empty when they do not.")
    accepts_late = serializers.BooleanField()
    upload_window_minutes = serializers.IntegerField(
        help_text="How long uploads that run when somebody submits in time may go on after it."
    )
    extension = serializers.IntegerField(
        allow_null=True, help_text="The last request for more time, whatever came of it."
    )
    at_deadline = DeadlineSubmissionSerializer(
        allow_null=True, help_text="Handing in by itself at the deadline, if that was wished."
    )


class GuidelinesInUseSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    sha256 = serializers.CharField()
    published_at = serializers.DateTimeField()
    content = serializers.JSONField()
    newer = serializers.IntegerField(allow_null=True, help_text="A newer version to adopt.")


class RevisionSerializer(serializers.Serializer[Any]):
    receipt = serializers.CharField(source="attempt.receipt")
    reason = serializers.CharField()
    until_at = serializers.DateTimeField(allow_null=True)
    until_zone = serializers.CharField(help_text="IANA zone it was set in; empty without it.")
    requested_at = serializers.DateTimeField()


class ProjectDetailSerializer(ProjectSerializer):
    """The draft's text is its writer's alone; staff read what was submitted."""

    sections = serializers.SerializerMethodField(help_text="As plain text.")
    sections_html = serializers.SerializerMethodField(help_text="As it is written.")
    guidelines = serializers.SerializerMethodField()
    deadline = serializers.SerializerMethodField()
    revision = serializers.SerializerMethodField()
    receipts = serializers.SlugRelatedField[Attempt](
        source="attempts", slug_field="receipt", many=True, read_only=True
    )
    set_aside = serializers.SerializerMethodField(
        help_text="Texts of sections that the guidelines no longer have, as HTML; with their "
        "titles at `set-aside`."
    )
    team = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(ProjectSerializer.Meta):
        fields = (
            *ProjectSerializer.Meta.fields, "sections", "sections_html", "guidelines",
            "set_aside", "deadline", "revision", "receipts", "team", "abilities",
        )  # fmt: skip

    @extend_schema_field(TeamMemberSerializer(many=True))
    def get_team(self, submission: Submission) -> Any:
        if self.hides(submission):
            return []
        return TeamMemberSerializer(team_of(submission), many=True).data

    @extend_schema_field(serializers.DictField(child=serializers.CharField(), allow_null=True))
    def get_sections(self, submission: Submission) -> dict[str, str] | None:
        return self._written(submission, TextFormat.TEXT)

    @extend_schema_field(serializers.DictField(child=serializers.CharField(), allow_null=True))
    def get_sections_html(self, submission: Submission) -> dict[str, str] | None:
        return self._written(submission, TextFormat.HTML)

    @extend_schema_field(serializers.DictField(child=serializers.CharField(), allow_null=True))
    def get_set_aside(self, submission: Submission) -> dict[str, str] | None:
        return dict(set_aside_of(submission)) if self._is_writer(submission) else None

    def _written(self, submission: Submission, text_format: str) -> dict[str, str] | None:
        return stored_in(submission, text_format) if self._is_writer(submission) else None

    def _is_writer(self, submission: Submission) -> bool:
        return reads_draft(self.context["request"].user, submission)

    @extend_schema_field(GuidelinesInUseSerializer)
    def get_guidelines(self, submission: Submission) -> dict[str, Any]:
        newer = newer_guidelines(submission)
        return {
            "number": submission.guidelines.number,
            "sha256": submission.guidelines.sha256,
            "published_at": submission.guidelines.published_at,
            "content": submission.guidelines.content,
            "newer": newer.number if newer else None,
        }

    @extend_schema_field(DeadlineSerializer)
    def get_deadline(self, submission: Submission) -> dict[str, Any]:
        effective = effective_deadline_of(submission.project, submission)
        extension, wish = submission.extensions.order_by("-id").first(), last_wish(submission)
        return {
            "at": submission.project.deadline_at,
            "zone": submission.project.deadline_zone,
            "effective_at": effective.at,
            "reason": effective.reason,
            "accepts_late": submission.project.accepts_late,
            "upload_window_minutes": submission.project.upload_window_minutes,
            "extension": extension.pk if extension else None,
            "at_deadline": DeadlineSubmissionSerializer(wish).data if wish else None,
        }

    @extend_schema_field(RevisionSerializer(allow_null=True))
    def get_revision(self, submission: Submission) -> dict[str, Any] | None:
        asked = revision_asked_of(submission)
        return RevisionSerializer(asked).data if asked else None

    def get_abilities(self, submission: Submission) -> dict[str, bool]:
        user = self.context["request"].user
        moves = submission_abilities(user, submission, self.context["view"].at)
        return moves | team_abilities(user, submission)


class ProjectSavedSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    saved_at = serializers.DateTimeField()
    values = serializers.DictField(
        child=serializers.CharField(),
        help_text="Texts that are stored otherwise than they were sent: cleaned HTML.",
    )
    gone = serializers.ListField(
        child=serializers.CharField(),
        help_text="Keys of sections that were sent and that newer guidelines no longer have: "
        "these texts are set aside, outside what is handed in (`set_aside` of the project; "
        "`take-along` puts one into another section).",
    )


class IntentSerializer(serializers.ModelSerializer[SubmitIntent]):
    uploads = serializers.PrimaryKeyRelatedField[Upload](many=True, read_only=True)

    class Meta:
        model = SubmitIntent
        fields: tuple[str, ...] = (
            "attempt", "version", "uploads", "declared_at", "deadline_at", "until_at",
        )  # fmt: skip


class ProjectViewSet(Checklist, DeadlineMoves, TeamMoves, ResourceViewSet):
    queryset = Submission.objects.none()
    serializer_class = ProjectSerializer
    detail_serializer_class = ProjectDetailSerializer
    filterset_fields = ("edition__slug", "status")
    own_keys = frozenset({"submit"})

    def get_queryset(self) -> Any:
        rows = Submission.objects.visible_to(self.by).select_related(
            "edition", "owner__user", "owner__city", "grade"
        )
        if self.action == "list":
            return rows
        return rows.select_related("project", "guidelines")

    @extend_schema(request=StartProjectSerializer, responses={201: ProjectDetailSerializer})
    def create(self, request: Request) -> Response:
        """Begin one's project in an edition; asked again, the same project."""
        body = self.read_body(StartProjectSerializer)
        project = get_object_or_404(
            Project.objects.visible_to(self.by), edition__slug=body["edition"]
        )
        enrolment = get_object_or_404(
            Enrolment.objects.filter(user=self.by), edition_id=project.edition_id
        )
        begun = start_project(project=project, enrolment=enrolment, by=self.by, at=self.at)
        submission = self.get_queryset().get(pk=begun.pk)
        return self._detail(submission, status=201)

    @extend_schema(request=ProjectDraftSerializer, responses=ProjectSavedSerializer)
    @action(detail=True, methods=["put"])
    def draft(self, request: Request, pk: str | None = None) -> Response:
        """Save sections by their key. 409 with `version` and `stored` when somebody
        saved since `base_version`."""
        submission = self.get_object()
        body = self.read_body(ProjectDraftSerializer)
        saved = save_draft(
            submission=submission,
            by=self.by,
            at=self.at,
            **body,
        )
        values = stored_otherwise(saved, body["values"], body["text_format"])
        answer = {
            "version": saved.version,
            "saved_at": saved.saved_at,
            "values": values,
            "gone": keys_gone(saved, body["values"]),
        }
        return Response(ProjectSavedSerializer(answer).data)

    @extend_schema(request=InsertAnswerSerializer, responses=SavedDraftSerializer)
    @action(detail=True, methods=["post"], url_path="insert-answer")
    def insert_answer(self, request: Request, pk: str | None = None) -> Response:
        """Put the answer one wrote in a lesson under the section that it feeds."""
        submission = self.get_object()
        body = self.read_body(InsertAnswerSerializer)
        saved = insert_answer(submission=submission, by=self.by, at=self.at, **body)
        return Response(SavedDraftSerializer(saved).data)

    @extend_schema(
        request=SubmitSerializer,
        responses={201: AttemptSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str | None = None) -> Response:
        """Hand the draft in; the answer is the receipt. 422 when sections are empty or the
        guidelines do not take a file that is attached."""
        submission = self.get_object()
        body = self.read_body(SubmitSerializer)
        without = ids_in(body.get("without", ()))
        settle_if_due(submission, at=self.at, without=without)
        attempt = submit_project(
            submission=submission,
            by=self.by,
            at=self.at,
            base_version=body["base_version"],
            idempotency_key=request.headers.get("Idempotency-Key", ""),
            files=ids_in(body["files"]) if "files" in body else None,
            without=without,
        )
        return Response(
            AttemptSerializer(attempt, context=self.get_serializer_context()).data, status=201
        )

    @extend_schema(request=BaseVersionSerializer, responses=IntentSerializer)
    @action(detail=True, methods=["post"])
    def intent(self, request: Request, pk: str | None = None) -> Response:
        """Say before the deadline that the draft is to be submitted with the uploads that
        are running: these may finish until `until_at` and count as on time."""
        submission = self.get_object()
        body = self.read_body(BaseVersionSerializer)
        intent = declare_intent(submission=submission, by=self.by, at=self.at, **body)
        return Response(IntentSerializer(intent).data)

    @extend_schema(request=WithdrawSerializer, responses=ProjectDetailSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        """Take an attempt back before marking begins. 409 `deadline_passed` where it could
        not be handed in again."""
        submission = self.get_object()
        number = self.read_body(WithdrawSerializer)["attempt"]
        withdraw_submission(submission=submission, number=number, by=self.by, at=self.at)
        return self._detail(self.get_object())

    @extend_schema(request=NoBodySerializer, responses=ProjectDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        submission = self.get_object()
        self.read_body(NoBodySerializer)
        reopen_draft(submission=submission, by=self.by, at=self.at)
        return self._detail(self.get_object())

    @extend_schema(request=BaseVersionSerializer, responses=ProjectDetailSerializer)
    @action(detail=True, methods=["post"], url_path="adopt-guidelines")
    def adopt_guidelines(self, request: Request, pk: str | None = None) -> Response:
        submission = self.get_object()
        body = self.read_body(BaseVersionSerializer)
        adopt_guidelines(submission=submission, by=self.by, at=self.at, **body)
        return self._detail(self.get_object())

    @extend_schema(request=ReturnProjectSerializer, responses=ProjectDetailSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def return_(self, request: Request, pk: str | None = None) -> Response:
        """An instructor hands the project back with a reason."""
        submission = self.get_object()
        body = self.read_body(ReturnProjectSerializer)
        return_for_revision(submission=submission, by=self.by, at=self.at, **body)
        return self._detail(self.get_object())

    def _detail(self, submission: Submission, status: int = 200) -> Response:
        context = self.get_serializer_context()
        return Response(ProjectDetailSerializer(submission, context=context).data, status=status)
