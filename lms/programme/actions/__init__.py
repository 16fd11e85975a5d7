from lms.programme.actions.enrolment import move_enrolment, offer_place
from lms.programme.actions.people import enrol_person
from lms.programme.actions.roles import assign_role, take_role

__all__ = ["assign_role", "enrol_person", "move_enrolment", "offer_place", "take_role"]
