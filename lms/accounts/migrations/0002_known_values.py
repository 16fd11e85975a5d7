from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="city",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "region__in",
                        [
                            "africa",
                            "asia_pacific",
                            "europe",
                            "latin_america",
                            "north_america",
                            "middle_east",
                        ],
                    )
                ),
                name="city_region_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "city_government",
                            "metropolitan_authority",
                            "network",
                            "university",
                            "other",
                        ],
                    )
                ),
                name="organisation_kind_known",
            ),
        ),
    ]
