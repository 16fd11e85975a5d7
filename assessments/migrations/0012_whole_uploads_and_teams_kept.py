from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("assessments", "0011_uploads_begin_once")]

    operations = [
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=~models.Q(status__in=("received", "finished"))
                | models.Q(offset=models.F("size")),
                name="upload_whole_when_received",
            ),
        ),
        # Who wrote a project is evidence (invariant 13): one leaves, and the row stays.
        AppendOnly("TeamMember", may_change=("left_at", "removed_by_id", "reason")),
    ]
