"""The command line, as another program would use it."""

import json
import os
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


def in_a_shell(line: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["/bin/sh", "-c", line.replace("h5p", f"{sys.executable} -m h5p", 1)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.getcwd(), **environment},
        capture_output=True,
        timeout=60,
    )


def test_every_sentence_comes_out_whatever_the_terminal_writes(tmp_path: Path) -> None:
    """Quotation marks and a file name that is no text, where the terminal knows ASCII only."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.h5p")).write_bytes(b"no")
    for environment in ({"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "utf-8"}):
        run = in_a_shell("h5p check none.h5p *.h5p", tmp_path, **environment)

        assert (run.returncode, run.stderr) == (1, b"")
        none, odd = [json.loads(line) for line in run.stdout.splitlines()]
        assert none["problems"][0]["message"].startswith("“none.h5p” cannot be opened")
        assert odd["file"] == "\udcff.h5p"


def test_who_listens_no_longer_is_not_shouted_at(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.h5p").write_bytes(b"no")
    for line, returncode in (
        ("h5p check sound.h5p >&-", 0),
        ("h5p check sound.h5p bad.h5p >&-", 1),
        ("h5p check sound.h5p <&-", 0),
        # More than a pipe holds, to one who reads nothing of it.
        ("h5p info " + "sound.h5p " * 400 + "| true", 0),
    ):
        run = in_a_shell(line, tmp_path)
        assert (run.returncode, run.stderr) == (returncode, b""), line


def test_an_impossible_limit_is_wrong_usage(
    sound: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for limit in ("-1", "much"):
        with pytest.raises(SystemExit) as end:
            main(["check", "--max-size", limit, str(sound)])
        assert end.value.code == 2
        assert f"invalid number of MiB value: '{limit}'" in capsys.readouterr().err


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.h5p")

    run = in_a_shell("h5p check pipe.h5p", tmp_path)

    (problem,) = json.loads(run.stdout)["problems"]
    assert (run.returncode, problem["code"]) == (1, "missing-file")
