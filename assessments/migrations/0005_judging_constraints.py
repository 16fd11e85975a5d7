from django.db import migrations, models

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("assessments", "0004_carry_judgements_over")]

    operations = [
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("in_marking", "submitted")), _negated=True),
                    ("started_at__isnull", False),
                    _connector="OR",
                ),
                name="assessment_begun_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="attempt_numbers_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "under_review"), _negated=True),
                    models.Q(
                        ("review_closed_at__isnull", True),
                        ("review_opened_at__isnull", False),
                        models.Q(("review_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="certificate_under_review_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("review_opened_by__isnull", True),
                    ("review_opened_at__isnull", False),
                    _connector="OR",
                ),
                name="certificate_review_opened_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="grade",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("moderation_asked_at__isnull", True), ("moderation_asked_by__isnull", True)
                    ),
                    models.Q(
                        ("moderation_asked_at__isnull", False),
                        ("moderation_asked_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="grade_moderation_asked_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="grade",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "in_moderation"), _negated=True),
                    ("moderation_asked_at__isnull", False),
                    _connector="OR",
                ),
                name="grade_in_moderation_when_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="revisionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="revision_request_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="revisionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("until_wall__isnull", True), ("until_zone", "")),
                    models.Q(
                        ("until_at__isnull", False),
                        ("until_wall__isnull", False),
                        models.Q(("until_zone", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="revision_request_until_in_a_zone",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status__in", ("submitted", "locked_for_marking", "finalised")),
                        _negated=True,
                    ),
                    ("submitted_at__isnull", False),
                    _connector="OR",
                ),
                name="submission_submitted_at_a_time",
            ),
        ),
        # SQLite rebuilds a table for its constraints, and loses the triggers.
        AppendOnly("Attempt"),
        AppendOnly("RevisionRequest"),
        AppendOnly(
            "Certificate",
            may_change=(
                "status",
                "issued_at",
                "stored_as",
                "sha256",
                "size",
                "evidence",
                "review_reason",
                "review_opened_at",
                "review_opened_by_id",
                "review_closed_at",
                "review_closed_by_id",
                "revoked_reason",
            ),
        ),
    ]
