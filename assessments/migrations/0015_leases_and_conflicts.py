import django.db.models.deletion
from typing import Any

from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly


def fill_queue(apps: Any, schema_editor: Any) -> None:
    """The places of what is in hand already, as `actions.queueing` keeps them from now on.
    There are no second markers yet."""
    Assessment = apps.get_model("assessments", "Assessment")
    Attempt = apps.get_model("assessments", "Attempt")
    Grade = apps.get_model("assessments", "Grade")
    QueuePlace = apps.get_model("assessments", "QueuePlace")
    active = Assessment.objects.filter(status__in=("allocated", "in_marking", "submitted"))
    holders = dict(active.values_list("attempt_id", "marker_id"))
    grades = {grade.submission_id: grade for grade in Grade.objects.all()}
    places = []
    in_hand = Attempt.objects.filter(number=models.F("submission__attempt"))
    for row in in_hand.values(
        "id", "submission_id", "project_id", "received_at", "is_late", "submission__status",
        "submission__owner__city_id", "submission__owner__city__slug",
    ):  # fmt: skip
        status, grade = row["submission__status"], grades.get(row["submission_id"])
        is_being_marked = status in ("submitted", "locked_for_marking")
        needs_regrade = grade is not None and grade.needs_regrade
        is_current = grade is not None and grade.attempt_id == row["id"] and not needs_regrade
        place = {
            "project_id": row["project_id"],
            "submission_id": row["submission_id"],
            "attempt_id": row["id"],
            "city_id": row["submission__owner__city_id"],
            "city_slug": row["submission__owner__city__slug"],
            "received_at": row["received_at"],
            "is_unmarked": status == "submitted",
            "is_free": is_being_marked and row["id"] not in holders,
            "waits_for_second": False,
            "is_open": is_being_marked and not is_current,
            "is_late": row["is_late"],
            "needs_regrade": needs_regrade,
            "is_agreed": status == "locked_for_marking"
            and is_current
            and grade.status in ("agreed", "ready_for_release"),
        }
        places.append(QueuePlace(**place, queue_of=0))
        if row["id"] in holders:
            marker = holders[row["id"]]
            places.append(QueuePlace(**place, marker_id=marker, queue_of=marker))
    QueuePlace.objects.bulk_create(places, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_known_values"),
        ("programme", "0003_role_once_on_every_database"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("assessments", "0014_rubric_drafts"),
    ]

    operations = [
        migrations.CreateModel(
            name="MarkingLease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("taken_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "attempt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lease",
                        to="assessments.attempt",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="AllocationRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("rule", models.JSONField()),
                ("allocations", models.JSONField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocation_runs",
                        to="assessments.project",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "number"), name="allocation_run_once"
                    ),
                    models.UniqueConstraint(
                        fields=("project", "digest"), name="allocation_run_as_shown"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeclaredConflict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=1000)),
                ("declared_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=1000)),
                (
                    "city",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.city",
                    ),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declared_conflicts",
                        to="programme.edition",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declared_conflicts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declared_conflicts",
                        to="assessments.submission",
                    ),
                ),
                (
                    "withdrawn_by",
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
                            models.Q(
                                ("city", None), ("other", None), ("submission__isnull", False)
                            ),
                            models.Q(
                                ("city", None), ("other__isnull", False), ("submission", None)
                            ),
                            models.Q(
                                ("city__isnull", False), ("other", None), ("submission", None)
                            ),
                            _connector="OR",
                        ),
                        name="declared_conflict_with_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="declared_conflict_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at", None),
                                ("withdrawn_by", None),
                                ("withdrawn_reason", ""),
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="declared_conflict_withdrawn_with_a_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("submission__isnull", False), ("withdrawn_at", None)),
                        fields=("person", "submission"),
                        name="declared_conflict_once_with_a_project",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("other__isnull", False), ("withdrawn_at", None)),
                        fields=("person", "other"),
                        name="declared_conflict_once_with_a_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("city__isnull", False), ("withdrawn_at", None)),
                        fields=("person", "city"),
                        name="declared_conflict_once_with_a_city",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeskVisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("came_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="assessments.submission",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["came_at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("submission", "user"), name="desk_visit_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="LanguageProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reads", models.JSONField(default=list)),
                ("writes", models.CharField(blank=True, max_length=8)),
                ("version", models.PositiveIntegerField(default=0)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="language_profiles",
                        to="programme.edition",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="language_profiles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "user"), name="language_profile_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QueuePlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("queue_of", models.PositiveBigIntegerField()),
                ("city_slug", models.SlugField(db_index=False)),
                ("received_at", models.DateTimeField()),
                ("is_unmarked", models.BooleanField()),
                ("is_free", models.BooleanField()),
                ("waits_for_second", models.BooleanField()),
                ("is_open", models.BooleanField()),
                ("is_late", models.BooleanField()),
                ("needs_regrade", models.BooleanField()),
                ("is_agreed", models.BooleanField()),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queue_places",
                        to="assessments.attempt",
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.city",
                    ),
                ),
                (
                    "marker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queue_places",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queue",
                        to="assessments.project",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queue_places",
                        to="assessments.submission",
                    ),
                ),
            ],
            options={
                "ordering": ["received_at", "submission"],
                "indexes": [
                    models.Index(
                        fields=["project", "queue_of", "received_at", "submission"],
                        name="queue_all",
                    ),
                    models.Index(
                        fields=["project", "queue_of", "city_slug", "received_at", "submission"],
                        name="queue_all_city",
                    ),
                    models.Index(
                        condition=models.Q(("is_unmarked", True)),
                        fields=["project", "queue_of", "received_at", "submission"],
                        name="queue_unmarked",
                    ),
                    models.Index(
                        condition=models.Q(("is_unmarked", True)),
                        fields=["project", "queue_of", "city_slug", "received_at", "submission"],
                        name="queue_unmarked_city",
                    ),
                    models.Index(
                        condition=models.Q(("is_free", True)),
                        fields=["project", "queue_of", "received_at", "submission"],
                        name="queue_free",
                    ),
                    models.Index(
                        condition=models.Q(("is_free", True)),
                        fields=["project", "queue_of", "city_slug", "received_at", "submission"],
                        name="queue_free_city",
                    ),
                    models.Index(
                        condition=models.Q(("waits_for_second", True)),
                        fields=["project", "queue_of", "received_at", "submission"],
                        name="queue_second",
                    ),
                    models.Index(
                        condition=models.Q(("waits_for_second", True)),
                        fields=["project", "queue_of", "city_slug", "received_at", "submission"],
                        name="queue_second_city",
                    ),
                    models.Index(
                        condition=models.Q(("is_open", True)),
                        fields=["project", "queue_of", "received_at", "submission"],
                        name="queue_open",
                    ),
                    models.Index(
                        condition=models.Q(("is_open", True)),
                        fields=["project", "queue_of", "city_slug", "received_at", "submission"],
                        name="queue_open_city",
                    ),
                    models.Index(
                        condition=models.Q(("is_late", True)),
                        fields=["project", "queue_of", "received_at", "submission"],
                        name="queue_late",
                    ),
                    models.Index(
                        condition=models.Q(("is_late", True)),
                        fields=["project", "queue_of", "city_slug", "received_at", "submission"],
                        name="queue_late_city",
                    ),
                    models.Index(
                        condition=models.Q(("needs_regrade", True)),
                        fields=["project", "queue_of", "received_at", "submission"],
                        name="queue_regrade",
                    ),
                    models.Index(
                        condition=models.Q(("needs_regrade", True)),
                        fields=["project", "queue_of", "city_slug", "received_at", "submission"],
                        name="queue_regrade_city",
                    ),
                    models.Index(
                        condition=models.Q(("is_agreed", True)),
                        fields=["project", "queue_of", "received_at", "submission"],
                        name="queue_agreed",
                    ),
                    models.Index(
                        condition=models.Q(("is_agreed", True)),
                        fields=["project", "queue_of", "city_slug", "received_at", "submission"],
                        name="queue_agreed_city",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission", "queue_of"), name="queue_place_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("marker", None), ("queue_of", 0)),
                            models.Q(("marker__isnull", False), ("queue_of", models.F("marker"))),
                            _connector="OR",
                        ),
                        name="queue_place_of_everybody_or_a_marker",
                    ),
                ],
            },
        ),
        migrations.RunPython(fill_queue, migrations.RunPython.noop),
        AppendOnly(
            "DeclaredConflict", may_change=("withdrawn_at", "withdrawn_by_id", "withdrawn_reason")
        ),
        AppendOnly("AllocationRun"),
    ]
