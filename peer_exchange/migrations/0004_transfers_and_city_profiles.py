import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_known_values"),
        ("peer_exchange", "0003_response_revisions"),
        ("programme", "0003_role_once_on_every_database"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Talk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("about", models.CharField(blank=True, max_length=1000)),
                ("place", models.CharField(blank=True, max_length=200)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("accepted", "Agreed"),
                            ("declined", "Declined"),
                            ("moved", "Another time was proposed"),
                            ("withdrawn", "Withdrawn"),
                            ("cancelled", "Called off"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, max_length=1000)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="talks_accepted",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="talks",
                        to="programme.edition",
                    ),
                ),
                (
                    "from_city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="talks_proposed",
                        to="accounts.city",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="talks_proposed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="peer_exchange.talk",
                    ),
                ),
                (
                    "to_city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="talks_received",
                        to="accounts.city",
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="TalkSeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "talk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="peer_exchange.talk",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="talk_seats",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
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
                            ("interested", "Interested"),
                            ("understanding", "Understanding"),
                            ("assessing", "Assessing"),
                            ("adapting", "Adapting"),
                            ("piloting", "Piloting"),
                            ("adopted", "Adopted"),
                            ("sustained", "Sustained"),
                            ("stopped", "Stopped"),
                        ],
                        default="interested",
                        max_length=16,
                    ),
                ),
                ("why", models.TextField(help_text="What the city hopes for, in its own words.")),
                ("version", models.PositiveIntegerField(default=0)),
                ("claimed_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField()),
                ("stopped_reason", models.TextField(blank=True)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for the source city’s word"),
                            ("confirmed", "Confirmed by the source city"),
                            ("disputed", "Disputed by the source city"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("disputed_reason", models.TextField(blank=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_in",
                        to="accounts.city",
                    ),
                ),
                (
                    "claimed_by",
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
                        related_name="transfers",
                        to="programme.edition",
                    ),
                ),
                (
                    "experience",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="peer_exchange.cityexperience",
                    ),
                ),
                (
                    "source_city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_out",
                        to="accounts.city",
                    ),
                ),
                (
                    "stopped_by",
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
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("months", models.PositiveSmallIntegerField()),
                ("due_on", models.DateField()),
                ("due_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="peer_exchange.transfer",
                    ),
                ),
            ],
            options={
                "ordering": ["transfer", "months"],
            },
        ),
        migrations.CreateModel(
            name="TransferEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("claimed", "said that it is interested"),
                            ("moved", "moved on"),
                            ("taken_back", "took the last step back"),
                            ("confirmed", "confirmed it"),
                            ("disputed", "disputed it"),
                            ("asked_again", "asked the source city again"),
                            ("evidence_added", "added evidence"),
                            ("evidence_removed", "took evidence out"),
                            ("evidence_restored", "put evidence back"),
                            ("follow_up_asked", "was asked how it is going"),
                            ("follow_up_answered", "said how it is going"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "from_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("interested", "Interested"),
                            ("understanding", "Understanding"),
                            ("assessing", "Assessing"),
                            ("adapting", "Adapting"),
                            ("piloting", "Piloting"),
                            ("adopted", "Adopted"),
                            ("sustained", "Sustained"),
                            ("stopped", "Stopped"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "to_status",
                    models.CharField(
                        choices=[
                            ("interested", "Interested"),
                            ("understanding", "Understanding"),
                            ("assessing", "Assessing"),
                            ("adapting", "Adapting"),
                            ("piloting", "Piloting"),
                            ("adopted", "Adopted"),
                            ("sustained", "Sustained"),
                            ("stopped", "Stopped"),
                        ],
                        max_length=16,
                    ),
                ),
                ("why", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="peer_exchange.transfer",
                    ),
                ),
            ],
            options={
                "ordering": ["transfer", "number"],
            },
        ),
        migrations.CreateModel(
            name="TransferEvidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=160)),
                ("url", models.URLField(blank=True, max_length=500)),
                ("note", models.TextField(blank=True)),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="peer_exchange.transfer",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CityProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("population", models.PositiveIntegerField(blank=True, null=True)),
                ("languages", models.CharField(blank=True, max_length=120)),
                ("office_name", models.CharField(blank=True, max_length=200)),
                ("about", models.TextField(blank=True)),
                ("website", models.URLField(blank=True, max_length=300)),
                ("version", models.PositiveIntegerField(default=0)),
                ("saved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "city",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="profile",
                        to="accounts.city",
                    ),
                ),
                (
                    "saved_by",
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
                "ordering": ["city"],
                "indexes": [models.Index(fields=["population"], name="city_profile_population")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("saved_at__isnull", True), ("saved_by__isnull", True)),
                            models.Q(("saved_at__isnull", False), ("saved_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="city_profile_saved_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("population__isnull", True), ("population__gte", 1), _connector="OR"
                        ),
                        name="city_profile_has_people",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CityTopic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("need", "Looks for"), ("offer", "Offers")], max_length=8
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=300)),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="topics",
                        to="accounts.city",
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
                    "theme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="topics",
                        to="peer_exchange.theme",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("city", "kind", "theme"),
                        name="city_topic_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["need", "offer"])),
                        name="city_topic_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                            models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="city_topic_removed_pair",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DismissedMatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("dismissed_at", models.DateTimeField()),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dismissed_matches",
                        to="accounts.city",
                    ),
                ),
                (
                    "dismissed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.city",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("city", "other"), name="match_dismissed_once"),
                    models.CheckConstraint(
                        condition=models.Q(("city", models.F("other")), _negated=True),
                        name="match_is_another_city",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShownMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "does",
                    models.CharField(blank=True, help_text="What they work on.", max_length=160),
                ),
                ("agreed_at", models.DateTimeField()),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shown_members",
                        to="accounts.city",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shown_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("city", "user"), name="member_shown_once_a_city"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="talk",
            index=models.Index(fields=["to_city", "status"], name="talk_for_city"),
        ),
        migrations.AddIndex(
            model_name="talk",
            index=models.Index(fields=["from_city", "status"], name="talk_from_city"),
        ),
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["proposed", "accepted", "declined", "moved", "withdrawn", "cancelled"],
                    )
                ),
                name="talk_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="talk_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_city", models.F("to_city")), _negated=True),
                name="talk_with_another_city",
            ),
        ),
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("answered_by__isnull", True)),
                    models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                    _connector="OR",
                ),
                name="talk_answered_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("status", "proposed")),
                    models.Q(
                        models.Q(("status", "proposed"), _negated=True),
                        ("answered_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="talk_answered_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "accepted"), _negated=True),
                    ("accepted_by__isnull", False),
                    _connector="OR",
                ),
                name="talk_accepted_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "proposed")),
                fields=("edition", "from_city", "to_city", "starts_at"),
                name="talk_proposed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="talkseat",
            constraint=models.UniqueConstraint(fields=("user", "starts_at"), name="talk_seat_once"),
        ),
        migrations.AddConstraint(
            model_name="talkseat",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="talk_seat_ends_after_start",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["city", "status"], name="transfer_of_city"),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["source_city", "answer"], name="transfer_of_source"),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["edition", "-id"], name="transfer_of_edition"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "stopped"), _negated=True),
                fields=("experience", "city"),
                name="transfer_once_a_city",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("city", models.F("source_city")), _negated=True),
                name="transfer_from_another_city",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "interested",
                            "understanding",
                            "assessing",
                            "adapting",
                            "piloting",
                            "adopted",
                            "sustained",
                            "stopped",
                        ],
                    )
                ),
                name="transfer_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ["waiting", "confirmed", "disputed"])),
                name="transfer_answer_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("stopped_at__isnull", False),
                        ("stopped_by__isnull", False),
                        models.Q(("stopped_reason", ""), _negated=True),
                    ),
                    models.Q(
                        ("stopped_at__isnull", True),
                        ("stopped_by__isnull", True),
                        ("stopped_reason", ""),
                    ),
                    _connector="OR",
                ),
                name="transfer_stopped_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "stopped"), ("stopped_at__isnull", False)),
                    models.Q(
                        models.Q(("status", "stopped"), _negated=True), ("stopped_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="transfer_stopped_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                    models.Q(("answered_at__isnull", True), ("answered_by__isnull", True)),
                    _connector="OR",
                ),
                name="transfer_answered_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "waiting"), ("answered_at__isnull", True)),
                    models.Q(
                        models.Q(("answer", "waiting"), _negated=True),
                        ("answered_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="transfer_answered_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer", "disputed"), models.Q(("disputed_reason", ""), _negated=True)
                    ),
                    models.Q(
                        models.Q(("answer", "disputed"), _negated=True), ("disputed_reason", "")
                    ),
                    _connector="OR",
                ),
                name="transfer_disputed_with_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("asked_at__isnull", True)),
                fields=["due_at"],
                name="follow_up_not_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                fields=("transfer", "months"), name="follow_up_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(("months__in", (6, 12))), name="follow_up_months_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        models.Q(("answer", ""), _negated=True),
                    ),
                    models.Q(
                        ("answered_at__isnull", True), ("answered_by__isnull", True), ("answer", "")
                    ),
                    _connector="OR",
                ),
                name="follow_up_answered_with_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferevent",
            constraint=models.UniqueConstraint(
                fields=("transfer", "number"), name="transfer_event_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="transferevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="transfer_events_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="transferevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "claimed",
                            "moved",
                            "taken_back",
                            "confirmed",
                            "disputed",
                            "asked_again",
                            "evidence_added",
                            "evidence_removed",
                            "evidence_restored",
                            "follow_up_asked",
                            "follow_up_answered",
                        ],
                    )
                ),
                name="transfer_event_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "to_status__in",
                        [
                            "interested",
                            "understanding",
                            "assessing",
                            "adapting",
                            "piloting",
                            "adopted",
                            "sustained",
                            "stopped",
                        ],
                    ),
                    (
                        "from_status__in",
                        [
                            "",
                            "interested",
                            "understanding",
                            "assessing",
                            "adapting",
                            "piloting",
                            "adopted",
                            "sustained",
                            "stopped",
                        ],
                    ),
                ),
                name="transfer_event_states_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "disputed"), _negated=True),
                    models.Q(("why", ""), _negated=True),
                    _connector="OR",
                ),
                name="transfer_dispute_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "moved"), ("to_status", "stopped"), _negated=True),
                    models.Q(("why", ""), _negated=True),
                    _connector="OR",
                ),
                name="transfer_stop_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferevidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("url", ""), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="transfer_evidence_shows_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferevidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                    models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                    _connector="OR",
                ),
                name="transfer_evidence_removed_pair",
            ),
        ),
        AppendOnly("TransferEvent"),
    ]
