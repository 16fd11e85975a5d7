"""Every machine of the house: its allowed and its forbidden moves."""

import itertools

import pytest
from django.core.management import call_command

from lms.core.errors import IllegalMove
from lms.core.management.commands.draw_workflows import draw, machines
from lms.core.transitions import MoveTable, require_move

TABLES = {table.name: table for _, table in machines()}
each_machine = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())


@each_machine
def test_require_move_follows_the_table(table: MoveTable) -> None:
    allowed = set(table.pairs())
    for current, to in itertools.product(table.states, repeat=2):
        if (current, to) in allowed:
            require_move(table, current, to)
            continue
        with pytest.raises(IllegalMove) as refusal:
            require_move(table, current, to)
        assert refusal.value.extra == {
            "machine": table.name,
            "current": current,
            "requested": to,
        }


@each_machine
def test_every_state_can_be_reached_from_the_first(table: MoveTable) -> None:
    reached = {table.initial}
    while more := {to for current, to in table.pairs() if current in reached} - reached:
        reached |= more
    assert reached == set(table.states)


def test_the_machines_of_the_design_are_all_here() -> None:
    assert set(TABLES) >= {
        "Application",
        "Assessment",
        "Bank transaction",
        "Cancellation",
        "Certificate",
        "City experience",
        "Enrolment",
        "Grade",
        "Invoice",
        "Peer review",
        "Refund",
        "Submission",
        "Survey response",
        "Transfer",
    }


def test_an_unknown_state_is_an_error_and_not_a_refusal() -> None:
    with pytest.raises(ValueError, match="sleeping"):
        require_move(TABLES["Enrolment"], "sleeping", "guaranteed")


def test_the_drawn_page_is_up_to_date() -> None:
    call_command("draw_workflows", check=True)
    assert "stateDiagram-v2" in draw()
