"""Personal records of a set: against earlier sessions and earlier sets, from loads, reps and measured speeds."""

from dataclasses import replace
from datetime import date

import pytest
from builders.depth import a_depth
from builders.live_run import Stage, standing
from builders.observations import a_deadlift
from builders.past_sessions import a_pace
from builders.sessions import a_session, at
from builders.steps import a_rep, a_set_summary

from livecoach.core import language
from livecoach.core.documents import SetLogEvent
from livecoach.core.types import Correction, Pace, Rep, SetLog
from livecoach.decisions.coaching.records import RecordCandidate, new_record, record_words
from livecoach.feedback.screen import Action
from livecoach.pages.history.last_sessions import load_bests_to_beat
from livecoach.run.set_logger import LoadOfNextSet

TODAY = date(2026, 3, 4)
AT_BAR = a_pace(speed=0.5, speed_unit="m/s", travel_unit="m", measured_from="bar")
PAST = {
    "squat": (
        RecordCandidate(kind="heaviest_rep", load_kg=110.0, value=110.0),
        RecordCandidate(kind="one_rep_max", load_kg=100.0, value=118.0),
        RecordCandidate(kind="most_reps", load_kg=100.0, value=5),
        RecordCandidate(kind="most_reps", load_kg=110.0, value=3),
        RecordCandidate(kind="fastest_rep", load_kg=100.0, value=0.5),
        RecordCandidate(kind="fastest_rep", load_kg=60.0, value=0.9),
    )
}


def set_of(count: int, number: int = 1, *, pace: Pace | None = None, **changes: object) -> list[Rep]:
    """Return the good reps of a set."""
    every = [
        a_rep(index=10 * number + n, start_s=100.0 * number + n, set=number, number=n, exercise="squat", pace=pace)
        for n in range(1, count + 1)
    ]
    return [replace(rep, **changes) for rep in every]


def record(reps: list[Rep], *loads_kg: float | None, past=PAST, rpe: float | None = None) -> str:
    """Return the record of the last set, in words; empty without one. loads_kg: of each set."""
    logs = {n: SetLog(load_kg=load_kg, rpe=rpe) for n, load_kg in enumerate(loads_kg, 1)}
    summary = a_set_summary(index=len(loads_kg), exercise="squat")
    return record_words(new_record(past, summary, reps, logs), "metric")


def with_bests(*bests: RecordCandidate) -> dict[str, tuple[RecordCandidate, ...]]:
    """Of a squatter whose maximum is high."""
    high = [replace(best, value=200.0) if best.kind == "one_rep_max" else best for best in PAST["squat"]]
    return {"squat": (*high, *bests)}


NO_REP = [replace(rep, correction=Correction(label="no-rep")) for rep in set_of(1)]


@pytest.mark.parametrize(
    ("reps", "loads_kg", "options", "words"),
    [
        (set_of(6), [100.0], {}, "personal best: 6 good reps at 100 kg"),
        (set_of(5), [100.0], {}, ""),
        ([*NO_REP, *set_of(6)[1:]], [100.0], {}, ""),
        (set_of(3), [80.0], {}, ""),  # a load that is new
        (set_of(6), [None], {}, ""),
        # Six reps at 100 kg are none after eight with a heavier bar.
        (set_of(6), [100.0], {"past": with_bests()}, "personal best: 6 good reps at 100 kg"),
        (set_of(6), [100.0], {"past": with_bests(RecordCandidate(kind="most_reps", load_kg=110.0, value=8))}, ""),
        # Only a good rep is a heaviest one, and it comes before what is estimated from it.
        (set_of(1), [112.5], {}, "personal best: 112.5 kg"),
        (set_of(1, verdict="anomalous"), [112.5], {}, ""),
        (set_of(1, verdict="unsure", score=None), [112.5], {}, ""),
        # Estimated by the formulas of Epley and Brzycki: five reps with two left promise more than with none.
        (set_of(6), [105.0], {}, "personal best: 1RM about 124 kg"),
        (set_of(5), [100.0], {"rpe": 10.0}, ""),
        (set_of(5), [100.0], {"rpe": 8.0}, "personal best: 1RM about 122 kg"),
        # By more than measured speeds are off; one from hands or hips is off by a fifth.
        (set_of(1, pace=replace(AT_BAR, speed=0.6)), [100.0], {}, "personal best: 0.60 m/s at 100 kg"),
        (set_of(1, pace=replace(AT_BAR, speed=0.51)), [100.0], {}, ""),
        (set_of(1, pace=replace(AT_BAR, speed=0.9, measured_from="body")), [100.0], {}, ""),
        # A first session, and an exercise that is new.
        (set_of(6), [100.0], {"past": {}}, ""),
        (set_of(6), [100.0], {"past": {"deadlift": PAST["squat"]}}, ""),
        # The next set must beat it.
        ([*set_of(6), *set_of(6, 2)], [100.0, 100.0], {}, ""),
        ([*set_of(6), *set_of(6, 2), *set_of(7, 3)], [100.0] * 3, {}, "personal best: 7 good reps at 100 kg"),
    ],
)
def test_a_set_is_a_record_by_its_load(reps, loads_kg, options, words):
    assert record(reps, *loads_kg, **options) == words


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "anomalous"},
        {"standards": (a_depth(11.0, "missed"),)},
        {"verdict": "unsure"},
        {"reference": "none"},
        {"reference": "session"},
    ],
)
def test_only_good_reps_of_a_set_that_is_good_make_a_record(changes):
    """Reps that were flagged, high, not judged or like nothing that is known to be good do not count, and a set half of
    which they are is no record."""
    assert record(set_of(20, **changes), 100.0) == ""
    assert record([*set_of(10), *set_of(20, **changes)[10:]], 100.0) == ""
    assert record([*set_of(7), *set_of(10, **changes)[7:]], 100.0) == "personal best: 7 good reps at 100 kg"
    assert record([*set_of(3), *set_of(5, **changes)[3:]], 105.0) == ""  # three good reps promise no more than 118 kg


def test_a_set_that_the_lifter_confirmed_makes_a_record():
    confirmed = set_of(6, reference="none", correction=Correction(label="good"))
    assert record(confirmed, 100.0) == "personal best: 6 good reps at 100 kg"


def test_loads_are_in_the_lifters_units():
    best = RecordCandidate(kind="most_reps", load_kg=100.0, value=6)
    with language.using_language("de", "imperial"):
        assert language.translate(record_words(best, "imperial")) == "Bestleistung: 6 gute Wdh. mit 220,5 lb"


def logged(load_kg: float) -> list[SetLogEvent]:
    return [SetLogEvent(t_s=0.0, set=1, load_kg=load_kg)]


def test_the_bests_to_beat_are_those_of_the_profiles_earlier_sessions(sessions):
    a_session(sessions, started=at(2026, 3, 1), reps=set_of(5), events=logged(100.0), profile="anna")
    a_session(sessions, started=at(2026, 3, 2), reps=set_of(9), events=logged(100.0), profile="ben")
    bests = load_bests_to_beat("anna", TODAY)
    assert list(bests) == ["squat"]
    assert {(one.kind, one.load_kg): one.value for one in bests["squat"]}["most_reps", 100.0] == 5
    assert load_bests_to_beat("nobody", TODAY) == {}


def test_an_exercise_of_today_alone_has_no_bests_to_beat(sessions):
    """A second run of a first session is part of it."""
    a_session(sessions, started=at(2026, 3, 4), reps=set_of(5), events=logged(100.0), profile="anna")
    assert load_bests_to_beat("anna", TODAY) == {}


DEADLIFT = {"deadlift": (RecordCandidate(kind="most_reps", load_kg=100.0, value=1),)}


def test_window_and_voice_tell_a_record_once_the_set_is_over():
    """The events do not, so that a replay gives the same. It is looked up once, not for each picture of the rest, and
    again where a rep is corrected."""
    stage = Stage()
    asked = []
    coached = stage.loop.coached
    coached.lifter = replace(coached.lifter, read_bests=lambda: asked.append(1) or DEADLIFT)
    coached.lifter.set_logger.use_chosen_load(LoadOfNextSet(100.0))
    lifting = a_deadlift(reps=2)
    stage.lift(stage.feed([*lifting, *standing(25.0, from_s=lifting[-1].t_s + 1 / 30)[::3]]))
    told = {status.earlier.record for step, status in stage.screen.shown if step.set.summary is not None}
    assert told == {"personal best: 2 good reps at 100 kg"}
    assert {status.earlier.record for step, status in stage.screen.shown if step.set.summary is None} == {""}
    assert next(cue.say for cue in stage.sound.cues if cue.kind == "set_over").endswith(", personal best")
    assert not any("personal best" in (event["say"] or "") for event in stage.events("cue"))
    assert len(asked) == 1
    stage.controls.handle(Action.BAD)
    assert len(asked) == 2
