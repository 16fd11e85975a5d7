import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("peer_exchange", "0005_experiences_in_full"),
        ("accounts", "0003_mail_choices"),
        ("programme", "0003_role_once_on_every_database"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Follow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="KeptAway",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "distance",
                    models.CharField(
                        choices=[("muted", "Muted"), ("blocked", "Blocked")], max_length=8
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "kept away",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("mention", "You are mentioned"),
                            ("reply", "An answer to you"),
                            ("answer", "Your question is answered"),
                            ("own", "About your city’s experience"),
                            ("followed", "You follow this"),
                        ],
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("offensive", "It insults or threatens somebody"),
                            ("personal", "It tells something private about a person"),
                            ("confidential", "It should not have left the city"),
                            ("spam", "It is advertising, or flooding"),
                            ("off_topic", "It has nothing to do with the experience"),
                            ("other", "Something else"),
                        ],
                        max_length=14,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("upheld", "Upheld"),
                            ("dismissed", "Dismissed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("settled_words", models.TextField(blank=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SharingPin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SharingRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("rule", models.JSONField()),
                ("before", models.JSONField()),
                ("keeps_met", models.BooleanField()),
                ("reason", models.TextField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["policy", "-number"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="response",
            name="response_same_text_once",
        ),
        migrations.AddField(
            model_name="response",
            name="answer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="peer_exchange.response",
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="answered_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="response",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="kind",
            field=models.CharField(
                choices=[
                    ("response", "Response"),
                    ("useful", "Useful for my city because…"),
                    ("question", "Question to the city"),
                ],
                default="response",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replies",
                to="peer_exchange.response",
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="part",
            field=models.CharField(
                blank=True,
                choices=[
                    ("context", "Context"),
                    ("challenge", "Challenge"),
                    ("strategy", "Strategy"),
                    ("done", "What was done"),
                    ("succeeded", "What succeeded"),
                    ("failed", "What failed"),
                    ("lessons", "Lessons"),
                    ("cost", "Cost and staff"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="position",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="response",
            name="reply_count",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="response",
            name="thread",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="thread_replies",
                to="peer_exchange.response",
            ),
        ),
        migrations.AddField(
            model_name="sharingpolicy",
            name="counts_own_city",
            field=models.BooleanField(
                default=False, help_text="Responses to one’s own city’s experiences count too."
            ),
        ),
        migrations.AddField(
            model_name="sharingpolicy",
            name="counts_repeats",
            field=models.BooleanField(
                default=False, help_text="Words that were used before count again."
            ),
        ),
        migrations.AddField(
            model_name="sharingpolicy",
            name="one_an_experience",
            field=models.BooleanField(
                default=True, help_text="Of several responses to one experience, one counts."
            ),
        ),
        migrations.AddField(
            model_name="sharingpolicy",
            name="version",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                condition=models.Q(("thread__isnull", True)),
                fields=["experience", "-id"],
                name="response_heads_of_experience",
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", True), ("kind", "question")),
                fields=["experience", "id"],
                name="response_open_questions",
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(fields=["fingerprint"], name="response_by_fingerprint"),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent__isnull", True)),
                fields=("experience", "author", "fingerprint"),
                name="response_same_text_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                fields=("parent", "author", "fingerprint"), name="reply_same_text_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                condition=models.Q(("thread__isnull", False)),
                fields=("thread", "position"),
                name="reply_position_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("parent__isnull", True), ("position", 0), ("thread__isnull", True)),
                    models.Q(
                        ("parent__isnull", False),
                        ("position__gte", 1),
                        ("reply_count", 0),
                        ("thread__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="response_in_a_thread_or_its_head",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("part", ""),
                    (
                        "part__in",
                        [
                            "context",
                            "challenge",
                            "strategy",
                            "done",
                            "succeeded",
                            "failed",
                            "lessons",
                            "cost",
                        ],
                    ),
                    _connector="OR",
                ),
                name="response_part_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["response", "useful", "question"])),
                name="response_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer__isnull", True),
                        ("answered_at__isnull", True),
                        ("answered_by__isnull", True),
                    ),
                    models.Q(
                        ("answer__isnull", False),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        ("kind", "question"),
                    ),
                    _connector="OR",
                ),
                name="response_answered_question",
            ),
        ),
        migrations.AddField(
            model_name="follow",
            name="city",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followings",
                to="accounts.city",
            ),
        ),
        migrations.AddField(
            model_name="follow",
            name="experience",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followings",
                to="peer_exchange.cityexperience",
            ),
        ),
        migrations.AddField(
            model_name="follow",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="follows",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="keptaway",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="kept_away_by",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="keptaway",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="kept_away",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="mention",
            name="response",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="mentions",
                to="peer_exchange.response",
            ),
        ),
        migrations.AddField(
            model_name="mention",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exchange_mentions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="experience",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="peer_exchange.cityexperience",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="response",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="peer_exchange.response",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="experience",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="peer_exchange.cityexperience",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="reporter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exchange_reports",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="response",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="peer_exchange.response",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sharingpin",
            name="enrolment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sharing_pin",
                to="programme.enrolment",
            ),
        ),
        migrations.AddField(
            model_name="sharingrevision",
            name="changed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sharingrevision",
            name="policy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="revisions",
                to="peer_exchange.sharingpolicy",
            ),
        ),
        migrations.AddField(
            model_name="sharingpin",
            name="revision",
            field=models.ForeignKey(
                help_text="The change that kept the rule before it for this person.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pins",
                to="peer_exchange.sharingrevision",
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("city__isnull", True), ("experience__isnull", False)),
                    models.Q(("city__isnull", False), ("experience__isnull", True)),
                    _connector="OR",
                ),
                name="follow_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.UniqueConstraint(
                fields=("experience", "user"), name="follow_experience_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.UniqueConstraint(fields=("city", "user"), name="follow_city_once"),
        ),
        migrations.AddConstraint(
            model_name="keptaway",
            constraint=models.UniqueConstraint(fields=("user", "other"), name="kept_away_once"),
        ),
        migrations.AddConstraint(
            model_name="keptaway",
            constraint=models.CheckConstraint(
                condition=models.Q(("user", models.F("other")), _negated=True),
                name="kept_away_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="keptaway",
            constraint=models.CheckConstraint(
                condition=models.Q(("distance__in", ["muted", "blocked"])),
                name="kept_away_distance_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(
                fields=("response", "user"), name="mention_once_a_response"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("told_at__isnull", True)),
                fields=["user", "created_at"],
                name="notice_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason__in", ["mention", "reply", "answer", "own", "followed"])
                ),
                name="notice_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reason", "answer"), _negated=True),
                fields=("response", "user"),
                name="notice_of_response_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reason", "answer")),
                fields=("response", "user"),
                name="notice_of_answer_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("response__isnull", True)),
                fields=("experience", "user"),
                name="notice_of_experience_once",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                fields=["reporter", "created_at"], name="peer_exchan_reporte_c461e7_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("status", "open")),
                fields=["experience", "response"],
                name="report_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        ["offensive", "personal", "confidential", "spam", "off_topic", "other"],
                    )
                ),
                name="report_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "upheld", "dismissed", "withdrawn"])),
                name="report_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("settled_at__isnull", True),
                        ("settled_by__isnull", True),
                        ("status", "open"),
                    ),
                    models.Q(
                        models.Q(("status", "open"), _negated=True),
                        ("settled_at__isnull", False),
                        ("settled_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="report_settled_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("response", "reporter"),
                name="report_of_response_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("response__isnull", True), ("status", "open")),
                fields=("experience", "reporter"),
                name="report_of_experience_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharingrevision",
            constraint=models.UniqueConstraint(
                fields=("policy", "number"), name="sharing_revision_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sharingrevision",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="sharing_revisions_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="sharingrevision",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="sharing_revision_says_why"
            ),
        ),
        AppendOnly("SharingRevision"),
    ]
