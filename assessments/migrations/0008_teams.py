import django.db.models.deletion
from typing import Any

from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly


def name_those_who_write(apps: Any, schema_editor: Any) -> None:
    """Every project so far is written by the one who began it."""
    Submission = apps.get_model("assessments", "Submission")
    TeamMember = apps.get_model("assessments", "TeamMember")
    TeamMember.objects.bulk_create(
        [
            TeamMember(
                project_id=row["project_id"],
                submission_id=row["id"],
                enrolment_id=row["owner_id"],
                joined_at=row["created_at"],
            )
            for row in Submission.objects.values("id", "project_id", "owner_id", "created_at")
        ],
        batch_size=1000,
    )


def name_those_who_handed_in(apps: Any, schema_editor: Any) -> None:
    Attempt = apps.get_model("assessments", "Attempt")
    AttemptMember = apps.get_model("assessments", "AttemptMember")
    attempts = Attempt.objects.values(
        "id", "owner_id", "owner__user__name", "owner__user__email", "owner__city__name"
    )
    AttemptMember.objects.bulk_create(
        [
            AttemptMember(
                attempt_id=row["id"],
                enrolment_id=row["owner_id"],
                name=row["owner__user__name"] or row["owner__user__email"],
                city_name=row["owner__city__name"],
            )
            for row in attempts
        ],
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0007_rich_sections_and_history"),
        ("programme", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("joined_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=1000)),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="teams",
                        to="programme.enrolment",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty for whoever began the project.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="team_members",
                        to="assessments.project",
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="assessments.submission",
                    ),
                ),
            ],
            options={
                "ordering": ["joined_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("project", "enrolment"),
                        name="team_member_one_project_in_hand",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("removed_by", None),
                            models.Q(
                                ("left_at__isnull", False), models.Q(("reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="team_member_removed_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamInvitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("invited", "Invited"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        default="invited",
                        max_length=20,
                    ),
                ),
                ("invited_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="team_invitations",
                        to="programme.enrolment",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="assessments.submission",
                    ),
                ),
            ],
            options={
                "ordering": ["invited_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "invited")),
                        fields=("submission", "enrolment"),
                        name="team_invitation_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("status", "invited")),
                            models.Q(
                                ("closed_at__isnull", False),
                                (
                                    "status__in",
                                    ["invited", "accepted", "declined", "withdrawn", "expired"],
                                ),
                                models.Q(("status", "invited"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="team_invitation_closed_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AttemptMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("city_name", models.CharField(max_length=255)),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="assessments.attempt",
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
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("attempt", "enrolment"), name="attempt_member_once"
                    )
                ],
            },
        ),
        AppendOnly("AttemptMember"),
        migrations.AddField(
            model_name="submission",
            name="parked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RemoveConstraint(model_name="submission", name="submission_once"),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parked_at", None)),
                fields=("project", "owner"),
                name="submission_in_hand_once",
            ),
        ),
        migrations.RemoveConstraint(model_name="attempt", name="attempt_once"),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(
                fields=("submission", "number"), name="attempt_once"
            ),
        ),
        # SQLite rebuilds the table for its constraints, and loses the triggers.
        AppendOnly("Attempt"),
        migrations.RunPython(name_those_who_write, migrations.RunPython.noop),
        migrations.RunPython(name_those_who_handed_in, migrations.RunPython.noop),
    ]
