"""Habits of the house that no linter knows (docs/developing.md)."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.repository import OUR_APPS, ROOT, files, named

TOP_LEVEL = {
    ".ci", "api", "assessments", "docs", "frontend", "h5p", "lms", "modules", "peer_exchange",
    "requirements", "scripts", "templates", "tests",
}  # fmt: skip
NOT_A_NAME = {"common", "helpers", "managers", "misc", "services", "utils"}
LONGEST_MODULE, LONGEST_TEST = 450, 600  # lines

NOT_TO_BE_COMMITTED = {
    "a path of some machine": r"(?<![\w.])/(?:work|root|home|Users)/\w",
    "the address of a package registry": (
        r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|deb[.]debian"
    ),
    "an index for installers": r"--(?:extra-)?index[-]url|--find[-]links",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a conflict marker": r"^(?:<{7}|>{7}) ",
}


def test_the_top_level_is_the_one_of_the_decision_records() -> None:
    folders = {Path(named(path)).parts[0] for path in files() if path.parent != ROOT}
    assert folders - TOP_LEVEL == set()


def test_modules_are_short() -> None:
    lengths = {
        named(path): len(path.read_text().splitlines())
        for path in files(".py")
        if "migrations" not in path.parts
    }
    too_long = {
        name: length
        for name, length in lengths.items()
        if length > (LONGEST_TEST if name.startswith("tests/") else LONGEST_MODULE)
    }
    assert too_long == {}


def test_modules_say_what_they_are_about() -> None:
    modules = [Path(named(path)) for path in files(".py")]
    vague = [str(path) for path in modules if {path.stem, *path.parts} & NOT_A_NAME]
    assert vague == []


def test_migrations_have_names() -> None:
    unnamed = [named(path) for path in files(".py") if re.search(r"/\d{4}_auto_", str(path))]
    assert unnamed == []


@pytest.mark.parametrize("what", NOT_TO_BE_COMMITTED)
def test_nothing_of_one_machine_is_committed(what: str) -> None:
    pattern = re.compile(NOT_TO_BE_COMMITTED[what], re.MULTILINE)
    found = []
    for path in files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{named(path)}: {match.group()}" for match in pattern.finditer(text)]
    assert found == []


def test_only_settings_read_the_environment() -> None:
    may_read = {"lms/settings.py", "manage.py", "lms/wsgi.py", "lms/celery.py"}
    readers = [
        named(path)
        for app in OUR_APPS
        for path in files(".py", under=app)
        if re.search(r"\bos\.environ|\bgetenv\(|\benviron\.Env\(", path.read_text())
    ]
    assert set(readers) - may_read == set()


def test_an_action_takes_the_actor_and_the_clock_and_everything_by_keyword() -> None:
    """An action is what stands in actions/ and opens a transaction of its own."""
    actions = [
        (f"{named(path)}: {function.name}", function)
        for app in OUR_APPS
        for path in files(".py", under=app)
        if "actions" in path.parts
        for function in ast.parse(path.read_text()).body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and any("atomic" in ast.unparse(decorator) for decorator in function.decorator_list)
    ]
    assert len(actions) > 10

    by_position = [name for name, function in actions if function.args.args]
    assert by_position == []
    incomplete = {
        name: sorted({"by", "at"} - {argument.arg for argument in function.args.kwonlyargs})
        for name, function in actions
    }
    assert {name: missing for name, missing in incomplete.items() if missing} == {}


def test_every_decision_record_is_numbered_once() -> None:
    numbers = [path.name[:4] for path in files(".md", under="docs/adr")]
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
