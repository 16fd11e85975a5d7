import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("assessments", "0016_releases_and_appeals"),
    ]

    operations = [
        migrations.AddField(
            model_name="assessmentrevision",
            name="annotations",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="graderevision",
            name="annotations",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.CreateModel(
            name="Annotation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "section",
                    models.CharField(blank=True, help_text="Key of a section.", max_length=50),
                ),
                ("anchor", models.JSONField()),
                ("text", models.TextField()),
                ("key", models.CharField(max_length=64)),
                ("version", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="annotations",
                        to="assessments.assessment",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="assessments.attemptfile",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "key"), name="annotation_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("file__isnull", True), models.Q(("section", ""), _negated=True)
                            ),
                            models.Q(("file__isnull", False), ("section", "")),
                            _connector="OR",
                        ),
                        name="annotation_in_a_section_or_a_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="annotation_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("changed_at__gte", models.F("created_at"))),
                        name="annotation_changed_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Snippet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("criterion", models.CharField(blank=True, max_length=50)),
                ("text", models.TextField()),
                ("is_shared", models.BooleanField(default=False)),
                ("uses", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snippets",
                        to="programme.edition",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snippets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["edition", "owner"],
                        name="snippet_present",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="snippet_says_something",
                    )
                ],
            },
        ),
        # SQLite has built both tables anew, without their triggers.
        AppendOnly("AssessmentRevision"),
        AppendOnly("GradeRevision"),
    ]
