from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("peer_exchange", "0002_append_only"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="responserevision",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="response_revisions_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="responserevision",
            constraint=models.CheckConstraint(
                condition=models.Q(("body", ""), _negated=True),
                name="response_revision_says_something",
            ),
        ),
        # On SQLite the table has been rebuilt, without its triggers.
        AppendOnly("ResponseRevision"),
    ]
