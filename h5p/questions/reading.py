"""Questions from YAML. Every problem names its line and column."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from h5p.problems import problem
from h5p.questions.building import Reading, dotted, from_data
from h5p.questions.fields import At
from h5p.words import gettext_noop as _

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 20


class _Unreadable(yaml.YAMLError):
    """YAML that we do not want to read, and where."""

    def __init__(self, problem: str, problem_mark: Any) -> None:
        self.problem = problem
        self.problem_mark = problem_mark
        super().__init__(problem)


class _Words(yaml.SafeLoader):
    """YAML of words: what a field needs is its own to say. A question may well begin with a
    date, an answer be 1:30, 1.50, 007 or no."""


_READ: Final = frozenset({"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"})
_Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _READ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str | bytes, *, title: str = "", language: str = "en") -> Reading:
    """Read a set of questions in the shape of `h5p.questions.building`. Never raises."""
    if len(text) > MAX_BYTES:
        return _refused("too-large", "", _("The file is larger than {most} bytes."), most=MAX_BYTES)
    try:
        written = text if isinstance(text, str) else text.decode("utf-8-sig")
        _check_events(written)
        node = yaml.compose(written, Loader=_Words)
        data = _Words(written).get_single_data()
    except UnicodeDecodeError:
        return _refused("not-utf8", "", _("The file is not UTF-8. Save it as UTF-8."))
    except (yaml.YAMLError, ValueError) as error:
        where, template, values = _explained(error)
        return _refused("bad-yaml", where, template, **values)

    def place(at: At) -> str:
        line = _line(node, at)
        return f"{line}, {dotted(at)}" if at else line

    return from_data(data, title=title, language=language, place=place)


def _check_events(text: str) -> None:
    """Raise YAMLError for what could make a small file large, aliases and deep nesting, and
    for tags, whose values need not be what they say."""
    depth = 0
    for event in yaml.parse(text, Loader=_Words):
        if isinstance(event, yaml.AliasEvent):
            raise _Unreadable("aliases (*) are not read", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise _Unreadable("tags (!) are not read", event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _Unreadable("it is too deeply nested", event.start_mark)


def _explained(error: Exception) -> tuple[str, str, dict[str, Any]]:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    if mark is None:
        return "", _("This is not YAML that we can read: {reason}."), {"reason": reason}
    where = f"line {mark.line + 1}, column {mark.column + 1}"
    values = {"line": mark.line + 1, "column": mark.column + 1, "reason": reason}
    return (
        where,
        _("Line {line}, column {column}: this is not YAML that we can read: {reason}."),
        values,
    )


def _line(node: yaml.Node | None, at: At) -> str:
    """The line of a place, or of the nearest thing around it that is there."""
    for step in at:
        below = _below(node, step)
        if below is None:
            break
        node = below
    if node is None:
        return "line 1, column 1"
    return f"line {node.start_mark.line + 1}, column {node.start_mark.column + 1}"


def _below(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        keys: Mapping[Any, yaml.Node] = {key.value: value for key, value in node.value}
        return keys.get(step)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child: yaml.Node = node.value[step]
        return child
    return None


def _refused(code: str, path: str, template: str, /, **values: object) -> Reading:
    return Reading(None, (problem(code, path, template, **values),))
