"""What the JSON files of a package look like, as JSON Schema.

The rules are those of H5P's reference implementation, which takes ``1`` and ``"1"`` for the same
and ignores keys that it does not know. `h5p.shapes` checks a value against these; any other
JSON Schema validator comes to the same verdict.
"""

from typing import Any, Final

from h5p.names import MACHINE_NAME

Schema = dict[str, Any]

_LINE: Final[Schema] = {"type": ["string", "integer"], "pattern": r"^.{1,255}$"}
_TEXT: Final[Schema] = {"type": ["string", "integer"], "pattern": r"^[\s\S]{1,5000}$"}
_ANY_LINE: Final[Schema] = {"type": ["string", "integer"], "pattern": r"^.+$"}
_VERSION: Final[Schema] = {
    "type": ["integer", "string"],
    "pattern": r"^[0-9]{1,5}$",
    "minimum": 0,
    "maximum": 99_999,
}
_PIXELS: Final[Schema] = {**_VERSION, "pattern": r"^[0-9]{1,4}$", "maximum": 9_999}
_FLAG: Final[Schema] = {"enum": [0, 1, "0", "1"]}
_MACHINE_NAME: Final[Schema] = {"type": "string", "pattern": f"^{MACHINE_NAME}$"}
_EMBED_TYPES: Final[Schema] = {"type": "array", "items": {"enum": ["iframe", "div"]}}
_DEPENDENCIES: Final[Schema] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["machineName", "majorVersion", "minorVersion"],
        "properties": {
            "machineName": _MACHINE_NAME,
            "majorVersion": _VERSION,
            "minorVersion": _VERSION,
        },
    },
}
_CONTENT_LICENSES: Final = (
    "CC BY|CC BY-SA|CC BY-ND|CC BY-NC|CC BY-NC-SA|CC BY-NC-ND|CC0 1.0|GNU GPL|PD|ODC PDDL|"
    "CC PDM|U|C"
)
_LIBRARY_LICENSES: Final = (
    "cc-by|cc-by-sa|cc-by-nd|cc-by-nc|cc-by-nc-sa|cc-by-nc-nd|pd|cr|MIT|GPL1|GPL2|GPL3|MPL|MPL2"
)

H5P_JSON: Final[Schema] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["title", "language", "preloadedDependencies", "mainLibrary", "embedTypes"],
    "properties": {
        "title": _LINE,
        "language": {"type": "string", "pattern": r"^[-a-zA-Z]{1,10}$"},
        "mainLibrary": {"type": "string", "pattern": r"^[$a-zA-Z_][0-9a-zA-Z_.$]{1,254}$"},
        "embedTypes": _EMBED_TYPES,
        "preloadedDependencies": _DEPENDENCIES,
        "dynamicDependencies": _DEPENDENCIES,
        "editorDependencies": _DEPENDENCIES,
        "contentType": _LINE,
        "author": _LINE,
        "authors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "role"],
                "properties": {"name": _LINE, "role": {"type": "string", "pattern": r"^\w+$"}},
            },
        },
        "source": {"type": "string", "pattern": r"^https?://.+$"},
        "license": {"enum": _CONTENT_LICENSES.split("|")},
        "licenseVersion": {"enum": ["1.0", "2.0", "2.5", "3.0", "4.0"]},
        "licenseExtras": _TEXT,
        "yearsFrom": _PIXELS,
        "yearsTo": _PIXELS,
        "changes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["date", "author", "log"],
                "properties": {
                    "date": {
                        "type": "string",
                        "pattern": r"^[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{1,2}:[0-9]{2}:[0-9]{2}$",
                    },
                    "author": _LINE,
                    "log": _TEXT,
                },
            },
        },
        "authorComments": _TEXT,
        "w": _PIXELS,
        "h": _PIXELS,
        "metaKeywords": _ANY_LINE,
        "metaDescription": _ANY_LINE,
    },
}


def _paths(extension: str) -> Schema:
    """A list of ``{"path": …}`` with the characters that the reference allows."""
    part = r"[a-zA-Z_\-\s0-9.]+"
    return {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["path"],
            "properties": {
                "path": {
                    "type": "string",
                    "pattern": rf"^[\\/]?{part}(?:[\\/]{part})*\.{extension}$",
                }
            },
        },
    }


LIBRARY_JSON: Final[Schema] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": [
        "title",
        "majorVersion",
        "minorVersion",
        "patchVersion",
        "machineName",
        "runnable",
    ],
    "properties": {
        "title": _LINE,
        "majorVersion": _VERSION,
        "minorVersion": _VERSION,
        "patchVersion": _VERSION,
        "machineName": _MACHINE_NAME,
        "runnable": _FLAG,
        "author": _LINE,
        "license": {"enum": _LIBRARY_LICENSES.split("|")},
        "description": _ANY_LINE,
        "metadataSettings": {
            "type": "object",
            "required": ["disable", "disableExtraTitleField"],
            "properties": {"disable": _FLAG, "disableExtraTitleField": _FLAG},
        },
        "preloadedDependencies": _DEPENDENCIES,
        "dynamicDependencies": _DEPENDENCIES,
        "editorDependencies": _DEPENDENCIES,
        "preloadedJs": _paths("[jJ][sS]"),
        "preloadedCss": _paths("[cC][sS][sS]"),
        "dropLibraryCss": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["machineName"],
                "properties": {"machineName": _MACHINE_NAME},
            },
        },
        "w": _PIXELS,
        "h": _PIXELS,
        "embedTypes": _EMBED_TYPES,
        "fullscreen": _FLAG,
        "coreApi": {
            "type": "object",
            "required": ["majorVersion", "minorVersion"],
            "properties": {"majorVersion": _VERSION, "minorVersion": _VERSION},
        },
    },
}

_NUMBER: Final[Schema] = {"type": ["number", "string"]}

SEMANTICS_JSON: Final[Schema] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "array",
    "items": {"$ref": "#/$defs/field"},
    "$defs": {
        "field": {"$ref": "#/$defs/item", "required": ["name"]},
        # What a list repeats need not have a name.
        "item": {
            "type": "object",
            "required": ["type"],
            "properties": {
                "name": {"type": "string"},
                "type": {"type": "string"},
                "fields": {"type": "array", "items": {"$ref": "#/$defs/field"}},
                "field": {"$ref": "#/$defs/item"},
                "options": {"type": "array"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "optional": {"type": "boolean"},
                "min": _NUMBER,
                "max": _NUMBER,
                "maxLength": _NUMBER,
                "decimals": _NUMBER,
                "regexp": {
                    "type": "object",
                    "required": ["pattern"],
                    "properties": {"pattern": {"type": "string"}, "modifiers": {"type": "string"}},
                },
                "extraAttributes": {"type": "array", "items": {"type": "string"}},
            },
        },
    },
}

LANGUAGE_JSON: Final[Schema] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"semantics": {"type": "array"}, "libraryStrings": {"type": "object"}},
}
