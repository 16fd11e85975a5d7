from lms.accounts.models.city import City, Organisation
from lms.accounts.models.token import PersonalToken
from lms.accounts.models.user import User

__all__ = ["City", "Organisation", "PersonalToken", "User"]
