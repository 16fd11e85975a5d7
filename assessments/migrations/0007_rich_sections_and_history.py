from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly
from lms.core.rich_text import html_from_text, text_of


def format_drafts(apps: Any, schema_editor: Any) -> None:
    """Plain text becomes paragraphs. Attempts stay as they are: their receipts vouch for it."""
    for draft in apps.get_model("assessments", "Submission").objects.all().iterator():
        draft.sections = {key: html_from_text(text) for key, text in draft.sections.items()}
        draft.save(update_fields=["sections"])


def unformat_drafts(apps: Any, schema_editor: Any) -> None:
    for draft in apps.get_model("assessments", "Submission").objects.all().iterator():
        draft.sections = {key: text_of(html) for key, html in draft.sections.items()}
        draft.save(update_fields=["sections"])


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0006_resumable_uploads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "submission",
            "writer",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "submission", "history_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.CreateModel(
            "DraftText",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("text", models.TextField()),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kept_texts",
                        to="assessments.submission",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("submission", "sha256"), name="draft_text_once")
                ]
            },
        ),
        migrations.CreateModel(
            "DraftVersion",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("writing", "Written"),
                            ("conflict", "Decided against"),
                            ("restore", "Restored"),
                            ("submit", "Handed in"),
                        ],
                        max_length=12,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("sections", models.JSONField()),
                ("changed", models.JSONField()),
                ("saved_at", models.DateTimeField()),
                (
                    "saved_by",
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
                        related_name="history",
                        to="assessments.submission",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["writing", "conflict", "restore", "submit"])
                        ),
                        name="draft_version_kind_known",
                    )
                ],
            },
        ),
        # What is there was written as plain text; what comes is HTML.
        migrations.AddField(
            "attempt",
            "text_format",
            models.CharField(
                choices=[("text", "Plain text"), ("html", "Formatted text")],
                default="text",
                max_length=4,
            ),
        ),
        migrations.AlterField(
            "attempt",
            "text_format",
            models.CharField(
                choices=[("text", "Plain text"), ("html", "Formatted text")],
                default="html",
                max_length=4,
            ),
        ),
        migrations.AddConstraint(
            "attempt",
            models.CheckConstraint(
                condition=models.Q(("text_format__in", ["text", "html"])),
                name="attempt_text_format_known",
            ),
        ),
        migrations.RunPython(format_drafts, unformat_drafts),
        AppendOnly("DraftText"),
        AppendOnly("DraftVersion"),
        # Its table has a new column (and was rebuilt on SQLite).
        AppendOnly("Attempt"),
    ]
