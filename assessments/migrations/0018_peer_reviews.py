import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.core.clock
from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0003_role_once_on_every_database"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("assessments", "0017_annotations_and_comments"),
    ]

    operations = [
        migrations.CreateModel(
            name="PeerEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entered_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty where the round takes all drafts.",
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
                        related_name="peer_entries",
                        to="assessments.submission",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "peer entries",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PeerDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("submission_version", models.PositiveIntegerField()),
                ("language", models.CharField(max_length=8)),
                ("sections", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("frozen_at", models.DateTimeField()),
                (
                    "guidelines",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="assessments.guidelinesversion",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="assessments.peerentry",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PeerRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                (
                    "zone",
                    models.CharField(max_length=64, validators=[lms.core.clock.validate_zone]),
                ),
                (
                    "minimum",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10),
                        ],
                    ),
                ),
                (
                    "most",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20),
                        ],
                    ),
                ),
                (
                    "answer_hours",
                    models.PositiveSmallIntegerField(
                        default=72,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(720),
                        ],
                    ),
                ),
                ("takes_all", models.BooleanField(default=False)),
                (
                    "matches_language",
                    models.BooleanField(
                        default=True, verbose_name="only those who read the language of the draft"
                    ),
                ),
                (
                    "hides_names",
                    models.BooleanField(
                        default=False,
                        verbose_name="writers and reviewers do not see each other’s names",
                    ),
                ),
                ("questions", models.JSONField()),
                ("seed", models.PositiveIntegerField()),
                ("version", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("called_off_at", models.DateTimeField(blank=True, null=True)),
                (
                    "called_off_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
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
                        related_name="peer_rounds",
                        to="programme.edition",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="peer_rounds",
                        to="assessments.project",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PeerReview",
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
                            ("in_progress", "In progress"),
                            ("submitted", "Submitted"),
                            ("reallocated", "Reallocated"),
                        ],
                        default="invited",
                        max_length=20,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("answers", models.JSONField(blank=True, default=dict)),
                ("invited_at", models.DateTimeField()),
                ("answer_until_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("saved_at", models.DateTimeField(blank=True, null=True)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True, help_text="Declined, or given to somebody else.", null=True
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=1000)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "usefulness",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                ("usefulness_note", models.CharField(blank=True, max_length=1000)),
                ("rated_at", models.DateTimeField(blank=True, null=True)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="assessments.peerdraft",
                    ),
                ),
                (
                    "rated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="peer_reviews",
                        to="programme.enrolment",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="assessments.peerround",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="peerentry",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="assessments.peerround",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerround",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at__gt", models.F("opens_at"))),
                name="peer_round_closes_after_it_opens",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerround",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answer_hours__range", (1, 720)),
                    ("minimum__range", (1, 10)),
                    ("most__range", (1, 20)),
                ),
                name="peer_round_numbers_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerround",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("called_off_at", None), ("called_off_by", None)),
                    models.Q(("called_off_at__isnull", False), ("called_off_by__isnull", False)),
                    _connector="OR",
                ),
                name="peer_round_called_off_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerreview",
            constraint=models.UniqueConstraint(
                fields=("draft", "reviewer"), name="peer_review_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="peerreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "invited",
                            "accepted",
                            "declined",
                            "in_progress",
                            "submitted",
                            "reallocated",
                        ],
                    )
                ),
                name="peer_review_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "declined"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="peer_review_declined_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "submitted"), _negated=True),
                    ("submitted_at__isnull", False),
                    _connector="OR",
                ),
                name="peer_review_submitted_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rated_at", None), ("rated_by", None), ("usefulness", None)),
                    models.Q(
                        ("rated_at__isnull", False),
                        ("rated_by__isnull", False),
                        ("usefulness__range", (1, 5)),
                        ("status", "submitted"),
                    ),
                    _connector="OR",
                ),
                name="peer_review_rated_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerentry",
            constraint=models.UniqueConstraint(
                fields=("round", "submission"), name="peer_entry_once"
            ),
        ),
        AppendOnly("PeerDraft"),
    ]
