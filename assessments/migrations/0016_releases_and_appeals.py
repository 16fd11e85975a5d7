import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0015_leases_and_conflicts"),
        ("programme", "0003_role_once_on_every_database"),
    ]

    operations = [
        migrations.AddField(
            model_name="markingpolicy",
            name="appeal_days",
            field=models.PositiveSmallIntegerField(
                default=14,
                help_text="So long after its release a grade can be appealed; 0 for never.",
                validators=[django.core.validators.MaxValueValidator(90)],
            ),
        ),
        migrations.AddConstraint(
            model_name="markingpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("appeal_days__lte", 90)),
                name="marking_policy_ninety_days_to_appeal_at_most",
            ),
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="programme.edition",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prepared", "Prepared"),
                            ("awaiting_confirmation", "Waits for a colleague’s confirmation"),
                            ("scheduled", "Decided, can be undone"),
                            ("releasing", "Being released"),
                            ("released", "Released"),
                            ("undone", "Undone"),
                            ("failed", "Stopped"),
                        ],
                        default="prepared",
                        max_length=24,
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("needs_confirmation", models.BooleanField()),
                ("undo_minutes", models.PositiveSmallIntegerField()),
                ("version", models.PositiveIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("takes_effect_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "prepared",
                                    "awaiting_confirmation",
                                    "scheduled",
                                    "releasing",
                                    "released",
                                    "undone",
                                    "failed",
                                ],
                            )
                        ),
                        name="release_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at__isnull", True), ("confirmed_by__isnull", True)
                            ),
                            models.Q(
                                ("confirmed_at__isnull", False), ("confirmed_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="release_confirmed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_by", models.F("made_by")), _negated=True),
                        name="release_confirmed_by_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("needs_confirmation", False),
                            ("takes_effect_at__isnull", True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="release_confirmed_before_it_takes_effect",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("undone_at__isnull", True),
                                ("undone_by__isnull", True),
                                models.Q(("status", "undone"), _negated=True),
                            ),
                            models.Q(
                                ("status", "undone"),
                                ("undone_at__isnull", False),
                                ("undone_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="release_undone_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReleaseItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="assessments.release",
                    ),
                ),
                (
                    "grade",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="release_items",
                        to="assessments.grade",
                    ),
                ),
                ("grade_version", models.PositiveIntegerField()),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="assessments.graderevision",
                    ),
                ),
                ("part", models.PositiveIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("released", "Released"),
                            ("left_out", "Left out"),
                            ("taken_back", "Taken back"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why it was left out.", max_length=300),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["release", "part"], name="release_item_part")],
                "constraints": [
                    models.UniqueConstraint(fields=("release", "grade"), name="release_item_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "waiting")),
                        fields=("grade",),
                        name="release_item_one_waits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["waiting", "released", "left_out", "taken_back"])
                        ),
                        name="release_item_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "waiting"), ("settled_at__isnull", True)),
                            models.Q(
                                models.Q(("outcome", "waiting"), _negated=True),
                                ("settled_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="release_item_settled_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "left_out"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="release_item_left_out_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="programme.edition",
                    ),
                ),
                (
                    "grade",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="assessments.grade",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="assessments.graderevision",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("assigned", "With a colleague"),
                            ("upheld", "The grade stands"),
                            ("amended", "The grade was amended"),
                        ],
                        default="received",
                        max_length=12,
                    ),
                ),
                ("reason", models.TextField()),
                ("appealed_at", models.DateTimeField()),
                (
                    "appealed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="assessments.assessment",
                    ),
                ),
                ("assigned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "assigned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_as",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="assessments.graderevision",
                    ),
                ),
                ("decision", models.TextField(blank=True, help_text="Why it was decided so.")),
                ("version", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("received", "assigned"))),
                        fields=("grade",),
                        name="appeal_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["received", "assigned", "upheld", "amended"])
                        ),
                        name="appeal_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="appeal_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("assessment__isnull", True),
                                ("assigned_at__isnull", True),
                                ("assigned_by__isnull", True),
                            ),
                            models.Q(
                                ("assessment__isnull", False),
                                ("assigned_at__isnull", False),
                                ("assigned_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_assigned_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "received"), ("assessment__isnull", False), _connector="OR"
                        ),
                        name="appeal_looked_at_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("status__in", ("received", "assigned")),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("status__in", ("upheld", "amended")),
                                models.Q(("decision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_decided_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_as__isnull", False), ("status", "amended")),
                            models.Q(
                                models.Q(("status", "amended"), _negated=True),
                                ("decided_as__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_amended_by_a_revision",
                    ),
                ],
            },
        ),
        AppendOnly(
            "Release",
            may_change=(
                "status",
                "version",
                "confirmed_at",
                "confirmed_by_id",
                "takes_effect_at",
                "finished_at",
                "undone_at",
                "undone_by_id",
            ),
        ),
        AppendOnly("ReleaseItem", may_change=("outcome", "reason", "settled_at")),
        AppendOnly(
            "Appeal",
            may_change=(
                "status",
                "version",
                "assessment_id",
                "assigned_at",
                "assigned_by_id",
                "decided_at",
                "decided_by_id",
                "decided_as_id",
                "decision",
            ),
        ),
    ]
