"""Where the words of the diploma are kept (see content/README.md)."""

from pathlib import Path
from typing import Any

import yaml

CONTENT = Path(__file__).resolve().parent.parent / "content"


def read(name: str) -> Any:
    """The parsed YAML file `name`, a path below content/."""
    return yaml.safe_load((CONTENT / name).read_text(encoding="utf-8"))
