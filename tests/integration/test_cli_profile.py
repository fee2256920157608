"""Profiles, as a user has them: what is learned is kept, judges the next time, and is forgotten on request."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders.command import run

from livecoach.synth.motion.tokens import parse
from livecoach.synth.sets import SetRequest, random_set
from livecoach.synth.truth_file import write_set

MONDAY, TUESDAY = "monday.obs", "tuesday.obs"


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> Path:
    """A folder with two sets of one lifter, six good deadlifts each, and a single."""
    folder = tmp_path_factory.mktemp("sets")
    for name, items, seed in ((MONDAY, "good*6", 2), (TUESDAY, "good*6", 6), ("single.obs", "good", 3)):
        tokens = parse(items, "deadlift")
        wanted = SetRequest(exercise="deadlift", lifter=1, body="m05", view_deg=60.0, tokens=tokens)
        write_set(random_set(seed, wanted), folder / name, {})
    return folder


def livecoach(command: str, *arguments: object, home: Path, status: int = 0) -> tuple[str, str]:
    """What it wrote on standard output and standard error. Sets are of deadlifts."""
    exercise = () if "profiles" in arguments else ("--exercise", "deadlift")
    outcome = run(command, *exercise, *arguments, home=home)
    assert outcome.returncode == status, outcome.stderr
    return outcome.stdout, outcome.stderr


def events(recording: Path, *arguments: object, home: Path) -> str:
    return livecoach("replay", recording, "--fast", "--events", "-", *arguments, home=home)[0]


def kept(home: Path) -> list[Path]:
    return sorted((home / "share" / "livecoach" / "profiles").glob("*/[a-z]*/*.rep"))


def analyzed(*arguments: object, home: Path) -> dict[str, Any]:
    return json.loads(livecoach("analyze", *arguments, "--json", "-", home=home)[0])


def references(document: dict[str, Any]) -> set[str]:
    return {rep["reference"] for rep in document["reps"]}


@pytest.fixture(scope="module")
def learned(tmp_path_factory, sets) -> tuple[Path, str]:
    """A home in which Monday's set was replayed, and its events."""
    home = tmp_path_factory.mktemp("home")
    return home, events(sets / MONDAY, "--profile", "me", home=home)


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory, sets) -> tuple[Path, str, str]:
    """A home in which a profile was calibrated from both sets, and what was said."""
    home = tmp_path_factory.mktemp("home")
    arguments = (f"{sets / MONDAY}:1/1-3", f"{sets / TUESDAY}:1/2-4", "--profile", "anna")
    return home, *livecoach("lab", "calibrate", *arguments, home=home)


def test_replay_of_a_file_keeps_nothing_unless_a_profile_is_named(tmp_path, sets):
    """Whoever lifts live here: the file may show somebody else."""
    settings = tmp_path / "config" / "livecoach" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("profile: ben\n")
    told = events(sets / MONDAY, home=tmp_path)
    assert json.loads(told.splitlines()[0])["profile"] is None
    assert kept(tmp_path) == []


def test_what_is_learned_in_a_replay_is_kept(learned):
    """Under the profile that is named; the first event names it."""
    home, told = learned
    assert json.loads(told.splitlines()[0])["profile"] == "me"
    assert len(kept(home)) >= 3
    assert {path.parent.name for path in kept(home)} == {"deadlift"}
    assert {path.parent.parent.name for path in kept(home)} == {"me"}


def test_the_same_recording_and_profile_give_the_same_events(learned, sets):
    """To the byte, though it was learned from meanwhile; and nothing is kept twice."""
    home, told = learned
    before = len(kept(home))
    assert events(sets / MONDAY, "--profile", "me", home=home) == told
    assert len(kept(home)) == before


def test_nothing_is_kept_that_is_not_to_be_learned(tmp_path, sets):
    """--no-learn leaves no trace."""
    told = events(sets / MONDAY, "--profile", "me", "--no-learn", home=tmp_path)
    assert json.loads(told.splitlines()[-1])["reps"] == 6
    assert kept(tmp_path) == []


def test_analyze_keeps_nothing_unless_a_profile_is_named(tmp_path, sets):
    """Then the document names it, and what is new about it is said."""
    assert analyzed(sets / MONDAY, home=tmp_path)["profile"] is None
    assert kept(tmp_path) == []
    told, said = livecoach("analyze", sets / MONDAY, "--profile", "anna", "--json", "-", home=tmp_path)
    assert json.loads(told)["profile"] == "anna"
    assert said == "livecoach: profile anna: new\n"
    assert len(kept(tmp_path)) >= 3


def test_jobs_change_nothing_about_a_profile(tmp_path, sets):
    """Each recording is judged by what was kept beforehand; all that was learned is kept afterwards."""
    documents, names = [], []
    for jobs in (1, 2):
        home = tmp_path / str(jobs)
        home.mkdir()
        arguments = (sets / MONDAY, sets / TUESDAY, "--profile", "anna", "--jobs", jobs)
        told = analyzed(*arguments, home=home)
        documents.append([{**result, "timing": None} for result in told["results"]])
        shown, _ = livecoach("config", "profiles", "show", "anna", home=home)
        names.append(shown)
    assert documents[0] == documents[1]
    assert names[0] == names[1]


def test_calibration_says_what_became_of_each_rep(calibrated):
    """A row each, by the names in its source; then what the profile has now."""
    _, told, said = calibrated
    *rows, last = told.splitlines()
    assert [row.split()[:2] for row in rows[1:]] == [
        *[[MONDAY, f"1/{number}"] for number in (1, 2, 3)],
        *[[TUESDAY, f"1/{number}"] for number in (2, 3, 4)],
    ]
    count = sum(row.rstrip().endswith("used") for row in rows[1:])
    assert (
        last == f"profile anna, deadlift: {count} reps stored. `livecoach config profiles undo anna` takes that back."
    )
    assert said == "livecoach: profile anna: new\n"


def test_calibrated_reps_judge(calibrated, sets):
    """From the first rep on."""
    home, *_ = calibrated
    assert references(analyzed(sets / TUESDAY, "--profile", "anna", "--no-learn", home=home)) == {"own"}


def test_calibration_again_replaces_the_view_and_can_be_undone(tmp_path, sets):
    """Only where that is agreed to; the reps that were replaced come back, and then there is nothing more to undo."""
    calibrate = ("lab", "calibrate", f"{sets / MONDAY}:1", "--profile", "anna")
    livecoach(*calibrate, home=tmp_path)
    before = kept(tmp_path)
    _, refused = livecoach(*calibrate, home=tmp_path, status=3)
    assert f"profile anna, deadlift: this replaces {len(before)} reps of the same view" in refused
    assert refused.endswith("nothing changed. Not a terminal: pass --yes to store these reps.\n")
    assert kept(tmp_path) == before
    told, _ = livecoach(*calibrate, "--yes", home=tmp_path)
    assert f"{len(before)} reps stored; they replace {len(before)} of the same view" in told
    assert not set(before) & set(kept(tmp_path))
    back, _ = livecoach("config", "profiles", "undo", "anna", home=tmp_path)
    assert back.endswith(f"undone: {len(before)} reps back, {len(before)} reps removed\n")
    assert kept(tmp_path) == before
    livecoach("config", "profiles", "undo", "anna", home=tmp_path)
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("single.obs",), 3, "1 rep: a calibration needs 3 to 20 good reps. Add more."),
        ((f"{MONDAY}:1/1-2",), 3, "2 reps: a calibration needs 3 to 20 good reps. Add more."),
        ((f"{MONDAY}:1/1-7",), 4, "there is no rep 1/7; the last rep is 1/6."),
        ((f"{MONDAY}:1/3-1",), 3, "1/3-1 runs backwards. Write 1/1-3."),
        ((f"{MONDAY}:1-3",), 3, "'1-3' doesn't say which set. Write 1/1-5 for reps 1 to 5 of set 1."),
        ((MONDAY, "--profile", "../me"), 3, "got '../me'."),
        (("nowhere.obs:1",), 4, "nowhere.obs:1: no such file. Check the path."),
    ],
)
def test_calibration_that_can_not_be_done(tmp_path, sets, arguments, status, said):
    """It is said in a line what to do, and nothing is changed."""
    given = [sets / name if ".obs" in name else name for name in arguments]
    _, told = livecoach("lab", "calibrate", *given, home=tmp_path, status=status)
    assert told.rstrip().endswith(said)
    assert kept(tmp_path) == []


def test_profiles_are_listed_shown_and_forgotten(calibrated):
    """A line a view, a line a rep; it asks before it forgets, and where nobody can answer it does nothing."""
    home, *_ = calibrated
    count = len(kept(home))
    listed, _ = livecoach("config", "profiles", home=home)
    assert listed == livecoach("config", "profiles", "list", home=home)[0]
    assert [row.split()[:2] for row in listed.splitlines()[1:]] == [["anna", "deadlift"]]
    shown, _ = livecoach("config", "profiles", "show", "anna", home=home)
    rows = [row.split() for row in shown.splitlines()[2:]]
    assert [row[0] for row in rows] == [str(number) for number in range(count, 0, -1)]
    assert {row[1].rpartition(":")[0] for row in rows} == {MONDAY, TUESDAY}
    assert shown.count("calibrated") == count
    told, _ = livecoach("config", "profiles", "forget", "anna:deadlift/1", "--yes", home=home)
    assert told.startswith(f"profile anna, deadlift/1 ({rows[-1][1]}): removed.")
    shown_without, _ = livecoach("config", "profiles", "show", "anna", home=home)
    assert f"{MONDAY}:1/1 " not in shown_without
    assert "1 rep back" in livecoach("config", "profiles", "undo", "anna", home=home)[0]
    assert livecoach("config", "profiles", "show", "anna", home=home)[0] == shown
    _, refused = livecoach("config", "profiles", "forget", "anna", home=home, status=3)
    assert refused == "livecoach: profile anna: nothing was deleted. Not a terminal: pass --yes.\n"
    _, unknown = livecoach("config", "profiles", "show", "ana", home=home, status=3)
    assert unknown == "livecoach: profile ana: does not exist. Did you mean 'anna'?\n"
    told, _ = livecoach("config", "profiles", "forget", "anna", "--yes", home=home)
    assert told == f"profile anna: {count} reps deleted\n"
    assert kept(home) == []


def test_a_damaged_rep_is_left_out(learned, sets, tmp_path):
    """One line names the file; the set goes on without it."""
    home, _ = learned
    target = tmp_path / "share" / "livecoach"
    for path in kept(home):
        copy = target / path.relative_to(home / "share" / "livecoach")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    damaged = kept(tmp_path)[0]
    damaged.write_bytes(damaged.read_bytes()[:-9])
    _, said = livecoach("analyze", sets / TUESDAY, "--profile", "me", "--no-learn", home=tmp_path)
    (line,) = said.splitlines()
    assert line.startswith(f"livecoach: {damaged}: truncated")
    assert line.endswith("The rep is left out; delete the file.")


def test_a_profile_that_can_not_be_written_costs_no_set(tmp_path, sets):
    """It is said in one line, and the run ends well."""
    place = tmp_path / "share" / "livecoach" / "profiles"
    place.mkdir(parents=True)
    (place / "me").symlink_to(tmp_path / "nowhere")
    told, said = livecoach("replay", sets / MONDAY, "--fast", "--profile", "me", home=tmp_path)
    assert "6 reps" in told
    new, line = said.splitlines()
    assert new == "livecoach: profile me: new"
    assert line.startswith("livecoach: profile me: not updated: ")
