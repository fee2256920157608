"""What loads tell in the history: sets, volume load, and the one-repetition maximum."""

from datetime import timedelta

import pytest
from builders.past_sessions import a_pace, a_past_rep, a_past_session
from builders.sessions import at

from livecoach.documents import PastSetDocument
from livecoach.history import words
from livecoach.history.figures import course, one_rep_max
from livecoach.language import used
from livecoach.types import SetLog

DAY = at(2026, 3, 4)


def a_session(loads, *, unit="m/s", days_ago=0, off=0.0, **about):
    """Sets whose speed reaches .3 m/s at 140 kg."""
    reps, logs = [], {}
    for number, load_kg in enumerate(loads, start=1):
        speed = 0.3 + 0.008 * (140.0 - load_kg) + off
        pace = a_pace(speed=speed / 0.459 if unit == "torso/s" else speed, speed_unit=unit)
        reps.append(a_past_rep(set=number, pace=pace))
        logs[number] = SetLog(load_kg=load_kg)
    return a_past_session(DAY - timedelta(days=days_ago), reps=tuple(reps), logs=logs, **about)


@pytest.mark.parametrize("unit", ["m/s", "torso/s"])
def test_maximum_is_where_the_speeds_of_the_loads_point_to(unit):
    """Over the sessions of the last weeks, in metres or in torso lengths."""
    found = one_rep_max([a_session([60.0, 100.0], unit=unit, days_ago=7), a_session([80.0, 110.0], unit=unit)])
    assert found.load_kg == pytest.approx(140.0, abs=0.5)
    assert (found.sets, found.since, found.typical_height) == (4, "2026-02-25", unit == "torso/s")


def test_sets_of_last_winter_do_not_count():
    """Strength changes."""
    found = one_rep_max([a_session([60.0, 80.0, 100.0], days_ago=90), a_session([80.0])])
    assert found.load_kg is None
    assert "so far 1 at 1" in found.why
    assert words.one_rep_max(found).startswith("no estimate: needs 4 sets")


def test_speeds_of_the_bar_and_of_the_body_are_not_mixed():
    """Those of which there are more count."""
    by_bar = [a_past_rep(set=9, pace=a_pace(speed=2.0, speed_unit="m/s", measured_from="bar"))]
    one = a_session([60.0, 80.0, 100.0, 110.0])
    mixed = a_past_session(DAY, reps=(*one.reps, *by_bar), logs={**one.logs, 9: SetLog(load_kg=130.0)})
    assert one_rep_max([mixed]).load_kg == pytest.approx(140.0, abs=0.5)


@pytest.mark.parametrize("session", [a_past_session(DAY), a_session([60.0, 80.0, 100.0, 110.0], exercise="lunge")])
def test_without_loads_or_a_speed_of_the_maximum_nothing_is_said(session):
    """A lunge has no figure in the literature."""
    assert one_rep_max([session]) is None


def test_session_tells_its_sets_and_its_volume_load():
    """A set of which nothing is logged is left out."""
    session = a_session([100.0, 60.0])
    session.logs[2] = SetLog(load_kg=60.0, rpe=8.0, note="easy")
    told = course([session], DAY.date()).sessions[0]
    assert told.volume_load_kg == 160.0
    assert told.sets[1] == PastSetDocument(
        set=2, reps=1, load_kg=60.0, rpe=8.0, note="easy", speed=pytest.approx(0.94), speed_unit="m/s"
    )
    assert words.loads(told) == "60 kg to 100 kg"
    assert words.set_log(told.sets[1]) == "set 2: RPE 8, easy"


def test_loads_are_shown_in_the_units_in_use():
    """Kilograms are stored; 225 lb stay 225 lb."""
    session = a_session([102.0583])
    of = course([session], DAY.date())
    with used("en", "imperial"):
        assert words.volume_loads(of) == ("225 lb", "225 lb on 2026-03-04")
        assert words.best(of.bests[0]) == "heaviest good rep: 225 lb"
    assert words.best_kind(of.bests[2]) == "most reps in a set at 102.1 kg"
