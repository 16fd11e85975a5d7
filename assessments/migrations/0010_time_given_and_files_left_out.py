import django.db.models.deletion
from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("assessments", "0009_guidelines_and_extensions")]

    operations = [
        migrations.AddField(
            model_name="extension",
            name="is_unasked",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="latenessruling",
            name="extension",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rulings",
                to="assessments.extension",
            ),
        ),
        migrations.CreateModel(
            name="AttemptLeftOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="left_out",
                        to="assessments.attempt",
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="assessments.upload",
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("size", models.PositiveBigIntegerField(help_text="In bytes.")),
                ("offset", models.PositiveBigIntegerField(help_text="Bytes that had arrived.")),
                ("note", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("attempt", "upload"), name="attempt_left_out_once"
                    )
                ],
            },
        ),
        # SQLite has built the first two tables anew, without their triggers.
        AppendOnly("Extension", may_change=("status", "until_at", "until_wall", "until_zone")),
        AppendOnly("LatenessRuling"),
        AppendOnly("AttemptLeftOut"),
    ]
