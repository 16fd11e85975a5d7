"""Our own library as a package of files: small, whole, translated, built from its source."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from h5p import own

ROOT = Path(__file__).parents[2]
LANGUAGES = ["ar", "ca", "en", "es", "fr", "pt"]


def test_the_script_is_small_and_asks_nobody() -> None:
    script = (own.FOLDER / "question-set.js").read_bytes()

    assert len(script) < 30_000
    # Ids of xAPI, H5P and SVG are names, not addresses that are opened.
    addresses = set(re.findall(rb"https?://[^\"'`]+", script))
    assert addresses == {
        b"http://adlnet.gov/expapi/activities/cmi.interaction",
        b"http://h5p.org/x-api/h5p-local-content-id",
        b"http://h5p.org/x-api/h5p-subContentId",
        b"http://www.w3.org/2000/svg",
    }
    assert not re.search(rb"\b(fetch|XMLHttpRequest|eval|import)\b", script)


def test_the_style_sheet_asks_nobody() -> None:
    style = (own.FOLDER / "question-set.css").read_text(encoding="utf-8")

    assert "url(" not in style
    assert "@import" not in style


def test_the_script_is_built_from_its_source() -> None:
    if not shutil.which("node") or not (ROOT / "frontend/node_modules/esbuild").is_dir():
        pytest.skip("needs Node and frontend/node_modules (make build)")

    done = subprocess.run(
        ["node", "h5p.mjs", "--check"], cwd=ROOT / "frontend", check=False, timeout=60
    )

    assert done.returncode == 0, "run `npm run h5p` in frontend/"


def test_every_file_that_the_library_names_is_there() -> None:
    metadata = json.loads((own.FOLDER / "library.json").read_bytes())

    for asset in (*metadata["preloadedJs"], *metadata["preloadedCss"]):
        assert (own.FOLDER / asset["path"]).is_file()
    assert metadata["machineName"] == own.NAME.machine
    assert metadata["license"] == "MIT"


def test_every_word_that_the_script_says_is_in_the_semantics() -> None:
    source = "".join(path.read_text() for path in sorted((ROOT / "h5p/own/source").glob("*.js")))

    said = set(re.findall(r"\bt\('(\w+)'", source)) | set(re.findall(r"button\('(\w+)'", source))
    assert said <= own.words("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_and_its_places(language: str) -> None:
    english, words = own.words("en"), own.words(language)

    assert own.languages() == set(LANGUAGES)
    assert words.keys() == english.keys()
    for name, word in english.items():
        assert words[name]
        assert set(re.findall(r"@\w+", words[name])) == set(re.findall(r"@\w+", word)), name


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_a_language_file_mirrors_the_semantics(language: str) -> None:
    semantics = json.loads((own.FOLDER / "semantics.json").read_bytes())
    translation = json.loads((own.FOLDER / "language" / f"{language}.json").read_bytes())

    assert _shape(translation["semantics"]) == _shape(semantics)


def _shape(value: Any) -> Any:
    """Fields in fields, without what they say."""
    if isinstance(value, list):
        return [_shape(entry) for entry in value]
    return {name: _shape(value[name]) for name in ("fields", "field") if name in value}
