"""State machines as data.

A machine is a `MoveTable` in the `workflow.py` of its app. The table is the only
place that says which moves exist; `docs/workflows.md` is drawn from it and a
test walks every allowed and every forbidden move.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices

from lms.core.errors import IllegalMove


@dataclass(frozen=True)
class MoveTable:
    """The allowed moves of one machine: state → states it may move to."""

    name: str
    states: type[TextChoices]
    initial: TextChoices
    moves: Mapping[TextChoices, tuple[TextChoices, ...]]

    def allows(self, current: str, to: str) -> bool:
        return to in self.moves.get(self.states(current), ())

    def pairs(self) -> Iterator[tuple[TextChoices, TextChoices]]:
        """Every allowed move as (from, to), in the order of the table."""
        for state, targets in self.moves.items():
            for target in targets:
                yield state, target

    @property
    def terminal(self) -> tuple[TextChoices, ...]:
        return tuple(state for state in self.states if not self.moves.get(state))


def require_move(table: MoveTable, current: str, to: str) -> None:
    """Raise IllegalMove unless the table has the move `current` → `to`."""
    if not table.allows(current, to):
        raise IllegalMove(machine=table.name, current=str(current), requested=str(to))
