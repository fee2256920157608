"""`livecoach lab measure`, as a user runs it."""

import json
from pathlib import Path

import pytest
from builders.command import refused, run, run_well

from livecoach.core.errors import ConfigError, OutputError, SourceError

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")


@pytest.fixture(autouse=True)
def _without_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are no real clips."""
    monkeypatch.delenv("LIVECOACH_DATA", raising=False)


def test_counts_of_motion_go_to_the_terminal_and_to_a_file(tmp_path: Path) -> None:
    options = ("--motion", "1", "--exercise", "squat", "--seed", "7", "--json", "counts.json")
    done, again = (run("lab", "measure", "counts", *options, home=tmp_path) for _ in range(2))
    assert done.returncode == 0, done.stderr
    assert done.stdout == again.stdout
    content = json.loads((tmp_path / "counts.json").read_text())
    assert (content["command"], content["options"]["seed"]) == ("livecoach lab measure counts", 7)
    exact = next(row["exact"] for row in content["tables"][0]["rows"] if row["exercise"] == "squat")
    assert exact["of"] == 1
    assert f"{exact['count']} of 1" in done.stdout


def test_ghosts_of_motion_are_one_document_on_standard_output(tmp_path: Path) -> None:
    of_two = ("--exercise", "deadlift", "--exercise", "squat")
    done = run_well("lab", "measure", "ghosts", "--motion", "1", *of_two, "--json", "-", home=tmp_path)
    tables = json.loads(done.stdout)["tables"]
    assert [row["exercise"] for row in tables[0]["rows"]] == ["deadlift", "squat"]
    assert all(row["exact"]["of"] == 1 for row in tables[0]["rows"])


def test_a_folder_without_clips_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVECOACH_DATA", str(tmp_path))
    refused(run("lab", "measure", "counts", home=tmp_path), f"{tmp_path}: has no folder clips")


@pytest.mark.parametrize(
    ("words", "says"), [("disturbed", "--films"), ("ghosts", "--clips"), ("counts --motion 1 --faults 1", "--faults")]
)
def test_an_incomplete_measurement_names_the_missing_option(words: str, says: str, tmp_path: Path) -> None:
    done = run("lab", "measure", *words.split(), home=tmp_path)
    assert (done.returncode, says in done.stderr, "Traceback" in done.stderr) == (2, True, False)


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        *((words, ConfigError, "LIVECOACH_DATA: is not set") for words in ("counts", "ghosts --real", "verdict-real")),
        ("counts --motion 1 --json no/counts.json", OutputError, "--json"),
        *((words, SourceError, "Make some with") for words in ("ghosts --clips empty", "counts --synthetic empty")),
    ],
)
def test_an_impossible_measurement_is_reported_in_one_line(words: str, kind: type, says: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(run("lab", "measure", *words.split(), home=tmp_path), says, kind.exit_code)
