from lms.accounts.actions.mail import choose_mail
from lms.accounts.actions.people import invite_person, set_access
from lms.accounts.actions.profile import update_profile
from lms.accounts.actions.tokens import create_token, revoke_token

__all__ = [
    "choose_mail",
    "create_token",
    "invite_person",
    "revoke_token",
    "set_access",
    "update_profile",
]
