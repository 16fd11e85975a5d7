import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_known_values"),
    ]

    operations = [
        migrations.CreateModel(
            name="DigestLine",
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
                        choices=[
                            ("responses", "Responses and questions to you and your city"),
                            ("mentions", "Somebody mentions you"),
                            ("followed", "News of the cities and experiences you follow"),
                            ("saved_searches", "New experiences that match your saved searches"),
                            ("transfers", "Transfers: cities that take up a practice"),
                            ("talks", "Talks proposed to you and your city"),
                            ("moderation", "Moderation: reports, and what became of yours"),
                        ],
                        max_length=20,
                    ),
                ),
                ("line", models.CharField(max_length=500)),
                ("url", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digest_lines",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)),
                        fields=["user", "kind", "created_at"],
                        name="digest_line_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "responses",
                                    "mentions",
                                    "followed",
                                    "saved_searches",
                                    "transfers",
                                    "talks",
                                    "moderation",
                                ],
                            )
                        ),
                        name="digest_line_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MailChoice",
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
                        choices=[
                            ("responses", "Responses and questions to you and your city"),
                            ("mentions", "Somebody mentions you"),
                            ("followed", "News of the cities and experiences you follow"),
                            ("saved_searches", "New experiences that match your saved searches"),
                            ("transfers", "Transfers: cities that take up a practice"),
                            ("talks", "Talks proposed to you and your city"),
                            ("moderation", "Moderation: reports, and what became of yours"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "cadence",
                    models.CharField(
                        choices=[
                            ("at_once", "At once"),
                            ("daily", "Once a day"),
                            ("weekly", "Once a week"),
                            ("never", "Never"),
                        ],
                        max_length=10,
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail_choices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "kind"), name="mail_choice_once_a_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "responses",
                                    "mentions",
                                    "followed",
                                    "saved_searches",
                                    "transfers",
                                    "talks",
                                    "moderation",
                                ],
                            )
                        ),
                        name="mail_choice_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cadence__in", ["at_once", "daily", "weekly", "never"])
                        ),
                        name="mail_choice_cadence_known",
                    ),
                ],
            },
        ),
    ]
