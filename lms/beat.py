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
    "mind-peer-rounds": {"task": "assessments.tasks.mind_peer_rounds", "schedule": 600.0},
    "promise-digests": {"task": "lms.accounts.tasks.promise_digests", "schedule": 600.0},
    "promise-exchange-digests": {
        "task": "peer_exchange.tasks.promise_exchange_digests", "schedule": 600.0,
    },
    "sweep-leases": {"task": "assessments.tasks.sweep_leases", "schedule": 3600.0},
    "sweep-uploads": {"task": "assessments.tasks.sweep_uploads", "schedule": 300.0},
    "sweep-releases": {"task": "assessments.tasks.sweep_releases", "schedule": 60.0},
    "promise-search-digests": {
        "task": "peer_exchange.tasks.promise_search_digests", "schedule": 600.0,
    },
    "ask-transfer-follow-ups": {
        "task": "peer_exchange.tasks.ask_transfer_follow_ups", "schedule": 3600.0,
    },
    "forget-answers": {"task": "lms.accounts.tasks.forget_answers", "schedule": 3600.0},
    "sweep-h5p-uploads": {"task": "modules.tasks.sweep_h5p_uploads", "schedule": 3600.0},
}  # fmt: skip
