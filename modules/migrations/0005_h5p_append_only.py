from django.db import migrations

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("modules", "0004_h5p")]
    operations = [
        AppendOnly("H5PLibrary"),
        AppendOnly("H5PVersion"),
        AppendOnly("H5PStatement"),
    ]
