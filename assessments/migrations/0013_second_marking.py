import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("assessments", "0012_whole_uploads_and_teams_kept"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalibrationMarks",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("marks", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=0)),
                ("saved_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "calibration marks",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CalibrationRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField(help_text="The sample that everybody marks.")),
                ("is_required", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=0)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-opened_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="MarkingPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "second_marking",
                    models.CharField(
                        choices=[
                            ("none", "One marker for each project"),
                            ("sample", "Two markers for a sample"),
                            ("all", "Two markers for every project"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                (
                    "sample_percent",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "divergence_percent",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "is_anonymous",
                    models.BooleanField(
                        default=False,
                        help_text="Markers see no names and no cities until the release.",
                    ),
                ),
                (
                    "confirm_release",
                    models.BooleanField(
                        default=False,
                        help_text="Somebody else confirms a release before it takes effect.",
                    ),
                ),
                (
                    "undo_minutes",
                    models.PositiveSmallIntegerField(
                        default=10, validators=[django.core.validators.MaxValueValidator(120)]
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "marking policies",
            },
        ),
        migrations.CreateModel(
            name="SecondMarking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="assessment",
            name="assessment_one_marker_at_a_time",
        ),
        migrations.AddField(
            model_name="assessment",
            name="role",
            field=models.CharField(
                choices=[
                    ("first", "First marker"),
                    ("second", "Second marker"),
                    ("appeal", "Marker of the appeal"),
                ],
                default="first",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("allocated", "in_marking", "submitted"))),
                fields=("attempt", "role"),
                name="assessment_one_marker_in_a_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("allocated", "in_marking", "submitted"))),
                fields=("attempt", "marker"),
                name="assessment_one_role_of_a_marker",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["first", "second", "appeal"])),
                name="assessment_role_known",
            ),
        ),
        migrations.AddField(
            model_name="calibrationmarks",
            name="marker",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="calibrationround",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="calibrationround",
            name="opened_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="calibrationround",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calibration_rounds",
                to="assessments.project",
            ),
        ),
        migrations.AddField(
            model_name="calibrationround",
            name="rubric",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="assessments.rubricversion",
            ),
        ),
        migrations.AddField(
            model_name="calibrationmarks",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="marks",
                to="assessments.calibrationround",
            ),
        ),
        migrations.AddField(
            model_name="markingpolicy",
            name="project",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="marking_policy",
                to="assessments.project",
            ),
        ),
        migrations.AddField(
            model_name="secondmarking",
            name="asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="secondmarking",
            name="attempt",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="second_marking",
                to="assessments.attempt",
            ),
        ),
        migrations.AddConstraint(
            model_name="calibrationround",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("project",),
                name="calibration_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="calibrationround",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("closed_by__isnull", True)),
                    models.Q(("closed_at__isnull", False), ("closed_by__isnull", False)),
                    _connector="OR",
                ),
                name="calibration_closed_at_and_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="calibrationmarks",
            constraint=models.UniqueConstraint(
                fields=("round", "marker"), name="calibration_marks_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="markingpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("second_marking__in", ["none", "sample", "all"])),
                name="marking_policy_second_marking_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="markingpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("divergence_percent__range", (1, 100)), ("sample_percent__range", (1, 100))
                ),
                name="marking_policy_percentages",
            ),
        ),
        migrations.AddConstraint(
            model_name="markingpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("undo_minutes__lte", 120)),
                name="marking_policy_two_hours_to_undo_at_most",
            ),
        ),
        AppendOnly("SecondMarking"),
    ]
