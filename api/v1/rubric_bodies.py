"""Rubrics as the API says them and is told them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers import StrictSerializer
from api.v1.marking import CriterionSerializer
from api.v1.persons import PersonSerializer
from assessments.models import Rubric, RubricVersion
from assessments.rubric_working import content_in
from assessments.selectors.rubric_change import RubricChange
from assessments.selectors.rubrics import checked, use_of, working_copy_of
from lms.programme.models import Edition


class RubricVersionSerializer(serializers.ModelSerializer[RubricVersion]):
    rubric = serializers.PrimaryKeyRelatedField[Rubric](read_only=True)
    created_by = PersonSerializer(read_only=True)

    class Meta:
        model = RubricVersion
        fields: tuple[str, ...] = (
            "id", "rubric", "number", "sha256", "pass_percent", "created_at", "created_by",
        )  # fmt: skip


class RubricVersionDetailSerializer(RubricVersionSerializer):
    criteria = CriterionSerializer(many=True, read_only=True)
    abilities = serializers.SerializerMethodField()

    class Meta(RubricVersionSerializer.Meta):
        fields = (*RubricVersionSerializer.Meta.fields, "criteria", "abilities")

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField()))
    def get_abilities(self, version: RubricVersion) -> dict[str, bool]:
        user = self.context["request"].user
        return {"take_up": user.has_perm("assessments.publish_rubric", version.rubric)}


class RubricSerializer(serializers.ModelSerializer[Rubric]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)

    class Meta:
        model = Rubric
        fields: tuple[str, ...] = ("id", "edition", "title", "deleted_at")


class LevelTextSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    points = serializers.CharField()
    descriptor = serializers.CharField()


class CriterionTextSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    weight = serializers.CharField()
    levels = LevelTextSerializer(many=True)


class RubricContentSerializer(serializers.Serializer[Any]):
    pass_percent = serializers.CharField()
    criteria = CriterionTextSerializer(many=True)


class WorkingCopySerializer(serializers.Serializer[Any]):
    """As it was typed. `wrong`: what keeps it from being published, by place."""

    version = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)
    saved_by = PersonSerializer(allow_null=True)
    sha256 = serializers.CharField(help_text="Empty while it cannot be published.")
    content = RubricContentSerializer()
    wrong = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class RubricDetailSerializer(RubricSerializer):
    """`use`: why it cannot be deleted; empty when it can."""

    use = serializers.SerializerMethodField()
    in_force = serializers.SerializerMethodField()
    working_copy = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(RubricSerializer.Meta):
        fields = (*RubricSerializer.Meta.fields, "use", "in_force", "working_copy", "abilities")

    def get_use(self, rubric: Rubric) -> str:
        return use_of(rubric)

    @extend_schema_field(RubricVersionSerializer(allow_null=True))
    def get_in_force(self, rubric: Rubric) -> Any:
        version = rubric.versions.select_related("created_by").first()
        return RubricVersionSerializer(version).data if version else None

    @extend_schema_field(WorkingCopySerializer)
    def get_working_copy(self, rubric: Rubric) -> Any:
        draft = working_copy_of(rubric)
        read = checked(draft)
        return WorkingCopySerializer(
            {
                "version": draft.version,
                "saved_at": draft.saved_at if draft.pk else None,
                "saved_by": draft.saved_by,
                "sha256": read.sha256,
                "content": content_in(draft.content),
                "wrong": read.wrong,
            }
        ).data

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField()))
    def get_abilities(self, rubric: Rubric) -> dict[str, bool]:
        user = self.context["request"].user
        writes = user.has_perm("assessments.publish_rubric", rubric)
        is_there = rubric.deleted_at is None
        return {
            "write": writes and is_there,
            "publish": writes and is_there,
            "rename": writes,
            "delete": writes and is_there and not use_of(rubric),
            "bring_back": writes and not is_there,
            "choose": is_there and user.has_perm("assessments.choose_rubric", rubric),
        }


class BeginRubricBody(StrictSerializer):
    edition = serializers.SlugField()
    title = serializers.CharField(max_length=200)
    copy_of = serializers.IntegerField(required=False, allow_null=True, default=None)


class RubricContentBody(StrictSerializer):
    """The whole content in the place of the working copy. Keys say which criterion and level
    is which since the last version; new ones may be left out."""

    base_version = serializers.IntegerField(min_value=0)
    content = serializers.DictField()


class RubricFileBody(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)
    format = serializers.ChoiceField(choices=("csv", "json"))
    text = serializers.CharField(trim_whitespace=False, max_length=2_000_000)


class TakeUpBody(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)
    number = serializers.IntegerField(min_value=1)


class PublishBody(StrictSerializer):
    sha256 = serializers.CharField(max_length=64, help_text="As it stood in the preview.")


class TitleBody(StrictSerializer):
    title = serializers.CharField(max_length=200)


class CriterionChangeSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField(help_text="kept, changed, new or gone")
    weight = serializers.CharField()
    weight_before = serializers.CharField()
    kept = serializers.IntegerField()
    level_gone = serializers.IntegerField()
    unmarked = serializers.IntegerField()


class ResultChangeSerializer(serializers.Serializer[Any]):
    project = serializers.IntegerField(source="given.submission")
    name = serializers.CharField(
        source="given.name", help_text="Its receipt, or its code while names are hidden."
    )
    state = serializers.CharField(source="given.state")
    before = serializers.DecimalField(5, 2, source="given.percent", allow_null=True)
    after = serializers.DecimalField(5, 2, allow_null=True)
    to_choose = serializers.IntegerField()
    crosses = serializers.BooleanField()


class RubricChangeSerializer(serializers.Serializer[RubricChange]):
    """What publishing would mean; nothing is written. `results` at most 100, those first
    that change most."""

    sha256 = serializers.CharField()
    is_same = serializers.BooleanField()
    marked = serializers.IntegerField()
    flagged = serializers.IntegerField(help_text="Grades that would need another look.")
    to_choose = serializers.IntegerField()
    lower = serializers.IntegerField()
    same = serializers.IntegerField()
    higher = serializers.IntegerField()
    least = serializers.DecimalField(6, 2)
    most = serializers.DecimalField(6, 2)
    falling = serializers.IntegerField(help_text="Would no longer pass.")
    rising = serializers.IntegerField(help_text="Would pass now.")
    criteria = CriterionChangeSerializer(many=True)
    results = ResultChangeSerializer(many=True)


class RubricDifferenceSerializer(serializers.Serializer[Any]):
    head = serializers.ListField(child=serializers.DictField())
    criteria = serializers.ListField(child=serializers.DictField())
