"""Profiles, as a user has them: what is learned is kept, judges the next time, and is forgotten on request."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders.command import run

from livecoach.lab.synth.motion.tokens import parse
from livecoach.lab.synth.sets import SetRequest, random_set
from livecoach.lab.synth.synthetic_set import write_observations

MONDAY, TUESDAY = "monday.obs", "tuesday.obs"


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> Path:
    """A folder with two sets of one lifter, four good deadlifts each."""
    folder = tmp_path_factory.mktemp("sets")
    for name, items, seed in ((MONDAY, "good*4", 2), (TUESDAY, "good*4", 6)):
        tokens = parse(items, "deadlift")
        wanted = SetRequest(exercise="deadlift", lifter=1, body="m05", view_deg=60.0, tokens=tokens)
        write_observations(random_set(seed, wanted), folder / name, {})
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


def test_replay_of_a_file_keeps_nothing_unless_a_profile_is_named(tmp_path, sets):
    """Whoever lifts live here: the file may show somebody else."""
    settings = tmp_path / "config" / "livecoach" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("profile: ben\n")
    told = events(sets / MONDAY, home=tmp_path)
    assert json.loads(told.splitlines()[0])["profile"] is None
    assert kept(tmp_path) == []


def test_what_is_learned_in_a_replay_is_kept_and_does_not_judge_it(learned, sets):
    """Under the profile that is named; the first event names it. Run again, the recording gives the same events, to the
    byte, though it was learned from meanwhile; and nothing is kept twice."""
    home, told = learned
    assert json.loads(told.splitlines()[0])["profile"] == "me"
    before = kept(home)
    assert len(before) >= 3
    assert {path.parent.relative_to(path.parents[2]) for path in before} == {Path("me/deadlift")}
    assert events(sets / MONDAY, "--profile", "me", home=home) == told
    assert kept(home) == before


def test_nothing_is_kept_that_is_not_to_be_learned(tmp_path, sets):
    told = events(sets / MONDAY, "--profile", "me", "--no-learn", home=tmp_path)
    assert json.loads(told.splitlines()[-1])["reps"] == 4
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
    documents, learned = [], []
    for jobs in (1, 2):
        home = tmp_path / str(jobs)
        home.mkdir()
        arguments = (sets / MONDAY, sets / TUESDAY, "--profile", "anna", "--jobs", jobs)
        told = analyzed(*arguments, home=home)
        documents.append([{**result, "timing": None} for result in told["results"]])
        learned.append([path.read_bytes()[8:].partition(b"kept_utc")[0] for path in kept(home)])
    assert documents[0] == documents[1]
    assert learned[0] == learned[1]


def test_what_was_learned_from_a_film_judges_the_next(learned, sets):
    home, _ = learned
    assert references(analyzed(sets / TUESDAY, "--profile", "me", "--no-learn", home=home)) == {"own"}


def test_profiles_are_listed_and_forgotten(tmp_path, sets):
    """A line an exercise; it asks before it forgets, and where nobody can answer it does nothing."""
    assert livecoach("config", "profiles", home=tmp_path)[0] == "no profiles yet: `livecoach live` makes one.\n"
    events(sets / MONDAY, "--profile", "anna", home=tmp_path)
    count = len(kept(tmp_path))
    listed, _ = livecoach("config", "profiles", home=tmp_path)
    assert listed == livecoach("config", "profiles", "list", home=tmp_path)[0]
    assert listed.startswith(f"anna: deadlift, {count} reps, the last on 20")
    for words, said in (
        (("forget", "anna"), "nothing was deleted. Not a terminal: pass --yes."),
        (("forget", "ana"), "profile ana: does not exist. Did you mean 'anna'?"),
        (("forget", "anna:squat"), "profile anna: no reps of 'squat'. It has: deadlift."),
        (("forget", "anna:deadlift/1"), "`livecoach sessions correct` removes a single rep."),
        (("forget", "anna:deadlift", "--exercise", "squat"), "--exercise squat. Leave one out."),
    ):
        assert livecoach("config", "profiles", *words, home=tmp_path, status=3)[1].endswith(f"{said}\n")
    assert len(kept(tmp_path)) == count
    told, _ = livecoach("config", "profiles", "forget", "anna", "--yes", home=tmp_path)
    assert told == f"profile anna: {count} reps deleted\n"
    assert kept(tmp_path) == []


def test_a_profile_that_can_not_be_written_costs_no_set(tmp_path, sets):
    """It is said in one line, and the run ends well."""
    place = tmp_path / "share" / "livecoach" / "profiles"
    place.mkdir(parents=True)
    (place / "me").symlink_to(tmp_path / "nowhere")
    told, said = livecoach("replay", sets / MONDAY, "--fast", "--profile", "me", home=tmp_path)
    assert "4 reps" in told
    new, line = said.splitlines()
    assert new == "livecoach: profile me: new"
    assert line.startswith("livecoach: profile me: not updated: ")
