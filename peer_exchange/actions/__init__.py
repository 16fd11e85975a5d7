from peer_exchange.actions.drafts import (
    EDITABLE,
    name_author,
    remove_author,
    save_experience,
    start_experience,
    stored_values,
)
from peer_exchange.actions.moves import (
    archive_experience,
    clear_experience,
    publish_experience,
    return_experience,
    submit_experience,
)
from peer_exchange.actions.responses import (
    TooMany,
    edit_response,
    hide_response,
    respond_to_experience,
    show_response,
)

__all__ = [
    "EDITABLE",
    "TooMany",
    "archive_experience",
    "clear_experience",
    "edit_response",
    "hide_response",
    "name_author",
    "publish_experience",
    "remove_author",
    "respond_to_experience",
    "return_experience",
    "save_experience",
    "show_response",
    "start_experience",
    "stored_values",
    "submit_experience",
]
