"""Fields that H5P itself describes: the metadata of an activity and of a file."""

from typing import Any, Final

from h5p.semantics import Field, root


def _text(name: str) -> dict[str, Any]:
    return {"name": name, "type": "text", "optional": True}


def _year(name: str) -> dict[str, Any]:
    return {"name": name, "type": "number", "min": -9999, "max": 9999, "optional": True}


_LICENSES: Final = (
    "U|CC BY|CC BY-SA|CC BY-ND|CC BY-NC|CC BY-NC-SA|CC BY-NC-ND|CC0 1.0|CC PDM|GNU GPL|PD|"
    "ODC PDDL|C"
)

METADATA: Final[Field] = root(
    [
        _text("title"),
        _text("a11yTitle"),
        _text("extraTitle"),
        {
            "name": "license",
            "type": "select",
            "default": "U",
            "options": [{"value": license_} for license_ in _LICENSES.split("|")],
        },
        {
            "name": "licenseVersion",
            "type": "select",
            "optional": True,
            "options": [{"value": version} for version in ("4.0", "3.0", "2.5", "2.0", "1.0")],
        },
        _year("yearFrom"),
        _year("yearTo"),
        _text("source"),
        {
            "name": "authors",
            "type": "list",
            "field": {
                "name": "author",
                "type": "group",
                "fields": [
                    _text("name"),
                    {
                        "name": "role",
                        "type": "select",
                        "default": "Author",
                        "options": [
                            {"value": role}
                            for role in ("Author", "Editor", "Licensee", "Originator")
                        ],
                    },
                ],
            },
        },
        _text("licenseExtras"),
        {
            "name": "changes",
            "type": "list",
            "field": {
                "name": "change",
                "type": "group",
                "fields": [_text("date"), _text("author"), _text("log")],
            },
        },
        _text("authorComments"),
        _text("contentType"),
        _text("defaultLanguage"),
    ]
)
"""What is kept of a (sub-)activity's metadata."""

COPYRIGHT: Final[Field] = root(
    [_text(name) for name in ("title", "author", "year", "source", "license", "version")]
)
"""What is kept of a file's copyright note."""
