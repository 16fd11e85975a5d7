from modules.actions.activity import (
    NotCompleteYet,
    answer_questions,
    complete_activity,
    save_written_answer,
)

__all__ = [
    "NotCompleteYet",
    "answer_questions",
    "complete_activity",
    "save_written_answer",
]
