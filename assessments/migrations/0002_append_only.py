from django.db import migrations

from lms.core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial")]
    operations = [
        AppendOnly("GuidelinesVersion"),
        AppendOnly("Attempt"),
        AppendOnly("AttemptFile"),
        AppendOnly("RevisionRequest"),
        AppendOnly("RubricVersion"),
        AppendOnly("Criterion"),
        AppendOnly("Level"),
        AppendOnly("AssessmentRevision"),
        AppendOnly("GradeRevision"),
        AppendOnly("GradeBasis"),
        AppendOnly("RequirementDecision"),
        # What is printed on a certificate stays; its state and its reviews move.
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
                "review_closed_at",
                "review_closed_by_id",
                "revoked_reason",
            ),
        ),
        AppendOnly(
            "Presentation",
            may_change=(
                "presented_on",
                "note",
                "withdrawn_at",
                "withdrawn_by_id",
                "withdrawn_reason",
            ),
        ),
        AppendOnly("ProjectFile", may_change=("removed_at", "removed_by_id")),
    ]
