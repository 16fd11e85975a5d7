"""One field of a library's semantics as a form field, and what a new row of a list holds."""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from django import forms
from wagtail.admin.rich_text import get_rich_text_editor_widget

from h5p.semantics import Field

_EDITABLE: Final = frozenset({"p", "br", "strong", "b", "em", "i", "ul", "ol", "li", "a", "div"})
_TAGS: Final = re.compile(r"<\s*/?\s*([a-zA-Z][a-zA-Z0-9]*)([^>]*)>")
_KEY: Final = re.compile(r' data-block-key="[^"]*"')
_LONE: Final = re.compile(r"<p>((?:(?!</?(?:p|ul|ol)\b).)*)</p>", re.DOTALL)
_BLOCK: Final = re.compile(r"<(?:p|ul|ol)\b")
_FEATURES: Final = {"strong": "bold", "em": "italic", "ul": "ul", "ol": "ol", "a": "link"}


def _text(field: Field, value: Any) -> tuple[forms.Field | None, bool]:
    if not isinstance(value, str | int | float):
        return None, False
    text = str(value)
    most = field.raw.get("maxLength")
    options: dict[str, Any] = {"required": not field.is_optional and bool(text.strip())}
    if field.is_html:
        if is_simple(text):
            tags = {str(tag).lower() for tag in field.raw.get("tags", [])} | {"strong", "em"}
            features = [feature for tag, feature in _FEATURES.items() if tag in tags]
            widget = get_rich_text_editor_widget("default", features=features)
            widget.options["stateSaveInterval"] = 0  # or the last quarter of a second is not sent
            return forms.CharField(widget=widget, initial=text, **options), False
        area = forms.Textarea(attrs={"rows": 6, "class": "h5p-source"})
        return forms.CharField(widget=area, initial=text, **options), True
    plain = html.unescape(text)
    is_long = field.raw.get("widget") == "textarea" or len(plain) > 120 or "\n" in plain
    return (
        forms.CharField(
            widget=forms.Textarea(attrs={"rows": 4}) if is_long else forms.TextInput(),
            initial=plain,
            max_length=most if isinstance(most, int) and not isinstance(most, bool) else None,
            **options,
        ),
        False,
    )


def is_simple(text: str) -> bool:
    """Whether the rich-text editor keeps everything that this markup says."""
    return all(
        name.lower() in _EDITABLE and (not said.strip(" /") or name.lower() == "a")
        for name, said in _TAGS.findall(text)
    )


def written_like(before: str, text: str) -> str:
    """What the rich-text editor made, in the tags that H5P uses. It puts every line into a
    paragraph: where there was none, one line has none; where nothing is written, nothing is."""
    text = _KEY.sub("", text)
    for ours, theirs in (("b", "strong"), ("i", "em")):
        text = text.replace(f"<{ours}>", f"<{theirs}>").replace(f"</{ours}>", f"</{theirs}>")
    lone = _LONE.fullmatch(text)
    if lone is None:
        return text
    if not lone[1].strip():
        return ""
    if before.startswith("<div>"):
        return f"<div>{lone[1]}</div>"
    return text if not before or _BLOCK.search(before) else lone[1]


def _number(field: Field, value: Any) -> tuple[forms.Field | None, bool]:
    low, high = field.raw.get("min"), field.raw.get("max")

    def bound(number: Any) -> float | None:
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        return number if is_number else None

    return (
        forms.FloatField(
            min_value=bound(low),
            max_value=bound(high),
            required=not field.is_optional,
            initial=value,
            widget=forms.NumberInput(attrs={"step": "any"}),
        ),
        False,
    )


def _boolean(field: Field, value: Any) -> tuple[forms.Field | None, bool]:
    return forms.BooleanField(required=False, initial=value in (True, "true", 1, "1")), False


def _select(field: Field, value: Any) -> tuple[forms.Field | None, bool]:
    choices = list(_choices(field.raw.get("options")))
    if isinstance(value, list) or not choices:
        return None, False
    if str(value) not in dict(choices):
        choices.insert(0, (str(value), str(value)))
    # What may be chosen may stay chosen, also where that is nothing.
    required = "" not in dict(choices)
    return forms.ChoiceField(choices=choices, initial=str(value), required=required), False


def _choices(options: Any) -> Iterator[tuple[str, str]]:
    for option in options if isinstance(options, list) else ():
        if isinstance(option, Mapping):
            if option.get("type") == "optgroup":
                yield from _choices(option.get("options"))
            elif isinstance(option.get("value"), str | int | float):
                said = option.get("label") or option["value"]
                yield str(option["value"]), html.unescape(str(said))


def option_like(chosen: str, before: Any) -> Any:
    """The choice as it was stored: a number stays a number."""
    if isinstance(before, int | float) and not isinstance(before, bool):
        try:
            return json.loads(chosen)
        except ValueError:
            return chosen
    return chosen


MAKERS: Final[Mapping[str, Callable[[Field, Any], tuple[forms.Field | None, bool]]]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "select": _select,
}


def fresh_value(field: Field) -> Any | None:
    """A new row of a list; None where a form cannot make one."""
    default = field.raw.get("default")
    if field.is_collapsed:
        return fresh_value(field.fields[0])
    match field.type:
        case "text":
            return default if isinstance(default, str) else ""
        case "boolean":
            return default is True
        case "number":
            low = field.raw.get("min")
            return default if isinstance(default, int | float) else low or 0
        case "select":
            return default if default is not None else next(iter(field.options), "")
        case "group":
            return _fresh_group(field)
    return None


def _fresh_group(field: Field) -> dict[str, Any] | None:
    made: dict[str, Any] = {}
    for member in field.fields:
        if member.type == "list":
            inner = fresh_value(member.item) if member.item else None
            least = member.raw.get("min")
            rows = range(max(least or 1, 1))
            # Each its own: what is typed into one is not to stand in the others.
            made[member.name] = [] if inner is None else [deepcopy(inner) for _row in rows]
            continue
        inner = fresh_value(member)
        if inner is None:
            if not member.is_optional:
                return None
            continue
        made[member.name] = inner
    return made
