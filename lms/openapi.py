"""How drf-spectacular writes the schema of the API."""

# Said once; every request that takes a key refers to it (api.schema).
KEY_COMPONENTS = {
    "parameters": {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 8, "maxLength": 80, "pattern": "^[!-~]+$"},
            "description": "A new key of your own for each thing you want done. Sent again "
            "with the same body, for a day, it gives the answer of the first time and changes "
            "nothing; the answer then has `Idempotent-Replayed: true`. Refusals are not "
            "kept. JSON and forms without files only: 422 `idempotency_key_not_taken` otherwise.",
        }
    },
    "responses": {
        "Conflict": {
            "description": "A rule or a newer version stands against it (`code` says which), or "
            "`idempotency_key_used`: this Idempotency-Key belongs to another request.",
            "content": {
                "application/problem+json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            name: {"type": kind}
                            for name, kind in {
                                "type": "string", "title": "string", "status": "integer",
                                "detail": "string", "code": "string",
                            }.items()
                        },
                    }
                }
            },
        }
    },
}  # fmt: skip

SPECTACULAR_SETTINGS = {
    "TITLE": "Rambla API",
    "DESCRIPTION": "Lessons, progress, city experiences, final projects, marking, certificates.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PREPROCESSING_HOOKS": ["api.schema.only_this_api"],
    "APPEND_COMPONENTS": KEY_COMPONENTS,
    "DEFAULT_GENERATOR_CLASS": "api.schema.OnceGenerator",
    # Many things have a `status` and a `kind`; in the schema each set has its own name.
    "ENUM_NAME_OVERRIDES": {
        "ActivityKind": "modules.enums.ActivityKind",
        "ActivityStatus": "modules.enums.ActivityStatus",
        "AppealStatus": "assessments.enums.AppealStatus",
        "AssessmentStatus": "assessments.enums.AssessmentStatus",
        "AttachmentKind": "peer_exchange.enums.Attachment",
        "AttendanceStatus": "lms.timetable.enums.AttendanceStatus",
        "CertificateStatus": "assessments.enums.CertificateStatus",
        "DeadlineSubmissionStatus": "assessments.enums.DeadlineSubmissionStatus",
        "DigestCadence": "peer_exchange.enums.DigestCadence",
        "DraftVersionKind": "assessments.enums.DraftVersionKind",
        "ExperienceStatus": "peer_exchange.enums.ExperienceStatus",
        "ExperienceVersionKind": "peer_exchange.enums.VersionKind",
        "ExtensionStatus": "assessments.enums.ExtensionStatus",
        "FacetKind": "peer_exchange.enums.FacetKind",
        "GradeStatus": "assessments.enums.GradeStatus",
        "InvitationStatus": "assessments.enums.InvitationStatus",
        "MailCadence": "lms.accounts.enums.MailCadence",
        "MailKind": "lms.accounts.enums.MailKind",
        "MarkerRole": "assessments.enums.MarkerRole",
        "PeerReviewStatus": "assessments.enums.PeerReviewStatus",
        "PhaseKind": "lms.programme.enums.PhaseKind",
        "QuestionKind": "modules.enums.QuestionKind",
        "ReleaseStatus": "assessments.enums.ReleaseStatus",
        "ReportStatus": "peer_exchange.enums.ReportStatus",
        "RequirementKey": "assessments.enums.RequirementKey",
        "ResponseKind": "peer_exchange.enums.ResponseKind",
        "SessionKind": "lms.timetable.enums.SessionKind",
        "SourceAnswer": "peer_exchange.enums.Answer",
        "SubmissionStatus": "assessments.enums.SubmissionStatus",
        "TalkStatus": "peer_exchange.enums.TalkStatus",
        "TopicKind": "peer_exchange.enums.TopicKind",
        "TransferEventKind": "peer_exchange.enums.TransferEventKind",
        "TransferStatus": "peer_exchange.enums.TransferStatus",
        "UploadStatus": "assessments.enums.UploadStatus",
    },
}
