import assessments.models.guidelines
import assessments.models.project
import django.core.validators
import django.db.models.deletion
import lms.core.clock
from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0008_teams"),
        ("programme", "0002_known_values"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Extension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="assessments.submission",
                    ),
                ),
                (
                    "attempt",
                    models.PositiveSmallIntegerField(help_text="The attempt in hand at that time."),
                ),
                ("wanted_at", models.DateTimeField()),
                (
                    "wanted_wall",
                    models.DateTimeField(
                        help_text="The time on the clock in that zone, stored as if it were UTC."
                    ),
                ),
                (
                    "wanted_zone",
                    models.CharField(max_length=64, validators=[lms.core.clock.validate_zone]),
                ),
                ("reason", models.TextField()),
                ("requested_at", models.DateTimeField()),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Waiting for an answer"),
                            ("granted", "Granted"),
                            ("shortened", "Granted, but shorter"),
                            ("refused", "Refused"),
                            ("taken_back", "Taken back"),
                        ],
                        default="requested",
                        max_length=12,
                    ),
                ),
                ("until_at", models.DateTimeField(blank=True, null=True)),
                (
                    "until_wall",
                    models.DateTimeField(
                        blank=True,
                        help_text="The time on the clock in that zone, stored as if it were UTC.",
                        null=True,
                    ),
                ),
                (
                    "until_zone",
                    models.CharField(
                        blank=True, max_length=64, validators=[lms.core.clock.validate_zone]
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "requested")),
                        fields=("submission",),
                        name="extension_one_request_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["requested", "granted", "shortened", "refused", "taken_back"],
                            )
                        ),
                        name="extension_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="extension_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ("granted", "shortened")),
                                ("until_at__isnull", False),
                                ("until_wall__isnull", False),
                                models.Q(("until_zone", ""), _negated=True),
                            ),
                            models.Q(
                                ("until_at__isnull", True),
                                ("until_wall__isnull", True),
                                ("until_zone", ""),
                                models.Q(("status__in", ("granted", "shortened")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="extension_given_until_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExtensionDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "extension",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="assessments.extension",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Waiting for an answer"),
                            ("granted", "Granted"),
                            ("shortened", "Granted, but shorter"),
                            ("refused", "Refused"),
                            ("taken_back", "Taken back"),
                        ],
                        max_length=12,
                    ),
                ),
                ("until_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["requested", "granted", "shortened", "refused", "taken_back"],
                            )
                        ),
                        name="extension_decision_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            ("status__in", ("requested", "taken_back")),
                            _connector="OR",
                        ),
                        name="extension_decision_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LatenessRuling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rulings",
                        to="assessments.attempt",
                    ),
                ),
                (
                    "extension",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rulings",
                        to="assessments.extension",
                    ),
                ),
                ("is_late", models.BooleanField()),
                ("effective_deadline_at", models.DateTimeField()),
                ("reason", models.TextField()),
                ("ruled_at", models.DateTimeField()),
                (
                    "ruled_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="lateness_ruling_with_a_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeadlineReminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="assessments.project",
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programme.enrolment",
                    ),
                ),
                ("hours_before", models.PositiveIntegerField()),
                (
                    "deadline_at",
                    models.DateTimeField(help_text="The effective one it was sent before."),
                ),
                ("promised_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "enrolment", "hours_before", "deadline_at"),
                        name="deadline_reminder_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeadlineSubmission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deadline_submissions",
                        to="assessments.submission",
                    ),
                ),
                ("attempt_number", models.PositiveSmallIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for the deadline"),
                            ("submitted", "Handed in at the deadline"),
                            ("incomplete", "Not handed in: the draft was not complete"),
                            ("overtaken", "Not needed: the project was handed in by hand"),
                            ("called_off", "Called off"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "attempt",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deadline_submission",
                        to="assessments.attempt",
                    ),
                ),
                (
                    "draft_version",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The version of the draft that was handed in.",
                        null=True,
                    ),
                ),
                ("draft_saved_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.TextField(blank=True, help_text="What was missing.")),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "waiting")),
                        fields=("submission",),
                        name="deadline_submission_one_waits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["waiting", "submitted", "incomplete", "overtaken", "called_off"],
                            )
                        ),
                        name="deadline_submission_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("status", "waiting")),
                            models.Q(
                                ("settled_at__isnull", False),
                                models.Q(("status", "waiting"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="deadline_submission_settled_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("attempt__isnull", False),
                                ("draft_saved_at__isnull", False),
                                ("draft_version__isnull", False),
                                ("status", "submitted"),
                            ),
                            models.Q(
                                ("attempt__isnull", True),
                                ("draft_saved_at__isnull", True),
                                ("draft_version__isnull", True),
                                models.Q(("status", "submitted"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="deadline_submission_has_its_attempt",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="guidelinespage",
            name="file_types",
            field=models.JSONField(default=assessments.models.guidelines.default_file_types),
        ),
        migrations.AddField(
            model_name="guidelinespage",
            name="allows_teams",
            field=models.BooleanField(
                default=False,
                help_text="Without it, everybody hands in a project of their own.",
                verbose_name="teams may hand in together",
            ),
        ),
        migrations.AddField(
            model_name="guidelinespage",
            name="max_members",
            field=models.PositiveSmallIntegerField(
                default=3,
                validators=[
                    django.core.validators.MinValueValidator(2),
                    django.core.validators.MaxValueValidator(10),
                ],
                verbose_name="people in a team, at most",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="reminder_hours",
            field=models.JSONField(
                blank=True,
                default=assessments.models.project.default_reminders,
                help_text="Hours before the effective deadline at which people are reminded.",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="required_guidelines",
            field=models.ForeignKey(
                blank=True,
                help_text="Projects handed in from now on follow this version or a later one.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="assessments.guidelinesversion",
            ),
        ),
        AppendOnly("Extension", may_change=("status", "until_at", "until_wall", "until_zone")),
        AppendOnly("ExtensionDecision"),
        AppendOnly("LatenessRuling"),
        AppendOnly("DeadlineReminder"),
    ]
