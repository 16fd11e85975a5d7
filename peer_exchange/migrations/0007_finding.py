from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from peer_exchange.fulltext_index import FullTextIndex


def promise_an_index(apps: Any, schema_editor: Any) -> None:
    """What was written before is indexed by a worker, after the migration."""
    if apps.get_model("peer_exchange", "CityExperience").objects.exists():
        from lms.core import clock

        now = clock.now()
        apps.get_model("core", "OutboxMessage").objects.create(
            task="peer_exchange.tasks.index_everything",
            kwargs={},
            created_at=now,
            available_at=now,
        )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("core", "0003_no_truncate"),
        ("programme", "0003_role_once_on_every_database"),
        ("peer_exchange", "0006_conversation"),
    ]

    operations = [
        migrations.RemoveField(model_name="cityexperience", name="search_text"),
        migrations.AlterField(
            model_name="facet",
            name="kind",
            field=models.CharField(
                choices=[
                    ("method", "Method"),
                    ("scope", "Scope"),
                    ("actor", "Who took part"),
                    ("lesson", "Lesson of the course"),
                ],
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(model_name="facet", name="facet_kind_known"),
        migrations.AddConstraint(
            model_name="facet",
            constraint=models.CheckConstraint(
                condition=Q(("kind__in", ["method", "scope", "actor", "lesson"])),
                name="facet_kind_known",
            ),
        ),
        migrations.CreateModel(
            name="ExperienceWords",
            fields=[
                (
                    "experience",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="peer_exchange.cityexperience",
                    ),
                ),
                ("tags", models.CharField(blank=True, max_length=1000)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("title", models.TextField(blank=True)),
                ("summary", models.TextField(blank=True)),
                ("labels", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
            ],
            options={"verbose_name_plural": "experience words"},
        ),
        FullTextIndex(),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=64, unique=True)),
                ("initial", models.CharField(max_length=1)),
                ("ending", models.CharField(max_length=2)),
                ("length", models.PositiveSmallIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["initial", "length"], name="search_word_by_initial"),
                    models.Index(fields=["ending", "length"], name="search_word_by_ending"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("wanted", models.JSONField()),
                ("fingerprint", models.CharField(editable=False, max_length=64)),
                (
                    "cadence",
                    models.CharField(
                        choices=[
                            ("daily", "Every day there is something new"),
                            ("weekly", "Once a week, on Monday"),
                            ("never", "No letters"),
                        ],
                        default="weekly",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "looked_at",
                    models.DateTimeField(help_text="What came out until then has been told."),
                ),
                ("digest_at", models.DateTimeField(blank=True, null=True)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programme.edition",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_searches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "saved searches",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["digest_at"], name="saved_search_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("cadence__in", ["daily", "weekly", "never"])),
                        name="saved_search_cadence_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(("name", ""), _negated=True), name="saved_search_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            ("digest_at__isnull", True),
                            Q(
                                ("removed_at__isnull", True),
                                Q(("cadence", "never"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="saved_search_due_only_where_wanted",
                    ),
                    models.UniqueConstraint(
                        fields=("user", "edition", "fingerprint"), name="saved_search_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ToldExperience",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("told_at", models.DateTimeField()),
                (
                    "experience",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="peer_exchange.cityexperience",
                    ),
                ),
                (
                    "search",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told",
                        to="peer_exchange.savedsearch",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("search", "experience"), name="experience_told_once"
                    )
                ],
            },
        ),
        migrations.RunPython(promise_an_index, migrations.RunPython.noop),
    ]
