from typing import Any

from django.db import migrations


def remember_moderation(apps: Any, schema_editor: Any) -> None:
    """Grades for which moderation was asked before the grade itself remembered it."""
    Grade = apps.get_model("assessments", "Grade")
    AuditEvent = apps.get_model("core", "AuditEvent")
    asked = AuditEvent.objects.filter(verb="grade.in_moderation", target_type="assessments.grade")
    for event in asked.order_by("id"):
        Grade.objects.filter(pk=event.target_id, moderation_asked_at=None).update(
            moderation_asked_at=event.at, moderation_asked_by=event.actor
        )


def name_waivers(apps: Any, schema_editor: Any) -> None:
    """Certificates that rest on a waiver name its decision instead of the number 1."""
    Certificate = apps.get_model("assessments", "Certificate")
    RequirementDecision = apps.get_model("assessments", "RequirementDecision")
    for certificate in Certificate.objects.all():
        waived = [key for key, kinds in certificate.evidence.items() if "waived" in kinds]
        for key in waived:
            decision = (
                RequirementDecision.objects.filter(
                    enrolment=certificate.enrolment_id, key=key, status="waived"
                )
                .order_by("-number")
                .first()
            )
            if decision is not None:
                certificate.evidence[key] = {"waived": [decision.pk]}
        if waived:
            certificate.save(update_fields=["evidence"])


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0003_moderation_and_extensions"),
        ("core", "0002_append_only"),
    ]

    operations = [
        migrations.RunPython(remember_moderation, migrations.RunPython.noop),
        migrations.RunPython(name_waivers, migrations.RunPython.noop),
    ]
