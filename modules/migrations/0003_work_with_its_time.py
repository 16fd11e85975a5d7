from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("modules", "0002_append_only"),
        ("programme", "0002_known_values"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="activityprogress",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "done"), ("done_revision_id__isnull", True), _connector="OR"
                ),
                name="activity_done_with_its_revision",
            ),
        ),
        migrations.AddConstraint(
            model_name="activityprogress",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("saved_at__isnull", True), ("text", ""), ("version", 0)),
                    models.Q(("saved_at__isnull", False), ("version__gte", 1)),
                    _connector="OR",
                ),
                name="activity_text_with_its_time",
            ),
        ),
    ]
