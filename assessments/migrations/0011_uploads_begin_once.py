from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0010_time_given_and_files_left_out")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="idempotency_key",
            field=models.CharField(blank=True, default="", max_length=80),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.UniqueConstraint(
                condition=~models.Q(idempotency_key="") & ~models.Q(status="expired"),
                fields=("submission", "idempotency_key"),
                name="upload_begun_once",
            ),
        ),
    ]
