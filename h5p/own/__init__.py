"""Our own H5P library, MIT: it plays the questions of `h5p.questions`. See README.md."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from h5p.names import LibraryName

NAME: Final = LibraryName("Rambla.QuestionSet", 1, 0, 0)
FOLDER: Final = Path(__file__).parent / NAME.folder


@cache
def languages() -> frozenset[str]:
    """The languages whose words the library has."""
    return frozenset({"en", *(path.stem for path in (FOLDER / "language").glob("*.json"))})


def words(language: str) -> dict[str, str]:
    """The library's own words in a language (``pt-BR`` falls back to ``pt``, then to English)."""
    for tag in (language, language.split("-")[0]):
        if tag in languages():
            return dict(_words(tag))
    return dict(_words("en"))


@cache
def _words(language: str) -> Mapping[str, str]:
    semantics = _read(FOLDER / "semantics.json")
    # A language file mirrors the semantics, field by field.
    translated = (
        semantics
        if language == "en"
        else _read(FOLDER / "language" / f"{language}.json")["semantics"]
    )
    place = next(at for at, field in enumerate(semantics) if field["name"] == "l10n")
    return {
        field["name"]: there.get("default", field["default"])
        for field, there in zip(
            semantics[place]["fields"], translated[place]["fields"], strict=True
        )
    }


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
