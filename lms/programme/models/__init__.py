from lms.programme.models.edition import Edition, Phase, Programme, Skill
from lms.programme.models.enrolment import Enrolment
from lms.programme.models.roles import RoleAssignment

__all__ = [
    "Edition",
    "Enrolment",
    "Phase",
    "Programme",
    "RoleAssignment",
    "Skill",
]
