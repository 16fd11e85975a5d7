import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("modules", "0006_interactive_in_the_body"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="h5pcontent",
            name="archived_at",
            field=models.DateTimeField(
                blank=True, help_text="Since then it is off the list; no page plays it.", null=True
            ),
        ),
        migrations.AddField(
            model_name="h5pcontent",
            name="archived_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="h5pcontent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("archived_at__isnull", True), ("archived_by__isnull", True)),
                    models.Q(("archived_at__isnull", False), ("archived_by__isnull", False)),
                    _connector="OR",
                ),
                name="h5p_archived_at_and_by",
            ),
        ),
    ]
