"""Reading mappings that people wrote: each field by its type, each problem with its place."""

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from h5p.questions.texts import TAKEN, clean_html, clean_plain, is_id, opaque_id
from h5p.words import Words
from h5p.words import gettext_noop as _

# Where a value is: keys and places in lists, from 0.
At = tuple[str | int, ...]

MAX_TEXT: Final = 20_000
MAX_LIST: Final = 500
_YES: Final = {"true", "yes", "y", "on", "1", "x"}
_NO: Final = {"false", "no", "n", "off", "0", ""}


@dataclass(frozen=True)
class Fault:
    """A problem whose place has not been put into words yet."""

    code: str
    at: At
    words: Words


@dataclass
class Fields:
    """A mapping at a place, read field by field; what is wrong is added to ``faults``."""

    data: Mapping[Any, Any]
    at: At
    faults: list[Fault] = field(repr=False)

    def fault(self, code: str, name: str | None, template: str, /, **values: object) -> None:
        at = self.at if name is None else (*self.at, name)
        self.faults.append(Fault(code, at, Words(template, values)))

    def allow(self, names: Collection[str]) -> None:
        """Report every field that is not among these."""
        for name in self.data:
            if name in names:
                continue
            near = difflib.get_close_matches(str(name), names, n=1)
            hint = Words(_(" Did you mean “{near}”?"), {"near": near[0]}) if near else ""
            self.fault(
                "unknown-field",
                str(name),
                _("“{name}” is not known here.{hint}"),
                name=name,
                hint=hint,
            )

    def text(self, name: str, *, required: bool = False) -> str:
        """Plain text; numbers are taken as they are written."""
        return clean_plain(self._raw(name, required=required))

    def html(self, name: str, *, required: bool = False) -> str:
        return clean_html(self._raw(name, required=required))

    def _raw(self, name: str, *, required: bool) -> str:
        value = self.data.get(name)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            value = _written(value)
        if value is not None and not isinstance(value, str):
            self.fault("field-type", name, _("“{name}” must be text."), name=name)
            return ""
        text = value or ""
        if len(text) > MAX_TEXT:
            self.fault(
                "too-long",
                name,
                _("“{name}” is longer than {most} characters."),
                name=name,
                most=MAX_TEXT,
            )
            return ""
        if required and not clean_plain(text):
            self.fault("missing-text", name, _("“{name}” is empty. Write it."), name=name)
        return text

    def flag(self, name: str, default: bool) -> bool:
        value = self.data.get(name, default)
        if isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else None
        if word in _YES or word in _NO:
            return word in _YES
        self.fault("field-type", name, _("“{name}” must be yes or no."), name=name)
        return default

    def number(self, name: str, default: Decimal, *, low: Decimal, high: Decimal) -> Decimal:
        """A number with at most two decimals, between ``low`` and ``high``."""
        value = self.data.get(name)
        if value is None or value == "":
            return default
        number = _decimal(value)
        if number is None or not low <= number <= high or number != round(number, 2):
            self.fault(
                "bad-number",
                name,
                _("“{name}” must be a number from {low} to {high} with at most two decimals."),
                name=name,
                low=low,
                high=high,
            )
            return default
        return number

    def own_id(self, *default: str) -> str:
        """The id that was given, or one made of the texts in ``default``."""
        value = self.data.get("id")
        if value is None or value == "":
            return opaque_id(*default)
        return self.checked_id("id", value, *default)

    def checked_id(self, name: str, value: object, *default: str) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            value = _written(value)
        if not is_id(value):
            said = _("“{name}” may have letters, digits, - and _ only, 64 at most.")
            if isinstance(value, str) and value in TAKEN:
                said = _("This “{name}” has a meaning of its own in players. Take another.")
            self.fault("bad-id", name, said, name=name)
            return opaque_id(*default)
        return str(value)

    def several(self, name: str, *, least: int) -> "list[Fields]":
        """The mappings of a list. A string in the list stands for ``{text: …}``."""
        value = self.data.get(name)
        if value is None:
            value = []
        if not isinstance(value, list | tuple):
            self.fault("field-type", name, _("“{name}” must be a list."), name=name)
            return []
        if len(value) < least:
            self.fault(
                "too-few", name, _("“{name}” needs at least {least}."), name=name, least=least
            )
        if len(value) > MAX_LIST:
            self.fault(
                "too-many", name, _("“{name}” has more than {most}."), name=name, most=MAX_LIST
            )
            return []
        rows = []
        for place, entry in enumerate(value):
            at = (*self.at, name, place)
            if isinstance(entry, str | int | float) and not isinstance(entry, bool):
                entry = {"text": entry}
            if isinstance(entry, Mapping):
                rows.append(Fields(entry, at, self.faults))
            else:
                self.faults.append(
                    Fault("field-type", at, Words(_("This must be a text or a mapping.")))
                )
        return rows

    def part(self, name: str) -> "Fields":
        """A mapping inside; an empty one when it is not there."""
        value = self.data.get(name)
        if value is not None and not isinstance(value, Mapping):
            self.fault("field-type", name, _("“{name}” must be a mapping."), name=name)
            value = None
        return Fields(value or {}, (*self.at, name), self.faults)


def _written(value: float | str | Decimal) -> str | float | Decimal:
    """A number as text, unless it has more digits than Python writes."""
    try:
        return str(value)
    except ValueError:
        return value


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    written = _written(value)
    if not isinstance(written, str):
        return None
    try:
        # Tables from most of Europe write 1,5.
        number = Decimal(written.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
