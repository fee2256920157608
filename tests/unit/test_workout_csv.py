"""Training logs for other apps: a row for each set, in the columns that they read."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from builders.sessions import a_session, at
from builders.steps import a_fault, a_rep

from livecoach.core import language
from livecoach.core.config.exercise import folder as exercises
from livecoach.core.documents import CorrectionEvent, RepEvent, SetLogEvent, to_json
from livecoach.core.types import SetLog
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.records.session.workout_csv import (
    CountedSet,
    app_exercise_name,
    describe_set,
    format_sets_csv,
    list_counted_sets,
)


def rep_of(number: int, of_set: int, exercise: str, verdict: str = "good") -> RepEvent:
    start_s = 2.0 * number
    times = {"start_s": start_s, "turn_s": start_s + 1, "end_s": start_s + 2}
    rep = a_rep(index=number, set=of_set, exercise=exercise, verdict=verdict, **times)
    return RepEvent(t_s=rep.end_s, rep=rep, set=str(of_set))


@pytest.fixture
def session(tmp_path) -> Session:
    """A set of two squats at 62.5 kg, one of deadlifts, and one more of squats, of which nothing is logged."""
    done = ((1, "squat"), (1, "squat"), (2, "deadlift"), (3, "squat"), (3, "squat"))
    told = [rep_of(number, of_set, exercise) for number, (of_set, exercise) in enumerate(done, 1)]
    folder = a_session(tmp_path, exercise="auto", reps=0, events=told, started=at(2026, 3, 1))
    log(folder, SetLogEvent(t_s=9.0, set=1, load_kg=62.5, rpe=8.0, note='slow; "paused"'))
    log(folder, SetLogEvent(t_s=9.0, set=2, load_kg=100.0))
    wrong = CorrectionEvent(t_s=9.0, rep=5, start_s=told[4].rep.start_s, label="no-rep")
    (folder / layout.CORRECTIONS).write_text(to_json(wrong) + "\n")
    return open_session(folder, pytest.fail)


@pytest.fixture
def sets(session) -> list[CountedSet]:
    """Its sets."""
    return list_counted_sets(session)


def log(folder: Path, event: SetLogEvent) -> None:
    with (folder / layout.SETS).open("a") as file:
        file.write(to_json(event) + "\n")


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def test_a_set_is_of_one_exercise_and_has_the_reps_that_count(sets):
    first = rows(format_sets_csv(sets, "csv"))[0]
    assert (first["exercise"], first["reps"], first["good"], first["to_check"]) == ("squat", "2", "2", "0")
    assert (first["load_kg"], first["note"]) == ("62.5", 'slow; "paused"')
    listed = [(one.exercise, one.number, one.order, len(one.counted_reps)) for _, one in sets]
    assert listed == [("squat", 1, 1, 2), ("deadlift", 2, 1, 1), ("squat", 3, 2, 1)]


def test_strong_reads_its_columns(sets):
    """With the unit where there is a weight; nothing is made up where nothing was logged."""
    first, second, third = rows(format_sets_csv(sets, "strong"), ";")
    assert (first["Date"], first["Set Order"]) == ("2026-03-01 18:30:00", "1")
    assert first["Exercise Name"] == "Squat (Barbell)"
    assert (first["Weight"], first["Weight Unit"], first["Reps"], first["RPE"]) == ("62.5", "kg", "2", "8")
    assert (first["Workout Name"], first["Workout Duration"]) == ("Squat, Deadlift", "1m")
    assert (first["Notes"], first["Seconds"]) == ('slow; "paused"; 2 good', "0")
    assert (second["Weight"], second["RPE"]) == ("100", "")
    assert (third["Weight"], third["Weight Unit"], third["Set Order"]) == ("", "", "2")
    assert third["Notes"] == "1 good"


def test_the_form_of_a_set_is_written_in_the_lifters_language(tmp_path):
    reps = [rep_of(1, 1, "squat"), rep_of(2, 1, "squat", "anomalous")]
    leant = replace(reps[1], rep=replace(reps[1].rep, faults=(a_fault("forward_lean"),)))
    folder = a_session(tmp_path, exercise="squat", reps=0, events=[reps[0], leant])
    log(folder, SetLogEvent(t_s=9.0, set=1, note="good"))
    session = open_session(folder, pytest.fail)
    (one,) = session.sets
    assert describe_set(one) == "good; 1 good, 1 to check, leant forward"
    with language.using_language("de"):
        (row,) = rows(format_sets_csv(list_counted_sets(session), "strong"), ";")
    assert (row["Workout Name"], row["Exercise Name"]) == ("Kniebeuge", "Squat (Barbell)")
    assert row["Notes"].startswith("good; 1 gut, 1 auffällig, ")
    unseen = replace(one, reps=(a_rep(verdict="unsure", score=None, unsure="legs hidden"),), log=SetLog())
    assert describe_set(unseen) == "1 not judged"


def test_exercises_have_the_names_of_the_apps():
    titles = {app_exercise_name(path.stem) for path in exercises().glob("*.yaml")}
    names = ("Squat", "Romanian Deadlift", "Bent Over Row", "Clean and Jerk")
    assert titles >= {f"{name} (Barbell)" for name in names}
    assert len(titles) == len(list(exercises().glob("*.yaml")))
