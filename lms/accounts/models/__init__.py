from lms.accounts.models.answer import KeptAnswer
from lms.accounts.models.city import City, Organisation
from lms.accounts.models.mail import DigestLine, MailChoice
from lms.accounts.models.token import PersonalToken
from lms.accounts.models.user import User

__all__ = [
    "City",
    "DigestLine",
    "KeptAnswer",
    "MailChoice",
    "Organisation",
    "PersonalToken",
    "User",
]
