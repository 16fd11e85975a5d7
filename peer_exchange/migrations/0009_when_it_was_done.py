import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("peer_exchange", "0008_the_exchange_at_size"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="cityexperience",
            name="began_in",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="cityexperience",
            name="ended_in",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="cityexperience",
            constraint=models.CheckConstraint(
                condition=Q(status="draft")
                | Q(began_in__isnull=True, ended_in__isnull=True)
                | (
                    Q(began_in__isnull=False, began_in__range=(1800, 2100))
                    & (
                        Q(ended_in__isnull=True)
                        | Q(ended_in__gte=F("began_in"), ended_in__lte=2100)
                    )
                ),
                name="experience_years_in_order",
            ),
        ),
        migrations.CreateModel(
            name="WithheldWording",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField()),
                ("withheld_at", models.DateTimeField()),
                (
                    "revision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withheld",
                        to="peer_exchange.responserevision",
                    ),
                ),
                (
                    "withheld_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=~Q(reason=""), name="wording_withheld_with_reason"
                    )
                ],
            },
        ),
    ]
