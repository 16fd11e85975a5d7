from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("timetable", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="attendance",
            name="version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=Q(version__gte=1), name="attendance_versions_from_one"
            ),
        ),
    ]
