"""Draw docs/workflows.md from the transition tables."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.core.transitions import MoveTable

HEADER = """# State machines

Drawn by `manage.py draw_workflows` from the transition tables in each app's
`workflow.py`; a test fails when this page is older than the tables.
"""


def machines() -> list[tuple[str, MoveTable]]:
    """Every transition table of our apps, as (app name, table), in app order."""
    found = []
    for config in apps.get_app_configs():
        if importlib.util.find_spec(f"{config.name}.workflow") is None:
            continue
        module = importlib.import_module(f"{config.name}.workflow")
        found += [
            (config.name, value) for value in vars(module).values() if isinstance(value, MoveTable)
        ]
    return found


def draw() -> str:
    parts = [HEADER]
    for app, table in machines():
        lines = [f"## {table.name}", "", f"`{app}.workflow`", "", "```mermaid", "stateDiagram-v2"]
        lines.append(f"    [*] --> {table.initial.value}")
        lines += [f"    {a.value} --> {b.value}" for a, b in table.pairs()]
        lines += [f"    {state.value} --> [*]" for state in table.terminal]
        lines += ["```", "", "| state | shown as | may move to |", "|---|---|---|"]
        for state in table.states:
            targets = ", ".join(f"`{t.value}`" for t in table.moves.get(state, ())) or "(final)"
            lines.append(f"| `{state.value}` | {state.label} | {targets} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true", help="Fail if the page is out of date.")

    def handle(self, *args: Any, **options: Any) -> None:
        page = Path(settings.BASE_DIR) / "docs" / "workflows.md"
        text = draw()
        if options["check"]:
            if not page.exists() or page.read_text() != text:
                raise CommandError("docs/workflows.md is out of date: run manage.py draw_workflows")
            return
        page.parent.mkdir(exist_ok=True)
        page.write_text(text)
        self.stdout.write(f"Wrote {page.relative_to(settings.BASE_DIR)}")
