"""Profiles, as a user has them: what a film teaches is known by the profile that is named, until it is forgotten."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from builders.command import run, write_settings

from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_set import write_observations
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set

MONDAY, TUESDAY = "monday.obs", "tuesday.obs"


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> Path:
    """A folder with two sets of one lifter, four good deadlifts each."""
    folder = tmp_path_factory.mktemp("sets")
    for name, items, seed in ((MONDAY, "good*4", 2), (TUESDAY, "good*4", 6)):
        tokens = parse_tokens(items, "deadlift")
        lifter = {"exercise": "deadlift", "lifter": 1, "body": "m05", "graded": False}
        wanted = SetRequest(**lifter, view_deg=60.0, fps=15.0, lost=0.0, tokens=tokens)
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


def known(home: Path) -> str:
    """The lines about each profile and exercise of which something is known."""
    listed = livecoach("config", "profiles", home=home)[0].splitlines(keepends=True)
    return "".join(line for line in listed if " reps, the last on " in line)


def analyzed(*arguments: object, home: Path) -> dict[str, Any]:
    return json.loads(livecoach("analyze", *arguments, "--json", "-", home=home)[0])


def test_a_file_teaches_nobody_unless_a_profile_is_named(tmp_path, sets):
    """Whoever lifts live here: the file may show somebody else."""
    write_settings(tmp_path, "profile: ben\n")
    told = events(sets / MONDAY, "--record", home=tmp_path)
    assert json.loads(told.splitlines()[0])["profile"] is None
    assert analyzed(sets / MONDAY, home=tmp_path)["profile"] is None
    assert known(tmp_path) == ""


def test_reps_learned_from_a_file_do_not_judge_that_file(tmp_path, sets):
    """Run again, the recording gives the same events, to the byte, though it was learned from meanwhile, and it is
    known once. A later day's recording is judged by it, and an earlier day's is not."""
    as_me = ("--profile", "me")
    told = events(sets / MONDAY, *as_me, "--record", home=tmp_path)
    assert json.loads(told.splitlines()[0])["profile"] == "me"
    before = known(tmp_path)
    assert before.startswith("me: deadlift, 4 reps, the last on ")
    assert events(sets / MONDAY, *as_me, "--record", home=tmp_path) == told
    assert known(tmp_path) == before
    for day, reference in ((), "own"), (("--day", "2020-01-07"), "none"):
        of_tuesday = analyzed(sets / TUESDAY, *as_me, "--no-learn", *day, home=tmp_path)
        assert {rep["reference"] for rep in of_tuesday["reps"]} == {reference}


def test_with_no_learn_a_profile_learns_nothing(tmp_path, sets):
    told = events(sets / MONDAY, "--profile", "me", "--no-learn", "--record", home=tmp_path)
    assert json.loads(told.splitlines()[-1])["reps"] == 4
    analyzed(sets / MONDAY, "--profile", "me", "--no-learn", home=tmp_path)
    assert known(tmp_path) == ""


def test_any_number_of_jobs_makes_the_same_profile(tmp_path, sets):
    documents = []
    for jobs in (1, 2):
        home = tmp_path / str(jobs)
        home.mkdir()
        arguments = (sets / MONDAY, sets / TUESDAY, "--profile", "anna", "--jobs", jobs)
        told = analyzed(*arguments, home=home)
        apart = {"timing": None, "session": None}  # A session is named by the time at which it began
        documents.append(([{**result, **apart} for result in told["results"]], known(home)))
    assert documents[0] == documents[1]


def test_profiles_are_listed_and_forgotten(tmp_path, sets):
    assert livecoach("config", "profiles", home=tmp_path)[0] == "no profiles yet: `livecoach live` makes one.\n"
    analyzed(sets / MONDAY, "--profile", "anna", home=tmp_path)
    shutil.rmtree(tmp_path / "data" / "profiles")  # As after the import of her session on another computer
    listed, _ = livecoach("config", "profiles", home=tmp_path)
    assert listed == livecoach("config", "profiles", "list", home=tmp_path)[0]
    assert listed.startswith("anna: deadlift, 4 reps, the last on ")
    for words, said in (
        (("forget", "anna"), "nothing was deleted. Not a terminal: pass --yes."),
        (("forget", "ana"), "profile ana: does not exist. Did you mean 'anna'?"),
        (("forget", "anna", "--exercise", "squat"), "profile anna: no reps of 'squat'. It has: deadlift."),
    ):
        assert livecoach("config", "profiles", *words, home=tmp_path, status=3)[1].endswith(f"{said}\n")
    assert known(tmp_path) == listed
    told, _ = livecoach("config", "profiles", "forget", "anna", "--yes", home=tmp_path)
    assert told == "profile anna: 4 reps forgotten\n"
    assert known(tmp_path) == ""


def test_a_command_reports_a_damaged_file_of_a_profile_once(tmp_path, sets):
    analyzed(sets / MONDAY, "--profile", "anna", home=tmp_path)
    damaged = tmp_path / "data" / "profiles" / "anna" / "forgotten.json"
    for words in (
        ("sessions", "correct", "last:1", "good"),
        ("config", "profiles", "forget", "anna", "last:1/1"),
        ("sessions", "delete", "last", "--keep-reps", "--yes"),
        ("config", "profiles", "forget", "anna", "--yes"),
    ):
        damaged.write_text("{")
        assert run(*words, home=tmp_path).stderr.count("so nothing counts as forgotten") == 1


def test_a_profile_that_can_not_be_written_costs_no_set(tmp_path, sets):
    place = tmp_path / "data" / "profiles"
    place.mkdir(parents=True)
    (place / "me").symlink_to(tmp_path / "nowhere")
    told, said = livecoach("replay", sets / MONDAY, "--fast", "--profile", "me", "--record", home=tmp_path)
    assert "4 reps" in told
    assert f"profile me: {place / 'me'}: can't be changed" in said
