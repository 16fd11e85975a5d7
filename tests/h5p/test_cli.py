"""The command line, as another program would use it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from h5p.cli import main
from tests.h5p.making import Files, as_file


@pytest.fixture
def sound(files: Files, tmp_path: Path) -> Path:
    path = tmp_path / "sound.h5p"
    path.write_bytes(as_file(files).getvalue())
    return path


def test_check_prints_one_object_a_line_and_exits_1(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.h5p"
    bad.write_bytes(b"no")

    assert main(["check", str(sound)]) == 0
    assert main(["check", str(sound), str(bad)]) == 1

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == lines[1]
    assert lines[0] == {
        "file": str(sound), "ok": True, "main_library": "Test.Main 1.2.4", "problems": []
    }  # fmt: skip
    assert (lines[2]["ok"], lines[2]["main_library"]) == (False, None)
    assert set(lines[2]["problems"][0]) == {"code", "path", "message"}


def test_check_takes_a_limit(sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--max-size", "0", str(sound)]) == 1
    assert "too-large" in capsys.readouterr().out


def test_info_describes_a_package(sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(sound)]) == 0

    described = json.loads(capsys.readouterr().out)
    assert described["title"] == "Tides"
    assert [library["name"] for library in described["libraries"]] == [
        "Test.Main 1.2.4", "Test.Part 1.0.4"
    ]  # fmt: skip
    assert described["content_files"] == {"images/moon.png": 32}


def test_info_of_a_refused_package_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", str(tmp_path / "none.h5p")]) == 1
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "missing-file"


def test_the_module_runs_without_django(sound: Path) -> None:
    program = "import sys, h5p.cli; sys.exit(bool({'django', 'wagtail', 'lms'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
    run = subprocess.run([sys.executable, "-m", "h5p", "check", sound], capture_output=True)
    assert (run.returncode, json.loads(run.stdout)["ok"]) == (0, True)
