"""Refusals after which a form is shown again, with the words and the reason in it."""

from lms.core.errors import Conflict, InvalidInput, TooLarge
from peer_exchange.actions import TooMany

SHOWN_IN_THE_FORM = (InvalidInput, Conflict, TooLarge, TooMany)
