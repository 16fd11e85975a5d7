from peer_exchange.actions.attachments import attach, remove_attachment, restore_attachment
from peer_exchange.actions.drafts import (
    EDITABLE,
    name_author,
    remove_author,
    save_experience,
    start_experience,
    stored_values,
)
from peer_exchange.actions.following import follow, keep_away, let_back, unfollow
from peer_exchange.actions.moderating import (
    dismiss_reports,
    hide_response,
    reopen_reports,
    report,
    show_response,
    uphold_reports,
    withdraw_report,
)
from peer_exchange.actions.moves import (
    archive_experience,
    clear_experience,
    publish_experience,
    return_experience,
    submit_experience,
)
from peer_exchange.actions.pace import TooMany
from peer_exchange.actions.questions import answer_question, reopen_question
from peer_exchange.actions.responses import edit_response, respond_to_experience
from peer_exchange.actions.restoring import restore_version
from peer_exchange.actions.reworking import (
    give_up_reworking,
    rework_experience,
    take_up_reworking,
)
from peer_exchange.actions.sharing_rule import change_sharing_rule
from peer_exchange.actions.taking_over import change_embargo

__all__ = [
    "EDITABLE",
    "TooMany",
    "answer_question",
    "archive_experience",
    "attach",
    "change_embargo",
    "change_sharing_rule",
    "clear_experience",
    "dismiss_reports",
    "edit_response",
    "follow",
    "give_up_reworking",
    "hide_response",
    "keep_away",
    "let_back",
    "name_author",
    "publish_experience",
    "remove_attachment",
    "remove_author",
    "reopen_question",
    "reopen_reports",
    "report",
    "respond_to_experience",
    "restore_attachment",
    "restore_version",
    "return_experience",
    "rework_experience",
    "save_experience",
    "show_response",
    "start_experience",
    "stored_values",
    "submit_experience",
    "take_up_reworking",
    "unfollow",
    "uphold_reports",
    "withdraw_report",
]
