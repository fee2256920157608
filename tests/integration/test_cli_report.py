"""`livecoach report`: from a recording to a page, and what it does not write over."""

import json
from pathlib import Path

import pytest
from builders.command import CLIPS, refused, run, run_well
from builders.reports import Read, a_squat_session, squatted, wrong
from builders.systems import has_full_device, has_no_screen, mode_of
from builders.videos import cut

from livecoach.core.errors import ConfigError, OutputError
from livecoach.records.session import layout


def test_a_recorded_film_becomes_a_page_with_pictures_and_clips(tmp_path):
    clip = cut(CLIPS / "squat_2.mp4", tmp_path / "squat.mp4", 0.0, 4.2, every=2)
    run_well("replay", clip, "--exercise", "squat", "--fast", "--record", home=tmp_path)
    outcome = run_well("report", "--blur-faces", home=tmp_path)
    assert outcome.stderr == ""
    path = tmp_path / outcome.stdout.strip()
    assert path.name.endswith("-squat.html")
    assert mode_of(path) == 0o600
    found = Read(path.read_text(encoding="utf-8"))
    assert "1 rep · 1 set" in found.words
    assert any(uri.startswith("data:image/jpeg") for uri in found.having("href"))
    assert any(uri.startswith("data:video/mp4") for uri in found.having("src"))


def test_a_report_is_replaced_by_a_newer_report(sessions, tmp_path):
    folder = a_squat_session(sessions, [squatted(1)])
    path = tmp_path / f"{folder.name}.html"
    run_well("report", home=tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[:-20])
    path.chmod(0o644)
    run_well("report", home=tmp_path)
    assert path.read_bytes() == content
    assert mode_of(path) == 0o600


@has_no_screen
def test_without_a_browser_the_path_of_the_report_is_printed(sessions, tmp_path):
    folder = a_squat_session(sessions, [squatted(1)])
    outcome = run("report", "--open", home=tmp_path)
    assert (outcome.returncode, outcome.stdout) == (0, f"{folder.name}.html\n")
    assert outcome.stderr == "livecoach: no browser here; open this file in one\n"


@pytest.mark.parametrize("named", [True, False])
def test_a_file_that_is_no_report_is_not_replaced_by_one(sessions, tmp_path, named):
    folder = a_squat_session(sessions, [squatted(1)])
    path = tmp_path / f"{folder.name}.html"
    path.write_text("<p>my notes")
    outcome = run("report", *(("--out", path) if named else ()), home=tmp_path)
    assert outcome.returncode == OutputError.exit_code
    assert outcome.stderr.endswith("exists and is not a report. Choose another place with --out.\n")
    assert outcome.stderr.count("\n") == 1
    assert path.read_text() == "<p>my notes"


def test_a_film_that_is_not_there_is_no_missing_session(tmp_path):
    refused(run("report", "nothing.mp4", home=tmp_path), "nothing.mp4: no such file. Check the path.", 4)


def test_a_place_where_no_report_can_be_written_is_reported(sessions, tmp_path):
    a_squat_session(sessions, [squatted(1)])
    for out in (Path("missing/a.html"), "data"):
        outcome = run("report", "--out", out, home=tmp_path)
        assert outcome.returncode == OutputError.exit_code
        assert f"{out}: can't be written" in outcome.stderr
        assert outcome.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@has_full_device
def test_a_full_disk_is_reported(sessions, tmp_path):
    a_squat_session(sessions, [squatted(1)])
    full = run("report", "--out", "/dev/full", home=tmp_path)
    assert (full.returncode, full.stderr.count("\n")) == (OutputError.exit_code, 1)
    assert "No space left" in full.stderr


def test_a_session_of_an_exercise_that_is_not_installed_is_reported(sessions, tmp_path):
    folder = a_squat_session(sessions, [squatted(1, exercise="handstand")])
    about = json.loads((folder / layout.DOCUMENT).read_text())
    (folder / layout.DOCUMENT).write_text(json.dumps(about | {"exercise": "handstand"}))
    outcome = run("report", home=tmp_path)
    assert (outcome.returncode, outcome.stderr.count("\n")) == (ConfigError.exit_code, 1)
    assert f"session {folder.name}: exercise 'handstand': unknown" in outcome.stderr
    assert not list(tmp_path.glob("*.html"))


def test_a_damaged_session_is_reported_as_far_as_it_goes(sessions, tmp_path):
    folder = a_squat_session(sessions, [squatted(1), wrong(2)], video=True)
    observations = folder / layout.OBSERVATIONS
    observations.write_bytes(observations.read_bytes()[:-9000])
    (folder / layout.VIDEO).write_bytes((folder / layout.VIDEO).read_bytes()[:1000])
    (folder / layout.CUES).unlink()
    (folder / layout.EVENTS).write_bytes(b"\x00\xff\n{}\n")
    outcome = run_well("report", home=tmp_path)
    assert "events.jsonl: 2 damaged lines left out" in outcome.stderr
    found = Read((tmp_path / f"{folder.name}.html").read_text(encoding="utf-8"))
    assert "events.jsonl: 2 damaged lines left out" in found.words
    assert "Set 1, rep 2" in found.words
