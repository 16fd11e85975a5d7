"""Which process runs which tests."""

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadGroupScheduling


class FilesThatBelongTogether(LoadGroupScheduling):
    """A file that names an `xdist_group` goes to one process, so that what its tests share is
    made once; every other test goes where there is room.

    With pytest 9.2 pytest-xdist says nothing and groups nothing (its issue 1386): it writes
    the group into a name of the test that is not read any more.
    """

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        tests = Path(__file__).parent
        self.together = {
            path.relative_to(config.rootpath).as_posix()
            for path in tests.rglob("test_*.py")
            if "xdist_group(" in path.read_text(encoding="utf-8")
        }

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if path in self.together else nodeid
