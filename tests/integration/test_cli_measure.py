"""`livecoach lab measure`, as a user runs it."""

import json
from pathlib import Path

import pytest
from builders.command import run

from livecoach.core.errors import ConfigError, OutputError, SourceError

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")


@pytest.fixture(autouse=True)
def _without_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are no real clips."""
    monkeypatch.delenv("LIVECOACH_DATA", raising=False)


def test_it_lists_what_can_be_measured(tmp_path: Path) -> None:
    """Its help names the commands."""
    done = run("lab", "measure", "--help", home=tmp_path)
    assert done.returncode == 0
    for name in ("counts", "ghosts", "form", "verdict", "verdict-real", "depth", "recognition", "lock"):
        assert f"\n  {name}" in done.stdout


def test_counts_of_motion_go_to_the_terminal_and_to_a_file(tmp_path: Path) -> None:
    """The same figures stand in the table and in the JSON; the same seed gives them again."""
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
    """With --json - there is nothing else."""
    of_two = ("--exercise", "deadlift", "--exercise", "squat")
    done = run("lab", "measure", "ghosts", "--motion", "1", *of_two, "--json", "-", home=tmp_path)
    assert done.returncode == 0, done.stderr
    tables = json.loads(done.stdout)["tables"]
    assert [row["exercise"] for row in tables[0]["rows"]] == ["deadlift", "squat"]
    assert all(row["exact"]["of"] == 1 for row in tables[0]["rows"])


@pytest.mark.parametrize(
    "words",
    [
        ("counts",),
        ("ghosts", "--real"),
        ("verdict-real",),
    ],
    ids=" ".join,
)
def test_without_the_real_clips_it_says_where_they_are_named(words: tuple[str, ...], tmp_path: Path) -> None:
    """In one line."""
    done = run("lab", "measure", *words, home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (ConfigError.exit_code, "", 1), done.stderr
    assert "LIVECOACH_DATA: is not set" in done.stderr


def test_form_is_alarms_in_good_and_bad_reps(tmp_path: Path) -> None:
    """Of one lifter: beside reps of the same set, of an earlier one, also from aside, and of another day."""
    done = run("lab", "measure", "form", "lunge", "--lifters", "1", "--jobs", "1", "--json", "-", home=tmp_path)
    assert done.returncode == 0, done.stderr
    tables = json.loads(done.stdout)["tables"]
    earlier = "an earlier set of the session"
    beside = ["five reps of the same set", earlier, "the same, the camera 10° to a side", "a profile of another day"]
    assert [row["beside"] for row in tables[0]["rows"]] == beside
    assert tables[0]["rows"][0]["alarms in good reps"]["of"] > 0


def test_an_exercise_without_faults_is_refused(tmp_path: Path) -> None:
    """In one line that names those that have some."""
    done = run("lab", "measure", "form", "bench_press", home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (ConfigError.exit_code, "", 1), done.stderr
    assert "bench_press: no faults of it are known. Name one of deadlift, " in done.stderr


def test_a_folder_without_clips_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line that names it."""
    monkeypatch.setenv("LIVECOACH_DATA", str(tmp_path))
    done = run("lab", "measure", "counts", home=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (ConfigError.exit_code, 1), done.stderr
    assert f"{tmp_path}: has no folder clips" in done.stderr


def test_there_must_be_something_to_count(tmp_path: Path) -> None:
    """Ghosts of nothing are refused, and so are two kinds of counts at once."""
    assert run("lab", "measure", "ghosts", home=tmp_path).returncode == 2
    assert run("lab", "measure", "counts", "--motion", "1", "--faults", "1", home=tmp_path).returncode == 2


def test_a_file_that_can_not_be_written_is_told_first(tmp_path: Path) -> None:
    """Before anything is measured."""
    done = run("lab", "measure", "counts", "--motion", "1", "--json", tmp_path / "no" / "counts.json", home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (OutputError.exit_code, "", 1), done.stderr
    assert "--json" in done.stderr


@pytest.mark.parametrize("words", [("ghosts", "--clips", "empty"), ("counts", "--synthetic", "empty")])
def test_a_folder_without_rendered_clips_is_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    """With the command that makes some."""
    (tmp_path / "empty").mkdir()
    done = run("lab", "measure", *words, home=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (SourceError.exit_code, 1), done.stderr
    assert "Make some with" in done.stderr
