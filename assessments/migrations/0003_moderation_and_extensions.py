import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lms.core.clock
from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="certificate",
            name="review_opened_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty where changed evidence opened it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="grade",
            name="moderation_asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="grade",
            name="moderation_asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="grade",
            name="rubric_confirmed",
            field=models.ForeignKey(
                blank=True,
                help_text="A newer version that somebody has seen and left the marks standing.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="assessments.rubricversion",
            ),
        ),
        migrations.AddField(
            model_name="revisionrequest",
            name="until_wall",
            field=models.DateTimeField(
                blank=True,
                help_text="The time on the clock in that zone, stored as if it were UTC.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="revisionrequest",
            name="until_zone",
            field=models.CharField(
                blank=True, max_length=64, validators=[lms.core.clock.validate_zone]
            ),
        ),
        # SQLite rebuilds the table for the new column.
        AppendOnly("RevisionRequest"),
    ]
