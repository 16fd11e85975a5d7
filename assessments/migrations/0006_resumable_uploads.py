import uuid
from typing import Any

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from lms.core.append_only import AppendOnly

ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def to(model: str, related_name: str = "+", **options: Any) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=model, **options
    )


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0005_judging_constraints"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            "guidelinespage",
            "max_file_mb",
            models.PositiveSmallIntegerField(
                default=20,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(500),
                ],
            ),
        ),
        migrations.AddField(
            "project",
            "upload_window_minutes",
            models.PositiveSmallIntegerField(
                default=30,
                help_text="Uploads that run when somebody submits before the deadline may finish this long after it.",
            ),
        ),
        migrations.AddConstraint(
            "project",
            models.CheckConstraint(
                condition=Q(upload_window_minutes__lte=240),
                name="project_upload_window_four_hours_at_most",
            ),
        ),
        migrations.CreateModel(
            "Upload",
            [
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "name",
                    models.CharField(help_text="As the participant named it.", max_length=255),
                ),
                ("size", models.PositiveBigIntegerField(help_text="In bytes.")),
                (
                    "offset",
                    models.PositiveBigIntegerField(default=0, help_text="Bytes that have arrived."),
                ),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("receiving", "Arriving"),
                            ("received", "Arrived, being checked and stored"),
                            ("finished", "Attached"),
                            ("refused", "Refused"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Expired"),
                        ],
                        default="receiving",
                        max_length=16,
                    ),
                ),
                ("refused_because", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("created_by", to(settings.AUTH_USER_MODEL)),
                ("file", to("assessments.projectfile", "uploads", blank=True, null=True)),
                ("submission", to("assessments.submission", "uploads")),
            ],
            options={
                "ordering": ["created_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            status__in=[
                                "receiving",
                                "received",
                                "finished",
                                "refused",
                                "cancelled",
                                "expired",
                            ]
                        ),
                        name="upload_status_known",
                    ),
                    models.CheckConstraint(condition=Q(size__gt=0), name="upload_not_empty"),
                    models.CheckConstraint(
                        condition=Q(offset__lte=F("size")), name="upload_offset_within_size"
                    ),
                    models.CheckConstraint(
                        condition=Q(file__isnull=False, status="finished")
                        | ~Q(status="finished") & Q(file__isnull=True),
                        name="upload_finished_with_its_file",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=Q(status__in=("receiving", "received")),
                        fields=["expires_at"],
                        name="upload_unfinished",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "SubmitIntent",
            [
                ("id", ID.clone()),
                ("attempt", models.PositiveSmallIntegerField()),
                ("version", models.PositiveIntegerField()),
                ("deadline_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                ("declared_at", models.DateTimeField()),
                ("declared_by", to(settings.AUTH_USER_MODEL)),
                ("submission", to("assessments.submission", "submit_intents")),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(declared_at__lte=F("deadline_at")),
                        name="submit_intent_in_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(until_at__gte=F("deadline_at")),
                        name="submit_intent_window_after",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "SubmitIntentUpload",
            [
                ("id", ID.clone()),
                ("intent", to("assessments.submitintent")),
                ("upload", to("assessments.upload")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("intent", "upload"), name="submit_intent_upload_once"
                    )
                ]
            },
        ),
        migrations.AddField(
            "submitintent",
            "uploads",
            models.ManyToManyField(
                related_name="submit_intents",
                through="assessments.SubmitIntentUpload",
                to="assessments.upload",
            ),
        ),
        AppendOnly("SubmitIntent"),
        AppendOnly("SubmitIntentUpload"),
    ]
