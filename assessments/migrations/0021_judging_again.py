import django.db.models.deletion
from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


def fill(apps: Any, schema_editor: Any) -> None:
    """What waits for somebody to agree, as `actions.queueing` keeps it from now on; whoever
    took a draft out of a round, as far as it was written down."""
    Grade = apps.get_model("assessments", "Grade")
    QueuePlace = apps.get_model("assessments", "QueuePlace")
    waiting = Grade.objects.filter(
        submission=models.OuterRef("submission"),
        attempt=models.OuterRef("attempt"),
        needs_regrade=False,
        status__in=("provisional", "in_moderation"),
        submission__status="locked_for_marking",
    )
    # Marks that were handed in and taken back are not in, nor are those of a second marker
    # whom nobody is yet.
    Assessment = apps.get_model("assessments", "Assessment")
    being_marked = Assessment.objects.filter(
        attempt=models.OuterRef("attempt"), status__in=("allocated", "in_marking")
    )
    places = QueuePlace.objects.filter(models.Exists(waiting), ~models.Exists(being_marked))
    places.filter(waits_for_second=False).update(is_to_agree=True)
    PeerEntry = apps.get_model("assessments", "PeerEntry")
    left = PeerEntry.objects.filter(withdrawn_at__isnull=False).select_related("submission__owner")
    for entry in left:
        entry.withdrawn_by_id = entry.entered_by_id or entry.submission.owner.user_id
        entry.save(update_fields=["withdrawn_by"])
    # It only advises, and one that ends before it began advises nobody.
    MarkingLease = apps.get_model("assessments", "MarkingLease")
    MarkingLease.objects.filter(expires_at__lte=F("taken_at")).delete()
    if schema_editor.connection.vendor == "postgresql":
        # A table whose foreign keys wait for the commit cannot be altered.
        schema_editor.connection.check_constraints()


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("assessments", "0020_marks_beside_their_comments"),
    ]

    operations = [
        migrations.AddField(
            model_name="grade",
            name="voided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="grade",
            name="voided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="grade",
            name="voided_reason",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="peerentry",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="queueplace",
            name="is_to_agree",
            field=models.BooleanField(default=False),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="peerreview",
            name="status",
            field=models.CharField(
                choices=[
                    ("invited", "Waits for an answer"),
                    ("accepted", "Promised"),
                    ("declined", "Declined"),
                    ("in_progress", "Being written"),
                    ("submitted", "Handed in"),
                    ("reallocated", "Given to somebody else"),
                ],
                default="invited",
                max_length=20,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="queueplace",
            index=models.Index(
                condition=Q(("is_to_agree", True)),
                fields=["project", "queue_of", "received_at", "submission"],
                name="queue_to_agree",
            ),
        ),
        migrations.AddIndex(
            model_name="queueplace",
            index=models.Index(
                condition=Q(("is_to_agree", True)),
                fields=["project", "queue_of", "city_slug", "received_at", "submission"],
                name="queue_to_agree_city",
            ),
        ),
        migrations.AddConstraint(
            model_name="grade",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(
                        ("voided_at", None),
                        ("voided_by", None),
                        ("voided_reason", ""),
                        Q(("status", "voided"), _negated=True),
                    ),
                    Q(
                        ("status", "voided"),
                        ("voided_at__isnull", False),
                        ("voided_by__isnull", False),
                        Q(("voided_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="grade_voided_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="markinglease",
            constraint=models.CheckConstraint(
                condition=Q(("expires_at__gt", F("taken_at"))),
                name="marking_lease_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="peerentry",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(("withdrawn_at", None), ("withdrawn_by", None)),
                    Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="peer_entry_withdrawn_by_somebody",
            ),
        ),
    ]
