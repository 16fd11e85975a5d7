"""What the package says is English, and ready for any other language."""

import io
import re
from pathlib import Path

from h5p import words
from h5p.package import read_package
from h5p.problems import problem
from h5p.questions import read_csv
from tests.h5p import making

ACCENTS = str.maketrans("aeiou", "áéíóú")


def spanish(template: str) -> str:
    """Every letter outside of the places."""
    parts = re.split(r"(\{[^{}]*\})", template)
    return "".join(part if part.startswith("{") else part.translate(ACCENTS) for part in parts)


def test_a_sentence_is_said_in_english_unless_somebody_translates() -> None:
    said = problem("too-large", "a/video.mp4", "{path} is {size:,} bytes.", size=12345)
    assert said.message == str(said.words) == "a/video.mp4 is 12,345 bytes."
    assert said.said(spanish) == "a/video.mp4 ís 12,345 bytés."
    assert said.as_dict() == {
        "code": "too-large",
        "path": "a/video.mp4",
        "message": "a/video.mp4 is 12,345 bytes.",
    }


def test_what_a_file_is_called_is_never_taken_for_a_place() -> None:
    said = problem("damaged", "{size}/{0}.png", "{path} cannot be unpacked.")
    assert said.message == "{size}/{0}.png cannot be unpacked."


def test_parts_of_a_sentence_are_translated_with_it() -> None:
    files = making.sound_files()
    files["content/evil.exe"] = b"MZ"
    files["Test.Part-1.0/library.json"] = making.as_json({"title": 7, "majorVersion": True})
    problems = read_package(making.as_file(files)).problems
    problems += read_csv("kind,prompt,answers\nriddle,Why?,x\n", title="T").problems
    assert len(problems) > 6
    for each in problems:
        assert each.words is not None, each
        assert each.said(str) == each.message
        assert each.said(spanish) != each.message


def test_every_sentence_is_marked_for_translators() -> None:
    """`problem(code, path, template)` and `fault(code, name, template)` get a marked one."""
    bare = re.compile(r"""\b(?:problem|fault|_refused)\(\s*f?"[^"]*",\s*[^,]+,\s*f?"[^"]""")
    folder = Path(words.__file__).parent
    found = [
        f"{path.name}: {match[0]}"
        for path in folder.rglob("*.py")
        for match in bare.finditer(path.read_text())
    ]
    assert found == []


def test_core_has_its_words_in_another_language() -> None:
    said = words.core_words(spanish)
    assert said["close"] == "Clósé"
    assert said.keys() == words.CORE_WORDS.keys()
    assert read_package(io.BytesIO(b"")).problems[0].said(spanish).startswith("Thís")
