"""`livecoach sessions` correct, sets, clip and log: what somebody says of reps and sets, from the command line to
reports, history and profile, and what is handed on to others."""

import json
import re
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import jsonschema
import pytest
from builders.command import DEMO_OBSERVATIONS, run, run_well, schema_of, write_settings
from builders.reports import Read, a_squat_session, an_evening, squatted, wrong
from builders.sessions import a_session, at, contents, sessions_of
from builders.systems import mode_of

from livecoach.core.documents import SetLogEvent
from livecoach.records.session import layout

SIX = [(1, squatted), (2, squatted), (3, wrong), (4, squatted), (5, squatted), (6, squatted)]


def correct(home: Path, *arguments: str, status: int = 0) -> str:
    outcome = run("sessions", "correct", *arguments, home=home)
    assert outcome.returncode == status, outcome.stderr
    (line,) = (outcome.stdout + outcome.stderr).splitlines()[-1:]
    assert "Traceback" not in outcome.stderr
    return line


def test_a_correction_counts_in_report_history_analyze_and_show(sessions, tmp_path):
    folder = a_squat_session(sessions, [squatted(1), wrong(2), squatted(3)], profile=None)
    line = correct(tmp_path, "last:1/2", "good")
    assert line == f"{folder.name}: Set 1: 1 rep is good. livecoach judged: 1 to check."
    correct(tmp_path, "last:1/3", "no-rep")
    shown = json.loads(run("sessions", "show", "last", "--json", "-", home=tmp_path).stdout)
    jsonschema.Draft202012Validator(schema_of("session")).validate(shown)
    assert [(one["rep"]["verdict"], one["rep"]["correction"]) for one in shown["reps"]] == [
        ("good", None),
        ("anomalous", {"label": "good", "fault": None, "teaches": True}),
        ("good", {"label": "no-rep", "fault": None, "teaches": True}),
    ]
    assert "2 reps: 2 good (2 corrected by you)" in run("sessions", "show", "last", home=tmp_path).stdout
    past = json.loads(run("history", "--json", "-", home=tmp_path).stdout)["courses"][0]["counts"]
    assert (past["reps"], past["good"], past["corrected"], past["judged"]["good"]) == (2, 2, 2, 2)
    run_well("report", "last", "--out", "a.html", home=tmp_path)
    assert "you said: good" in Read((tmp_path / "a.html").read_text(encoding="utf-8")).words
    run_well("sessions", "export", "last", "--out", "a.zip", home=tmp_path)
    assert b",no-rep," in ZipFile(tmp_path / "a.zip").read("tables/reps.csv")
    analysed = json.loads(run("analyze", "last", "--json", "-", home=tmp_path).stdout)
    jsonschema.Draft202012Validator(schema_of("analysis")).validate(analysed)
    assert [rep["correction"] and rep["correction"]["label"] for rep in analysed["reps"]] == [None, "good", "no-rep"]


def test_reps_are_corrected_together_with_one_line_for_all(sessions, tmp_path):
    reps = [replace(make(n), set=1 + n // 5, number=1 + n % 5 if n > 4 else n) for n, make in SIX]
    name = a_squat_session(sessions, reps, profile=None).name
    for words, line in (
        ("last:1/2-4 bad", "Set 1: 3 reps are bad. livecoach judged: 2 good, 1 to check."),
        ("last:1 good", "Set 1: 1 rep is good. livecoach judged: 1 good. 3 reps keep their own corrections."),
        ("last:1 undo", "Set 1: undone for 1 rep. Now: 1 good."),
        ("last:1/2-4 undo", "Set 1: undone for 3 reps. Now: 2 good, 1 to check."),
        ("last undo", "No correction to undo"),
        ("last:1/1 no-rep", "Set 1: 1 rep does not count. livecoach judged: 1 good."),
        ("last:1/1 bad", "Set 1: 1 rep is bad. livecoach judged: 1 good."),
        ("last:1/1 undo", "Set 1: undone for 1 rep. Now: 1 rep does not count."),
        ("last:1/3 good", "Set 1: 1 rep is good. livecoach judged: 1 to check."),
        ("last good", f"{name}: 5 reps are good. livecoach judged: 4 good, 1 to check."),
        ("last undo", f"{name}: Undone for 5 reps. Now: 5 good."),
        ("last:1/1-2,2/1 bad leant forward", f"{name}: 3 reps are bad."),
        ("last:2 no-rep", f"{name}: Set 2: 2 reps do not count. livecoach judged: 2 good."),
        ("last:2 good", "none of these reps counts. Name them, as in last:1/1-3."),
    ):
        reps_named, label, *fault = words.split(" ", 2)
        said = correct(tmp_path, reps_named, label, *fault, status=4 if "none of" in line else 0)
        assert line in said, words


def test_reps_of_several_lifters_are_corrected_for_a_single_lifter(sessions, tmp_path):
    name = an_evening(sessions).name
    assert f"ada, ben have sets in it. Write {name}@ada to say whose." in correct(tmp_path, "last", "good", status=4)
    assert correct(tmp_path, "last@ada", "good").startswith(f"{name}: 3 reps are good. ")
    assert correct(tmp_path, "last:1@ben", "bad").startswith(f"{name}: Set 1: 2 reps are bad. ")


def test_a_profile_knows_sets_by_the_number_that_its_lifter_counts(sessions, tmp_path):
    """Which `forget` takes, without saying whose once more. Ada's second set is the third of the session."""
    name = an_evening(sessions).name
    correct(tmp_path, "last@ada", "good")
    shown = run("config", "profiles", "show", "ada", home=tmp_path).stdout
    assert re.findall(rf"{name}:(\d), reps (\S+)", shown) == [("1", "1-2"), ("2", "1")]
    done = run("config", "profiles", "forget", "ada", "last:2", home=tmp_path)
    assert done.stdout == "profile ada: 1 rep of last:2 forgotten\n"


def test_a_fault_is_named_for_reps_of_exercises_that_all_have_it(sessions, tmp_path):
    an_evening(sessions, exercises=("squat", "bench_press"))
    assert "not a fault of the squat" in correct(tmp_path, "last@ada", "bad", "hitch", status=3)
    assert "the bench press has no faults with a name" in correct(tmp_path, "last@ben", "bad", "knee_cave", status=3)
    assert "3 reps are bad." in correct(tmp_path, "last@ada", "bad", "knee_cave")


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        ("correct last:1/9 good", 4, "there is no rep 1/9; the last rep is 1/2"),
        ("correct last:1/1 bad knee_crave", 3, "not a fault of the squat. Did you mean 'knee_cave'?"),
        ("correct last:1/1 good knee_cave", 2, "only a bad rep has a fault"),
        ("correct last@ben good", 4, "ben has no set"),
        ("sets last --load 100", 2, "which set? Write last:1"),
        ("sets last:1/2 --load 100", 2, "names reps. Write last:1 for the whole set"),
        ("sets last:1 --rpe 12", 2, "is not an RPE. Write 1 to 10"),
        ("sets last:1 --note two\nlines", 2, "a note is one line"),
        ("clip last:2", 4, "one rep is wanted. Write"),
        ("clip last:1/2 --out rep.avi", 3, "not the name of an MP4 file"),
        ("log", 2, "Error: Give --format strong|csv and --out FILE."),
    ],
)
def test_an_impossible_correction_is_reported_in_a_line_and_changes_nothing(sessions, tmp_path, words, status, why):
    folder = a_session(sessions, reps=2, profile=None)
    before = contents(folder)
    outcome = run("sessions", *words.split(" "), home=tmp_path)
    assert (outcome.returncode, outcome.stdout) == (status, "")
    assert why in " ".join(outcome.stderr.split())
    assert "Traceback" not in outcome.stderr
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_profile_forgets_a_rep_called_bad_at_once_and_knows_it_again_after_undo(tmp_path):
    home = tmp_path
    recorded = run(
        "replay", DEMO_OBSERVATIONS, "--fast", "--record", "--exercise", "deadlift", "--profile", "anna", home=home
    )
    assert recorded.returncode == 0, recorded.stderr

    known = {}
    for word in ("none", "bad", "undo"):
        if word != "none":
            correct(home, "last:1/2", word)
        known[word] = run("config", "profiles", "show", "anna", home=home).stdout
    assert ":1, reps 1-3, 5 (" in known["none"] == known["undo"]
    assert ":1, reps 1, 3, 5 (" in known["bad"]
    replayed = run("replay", "last", "--fast", home=home)
    assert "identical to the live session, byte for byte: 5 reps" in replayed.stdout + replayed.stderr


# Load, RPE and notes of sets


def test_load_rpe_and_note_of_a_set_are_logged_and_listed(sessions, tmp_path):
    folder = a_session(sessions, reps=3)
    assert run("sessions", "sets", "last:1", "--load", "220lb", home=tmp_path).stdout == f"{folder.name}:1: 99.8 kg\n"
    outcome = run("sessions", "sets", "last:1", "--rpe", "8", "--note", "felt heavy", home=tmp_path)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout == f"{folder.name}:1: 99.8 kg · RPE 8 · “felt heavy”\n"
    last = json.loads((folder / layout.SETS).read_text().splitlines()[-1])
    assert (last["set"], last["load_kg"], last["rpe"], last["note"]) == (1, 99.7903, 8.0, "felt heavy")
    listed = run("sessions", "sets", home=tmp_path).stdout.splitlines()
    assert listed == [f"{folder.name}:1: squat, 3 reps, 99.8 kg · RPE 8 · “felt heavy”"]


def test_a_logged_load_can_be_undone_and_is_in_the_units_of_the_settings(sessions, tmp_path):
    a_session(sessions, events=[SetLogEvent(t_s=2.0, set=1, load_kg=100.0)])
    assert "nothing logged" in run("sessions", "sets", "last:1", "--load", "none", home=tmp_path).stdout
    assert "nothing to change" in run("sessions", "sets", "last:1", "--load", "none", home=tmp_path).stdout
    run_well("config", "set", "units", "imperial", home=tmp_path)
    assert run("sessions", "sets", "last:1", "--load", "225", home=tmp_path).stdout.endswith(":1: 225 lb\n")


# What is handed on to others


@pytest.fixture
def two_lifters(tmp_path) -> Path:
    """A home with a session of a good squat and a wrong one, and an older one of Jörg's."""
    sessions = sessions_of(tmp_path)
    a_session(sessions, started=at(2026, 3, 1), reps=2, profile="Jörg")
    a_squat_session(sessions, [squatted(1), wrong(2)], started=at(2026, 3, 2), profile="anna")
    return tmp_path


def test_a_clip_is_written_and_its_path_printed(two_lifters):
    outcome = run_well("sessions", "clip", "last:1/2", "--speed", "1", home=two_lifters)
    assert outcome.stdout == "2026-03-02_18-30-00-squat-1-2.mp4\n"
    assert "drawn figures: the session has no video" in outcome.stderr
    assert mode_of(two_lifters / "2026-03-02_18-30-00-squat-1-2.mp4") == 0o600


def test_logs_of_all_sessions_or_of_one_lifter_are_written(two_lifters):
    mixed = run("sessions", "log", "--format", "strong", "--out", "all.csv", home=two_lifters)
    assert mixed.returncode == 3
    assert "the sets are of several lifters. Give --profile with one of these: Jörg, anna." in mixed.stderr
    assert not (two_lifters / "all.csv").exists()
    outcome = run("sessions", "log", "--format", "csv", "--out", "all.csv", home=two_lifters)
    assert outcome.stdout == "all.csv: 2 sets of 2 sessions\n"
    assert mode_of(two_lifters / "all.csv") == 0o600
    told = run("sessions", "log", "--format", "strong", "--profile", "anna", "--out", "-", home=two_lifters).stdout
    assert told.count("2026-03-02_18-30-00-squat") == len(told.splitlines()) - 1 == 1
    nobody = run("sessions", "log", "--format", "csv", "--profile", "tom", "--out", "-", home=two_lifters)
    assert "no set of tom to write" in nobody.stderr


def test_a_set_is_moved_to_its_lifter_and_a_profile_gets_another_name(sessions, tmp_path):
    folder = an_evening(sessions)

    def output_of(*words: str, status: int = 0) -> str:
        outcome = run(*words, home=tmp_path)
        assert outcome.returncode == status, outcome.stderr
        return outcome.stdout + outcome.stderr

    assert ":1@ben: squat, 2 reps" in output_of("sessions", "sets", "last")
    assert ":1@ben: squat, 2 reps" in output_of("sessions", "sets", "last:1@ben")
    assert "ada, ben each have a set 1. Write" in output_of("sessions", "sets", "last:1", "--rpe", "8", status=4)
    moved = output_of("sessions", "sets", "last:2", "--profile", "ben", "--rpe", "8")
    assert f"{folder.name}:2@ada: ben's now; it was ada's\n{folder.name}:2@ada: RPE 8\n" in moved
    assert output_of("sessions", "sets", "last:2", "--profile", "ben").startswith(
        f"{folder.name}:2@ben: is ben's already"
    )
    assert "there is no set 7" in output_of("sessions", "sets", "last:7", "--profile", "ben", status=4)
    assert "expected a name of up to 40" in output_of("sessions", "sets", "last:1@ada", "--profile", "a/b", status=3)
    output_of("config", "set", "profile", "ben")
    renamed = output_of("config", "profiles", "rename", "ben", "Benjamin")
    assert renamed == "profile ben: is Benjamin now, with 2 sets in 1 session\n"
    assert output_of("config", "get", "profile") == "Benjamin\n"
    assert "ada, Benjamin" in output_of("sessions", "list")
    assert "profile ben: does not exist" in output_of("config", "profiles", "rename", "ben", "x", status=3)
    output_of("config", "set", "height_cm", "170", "--profile", "cleo")
    assert output_of("config", "profiles", "remove", "cleo", "--yes") == "profile cleo: removed\n"
    assert "profile cleo: does not exist" in output_of("config", "profiles", "remove", "cleo", status=3)
    output_of("config", "set", "height_cm", "170", "--profile", "ada")
    before = contents(folder)
    assert "ada has sets in sessions" in output_of("config", "profiles", "remove", "ada", "--yes", status=4)
    assert contents(folder) == before


def test_exercises_and_faults_are_listed_in_the_language_by_names_that_commands_take(tmp_path):
    write_settings(tmp_path, "language: de\n")
    listed = [" ".join(run_well("exercises", *of, home=tmp_path).stdout.split()) for of in ((), ("squat",))]
    assert "squat Kniebeuge oben squat" in listed[0]
    assert "knee_cave Knie nach innen Knie raus" in listed[1]
