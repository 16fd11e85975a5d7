"""What Celery beat starts, and every how many seconds."""

BEAT_SCHEDULE = {
    "sweep-outbox": {"task": "lms.core.tasks.sweep_outbox", "schedule": 60.0},
    "expire-team-invitations": {
        "task": "assessments.tasks.expire_team_invitations", "schedule": 3600.0,
    },
    "settle-deadlines": {
        "task": "assessments.tasks.settle_deadline_submissions", "schedule": 60.0,
    },
    "promise-reminders": {"task": "assessments.tasks.promise_reminders", "schedule": 600.0},
    "sweep-uploads": {"task": "assessments.tasks.sweep_uploads", "schedule": 300.0},
    "sweep-h5p-uploads": {"task": "modules.tasks.sweep_h5p_uploads", "schedule": 3600.0},
}  # fmt: skip
