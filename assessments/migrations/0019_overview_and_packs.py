import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0003_role_once_on_every_database"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("assessments", "0018_peer_reviews"),
    ]

    operations = [
        migrations.CreateModel(
            name="PackReturn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("rows", models.JSONField()),
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
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pack_returns",
                        to="programme.edition",
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
        AppendOnly("PackReturn"),
    ]
