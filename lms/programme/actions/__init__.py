from lms.programme.actions.enrolment import move_enrolment, offer_place

__all__ = ["move_enrolment", "offer_place"]
