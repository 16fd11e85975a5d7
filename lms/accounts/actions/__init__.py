from lms.accounts.actions.profile import update_profile
from lms.accounts.actions.tokens import create_token, revoke_token

__all__ = ["create_token", "revoke_token", "update_profile"]
