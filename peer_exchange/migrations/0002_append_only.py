from django.db import migrations

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("peer_exchange", "0001_initial")]
    operations = [AppendOnly("ExperienceRevision"), AppendOnly("ResponseRevision")]
