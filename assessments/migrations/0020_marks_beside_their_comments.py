"""What a marker is giving stands in one place, as a draft's sections do: one write a save."""

from typing import Any

from django.db import migrations, models


def carry_over(apps: Any, schema_editor: Any) -> None:
    assessments = apps.get_model("assessments", "Assessment")
    rows = apps.get_model("assessments", "CriterionMark").objects.order_by("assessment_id")
    given: dict[int, dict[str, dict[str, Any]]] = {}
    for assessment, criterion, level, comment in rows.values_list(
        "assessment_id", "criterion__key", "level__key", "comment"
    ):
        given.setdefault(assessment, {})[criterion] = {"level": level, "comment": comment}
    for pk, marks in given.items():
        assessments.objects.filter(pk=pk).update(marks=marks)


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0019_overview_and_packs"),
    ]

    operations = [
        migrations.AddField("assessment", "marks", models.JSONField(blank=True, default=dict)),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.DeleteModel("CriterionMark"),
    ]
