import uuid
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly
from lms.core.languages import codes_in
from lms.core.rich_text import html_from_text

PARTS = ("context", "challenge", "strategy", "succeeded", "failed", "lessons")


def format_what_was_plain(apps: Any, schema_editor: Any) -> None:
    """The parts become HTML. A text that was cleared for everybody who signs in is not
    opened to the web by this: it stays with the people of the programme."""
    CityExperience = apps.get_model("peer_exchange", "CityExperience")
    rows = CityExperience.objects.select_related("edition").order_by("pk")
    for experience in rows.iterator(chunk_size=500):
        for part in PARTS:
            setattr(experience, part, html_from_text(getattr(experience, part)))
        experience.language = codes_in(experience.edition.languages)[0]
        if experience.visibility == "public":
            experience.visibility = "members"
        experience.save(update_fields=[*PARTS, "language", "visibility"])


class Migration(migrations.Migration):
    dependencies = [
        ("peer_exchange", "0004_transfers_and_city_profiles"),
        ("programme", "0003_role_once_on_every_database"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExperienceFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("picture", "Picture"), ("file", "File")], max_length=10
                    ),
                ),
                ("name", models.CharField(help_text="As the city named it.", max_length=255)),
                ("alt", models.CharField(blank=True, max_length=500)),
                ("caption", models.CharField(blank=True, max_length=500)),
                ("stored_as", models.CharField(max_length=120)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "sent_sha256",
                    models.CharField(
                        help_text="Of what was sent: the same again is the same picture.",
                        max_length=64,
                    ),
                ),
                ("size", models.PositiveBigIntegerField(help_text="In bytes.")),
                ("media_type", models.CharField(max_length=120)),
                ("sizes", models.JSONField(default=list)),
                ("uploaded_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["uploaded_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ExperienceText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("text", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="ExperienceVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("sections", models.JSONField()),
                ("changed", models.JSONField()),
                ("saved_at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("writing", "Written"),
                            ("conflict", "Decided against"),
                            ("restore", "Restored"),
                            ("submit", "Handed to the city"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="contact_email",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="contact_name",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="contact_office",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="cost",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="done",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="embargo_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="given_up_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="given_up_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="history_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="language",
            field=models.CharField(default="en", max_length=12),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="links",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="revises",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reworkings",
                to="peer_exchange.cityexperience",
            ),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="writer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="experiencerevision",
            name="visibility",
            field=models.CharField(
                choices=[
                    ("cohort", "People of this edition"),
                    ("members", "People of all editions of the programme"),
                    ("public", "Anybody on the web"),
                ],
                default="cohort",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="cityexperience",
            name="visibility",
            field=models.CharField(
                choices=[
                    ("cohort", "People of this edition"),
                    ("members", "People of all editions of the programme"),
                    ("public", "Anybody on the web"),
                ],
                default="cohort",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="cityexperience",
            index=models.Index(
                fields=["visibility", "status", "-published_at"], name="experience_by_reach"
            ),
        ),
        migrations.AddConstraint(
            model_name="cityexperience",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_up_at__isnull", False), ("given_up_by__isnull", False)),
                    models.Q(("given_up_at__isnull", True), ("given_up_by__isnull", True)),
                    _connector="OR",
                ),
                name="experience_given_up_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="cityexperience",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("given_up_at__isnull", True),
                    models.Q(("revises__isnull", False), ("status", "draft")),
                    _connector="OR",
                ),
                name="experience_given_up_is_a_reworking",
            ),
        ),
        migrations.AddConstraint(
            model_name="cityexperience",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("embargo_until__isnull", True), ("cleared_at__isnull", False), _connector="OR"
                ),
                name="experience_embargo_was_cleared",
            ),
        ),
        migrations.AddConstraint(
            model_name="cityexperience",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("status", "archived"), _negated=True), ("given_up_at__isnull", True)
                ),
                fields=("revises",),
                name="experience_reworked_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiencerevision",
            constraint=models.CheckConstraint(
                condition=models.Q(("visibility__in", ["cohort", "members", "public"])),
                name="experience_revision_visibility_known",
            ),
        ),
        migrations.AddField(
            model_name="experiencefile",
            name="experience",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="files",
                to="peer_exchange.cityexperience",
            ),
        ),
        migrations.AddField(
            model_name="experiencefile",
            name="removed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="experiencefile",
            name="uploaded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="experiencetext",
            name="experience",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="kept_texts",
                to="peer_exchange.cityexperience",
            ),
        ),
        migrations.AddField(
            model_name="experienceversion",
            name="experience",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="history",
                to="peer_exchange.cityexperience",
            ),
        ),
        migrations.AddField(
            model_name="experienceversion",
            name="saved_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="experiencefile",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["picture", "file"])),
                name="experience_file_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiencefile",
            constraint=models.CheckConstraint(
                condition=models.Q(("size__gt", 0)), name="experience_file_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="experiencefile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                    models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                    _connector="OR",
                ),
                name="experience_file_removed_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiencetext",
            constraint=models.UniqueConstraint(
                fields=("experience", "sha256"), name="experience_text_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="experienceversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["writing", "conflict", "restore", "submit"])),
                name="experience_version_kind_known",
            ),
        ),
        AppendOnly("ExperienceText"),
        AppendOnly("ExperienceVersion"),
        # On SQLite the table has been rebuilt, without its triggers.
        AppendOnly("ExperienceRevision"),
        migrations.RunPython(format_what_was_plain, migrations.RunPython.noop),
    ]
