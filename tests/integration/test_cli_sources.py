"""Sessions, and reps of them, in the place of recordings: analyze, dataset, annotate and observe."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from builders.command import SQUAT_OBSERVATIONS, analysed, run, run_well, write_settings
from builders.observations import a_deadlift, a_squat
from builders.sessions import a_session, at, contents, sessions_of
from builders.steps import a_rep

from livecoach.core.documents import codec
from livecoach.core.errors import ConfigError, OutputError, SourceError
from livecoach.core.types import Rep
from livecoach.decisions import assembly
from livecoach.lab.counting import judge_observations
from livecoach.lab.dataset import load

SQUAT = [codec.round_observation(seen) for seen in a_squat(reps=5, fps=15.0)]
DEADLIFT = [codec.round_observation(seen) for seen in a_deadlift(reps=5, fps=15.0)]
SEEN = {"squat": SQUAT, "deadlift": DEADLIFT}


@cache
def counted(exercise: str) -> Sequence[Rep]:
    """The reps that livecoach counts now."""
    return [one.rep for one in judge_observations(assembly.load(exercise).make_pipeline(), SEEN[exercise])]


@pytest.fixture
def home(tmp_path):
    """A squat and, later, a deadlift; of five reps each, that were counted as they are now."""
    sessions = sessions_of(tmp_path)
    a_session(sessions, observations=SQUAT, reps=counted("squat"), session="a", profile="anna")
    a_session(
        sessions,
        started=at(2026, 3, 2),
        exercise="deadlift",
        observations=DEADLIFT,
        reps=counted("deadlift"),
        session="b",
        profile="ben",
    )
    return tmp_path


def test_a_session_is_analysed_for_the_exercise_for_which_it_was_recorded(home):
    folder = sessions_of(home) / "2026-03-02_18-30-00-deadlift"
    before = contents(folder)
    found = analysed("last", home=home)
    assert found["exercise"] == "deadlift"
    assert len(found["reps"]) == 5
    assert found["timing"]["pose_ms_p50"] is None
    assert contents(folder) == before


def test_chosen_reps_of_a_session_are_reported_alone(home):
    whole, part = analysed("2026-03-01", home=home), analysed("2026-03-01:1/2,1/4-5", home=home)
    assert [rep["index"] for rep in part["reps"]] == [2, 4, 5]
    assert part["reps"] == [rep for rep in whole["reps"] if rep["index"] in {2, 4, 5}]
    assert part["frames"] == whole["frames"]


def test_chosen_reps_are_found_by_the_times_at_which_they_were_counted_live(tmp_path):
    """Another model may count otherwise: a rep is found again by when it was, and one that is not is said."""
    now = counted("squat")
    then = [
        a_rep(index=n + 6, number=n, start_s=rep.start_s, turn_s=rep.turn_s, end_s=rep.end_s)
        for n, rep in enumerate(now, 1)
    ]
    gone = a_rep(index=20, number=len(now) + 1, start_s=900.0, turn_s=901.0, end_s=902.0)
    a_session(sessions_of(tmp_path), observations=SQUAT, reps=[*then, gone])
    outcome = run("analyze", f"last:1/2,1/{len(now) + 1}", "--json", "-", home=tmp_path)
    assert [rep["index"] for rep in json.loads(outcome.stdout)["reps"]] == [2]
    assert "was counted live, but is not counted now" in outcome.stderr


def test_sessions_and_files_can_be_analysed_together(home):
    run_well("analyze", "last", "2026-03-01:1/1", "--json", "out.json", home=home)
    found = json.loads((home / "out.json").read_text(encoding="utf-8"))["results"]
    assert [(one["exercise"], len(one["reps"])) for one in found] == [("deadlift", 5), ("squat", 1)]


def test_an_annotated_video_of_a_session_shows_its_pictures(tmp_path):
    a_session(sessions_of(tmp_path), observations=SQUAT[:30], video=True)
    run_well("analyze", "last", "--annotated", "out.mp4", home=tmp_path)
    assert (tmp_path / "out.mp4").stat().st_size > 1000


def test_reps_of_a_stored_session_are_learned_no_second_time(home):
    before = run_well("config", "profiles", home=home).stdout
    run_well("analyze", "2026-03-01:1/1-2", "--profile", "anna", home=home)
    assert "anna: squat, 5 reps, " in before == run_well("config", "profiles", home=home).stdout


def test_a_folder_of_sessions_is_a_dataset(home):
    sessions = sessions_of(home)
    a_session(sessions, started=at(2026, 3, 3), observations=SQUAT, session="c", profile="ben", video=True)
    half = sessions / "2026-03-04_10-00-00-squat"
    half.mkdir()
    (half / "session.json").write_text("{")
    outcome = run_well("lab", "dataset", sessions, "--exercise", "squat", "--out", "made", home=home)
    made = load(home / "made")
    assert {source["name"]: source["lifter"] for source in made.sources} == {"a": "anna", "c": "ben"}
    assert "2026-03-02_18-30-00-deadlift: no set of squat; left out" in outcome.stderr
    assert f"{Path('2026-03-04_10-00-00-squat', 'session.json')}: is damaged; left out" in outcome.stderr


def test_reps_of_a_session_are_a_dataset(home):
    run_well("sessions", "correct", "2026-03-01:1/2", "good", home=home)
    run_well("lab", "dataset", "2026-03-01:1/1-3", "--exercise", "squat", "--out", "made", home=home)
    assert load(home / "made").reps.labels.tolist() == ["", "good", ""]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["lab", "annotate", "{session}", "--exercise", "squat"], "Label its reps by G and B"),
        (["lab", "observe", "{session}", "--out", "out.obs"], "is a session"),
    ],
)
def test_a_wrong_use_of_a_session_is_reported(home, arguments, says):
    folder = sessions_of(home) / "2026-03-02_18-30-00-deadlift"
    before = contents(folder)
    outcome = run(*(argument.format(session=folder) for argument in arguments), home=home)
    assert outcome.returncode in {kind.exit_code for kind in (ConfigError, SourceError, OutputError)}
    assert says in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1
    assert contents(folder) == before


def test_a_session_is_judged_again_as_it_was_judged_live(tmp_path):
    """By the reference of then, whatever the settings are now; its reps are those that it keeps, to the byte."""
    given = ("--exercise", "squat", "--profile", "Anna")
    run_well("replay", SQUAT_OBSERVATIONS, "--record", "--fast", *given, home=tmp_path)
    (session,) = sessions_of(tmp_path).iterdir()
    write_settings(tmp_path, "height_cm: 190\nfalse_alarms: 0.1\nlearn: false\n")
    document = analysed(session, home=tmp_path)
    kept = [json.loads(line)["rep"] for line in (session / "reps.jsonl").read_text().splitlines()]
    assert kept
    assert document["reps"] == kept
    assert document["profile"] == "Anna"
