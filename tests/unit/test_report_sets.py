"""What a report says of loads."""

from datetime import date

import pytest
from builders.reports import lifted
from builders.steps import a_pace, a_rep

from livecoach.language import used
from livecoach.report.sets import load_facts, log_words
from livecoach.types import SetLog


def a_set(number, load_kg=None, *, reps=2, verdict="good", measured_from="bar"):
    """Reps of a lifter whose speed reaches .3 m/s at 140 kg."""
    speed = 0.3 + 0.008 * (140.0 - (load_kg or 0.0))
    paces = [a_pace(speed=speed - 0.01 * n, speed_unit="m/s", measured_from=measured_from) for n in range(reps)]
    return [lifted(a_rep(set=number, number=n + 1, verdict=verdict, pace=pace)) for n, pace in enumerate(paces)]


def facts(loads, max_m_s=0.3, **how):
    sets = {number: a_set(number, load, **how) for number, load in enumerate(loads, start=1)}
    logs = {number: SetLog(load_kg=load) for number, load in enumerate(loads, start=1) if load is not None}
    return load_facts(sets, logs, max_m_s, date(2026, 3, 4))


def test_without_a_load_nothing_is_said():
    """Not even a dash."""
    assert facts([None, None]) == ()


def test_volume_load_and_bests_are_of_the_sets_whose_load_is_known():
    """The heaviest load first; the fastest of the good reps."""
    told = facts([60.0, None, 100.0])
    assert told[0] == "Volume load: 320 kg, load times reps of 2 sets."
    assert told[1] == "Best at 100 kg: 2 reps, fastest good one 0.62 m/s (rep 3/1)."
    assert told[2].startswith("Best at 60 kg: 2 reps")


def test_anomalous_reps_are_not_the_fastest():
    """Where none is good, their set is no best either."""
    assert not any("Best" in line for line in facts([60.0], verdict="anomalous"))


def test_estimated_speeds_are_no_best():
    """Hands and hips give an estimate, in metres too where the height is known."""
    assert facts([60.0], measured_from="body")[1] == "Best at 60 kg: 2 reps."


def test_maximum_is_estimated_from_the_sets_of_the_session():
    """By the speeds at the bar; without enough of them by load and reps, from the first set on."""
    by_speed = "Estimated 1RM: about 140 kg, likely 140 kg to 140 kg; from the speeds of 4 sets since 2026-03-04."
    by_reps = (
        "Estimated 1RM: about 63 kg, Brzycki 62 kg, Epley 64 kg; from 2 × 60 kg on 2026-03-04, as if no rep was left."
    )
    assert facts([60.0, 80.0, 100.0, 110.0])[-1] == by_speed
    assert facts([60.0])[-1] == by_reps
    assert facts([60.0, 60.0, 60.0, 60.0], max_m_s=None)[-1] == by_reps


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (None, ""),
        (SetLog(load_kg=100.0), "100 kg"),
        (SetLog(load_kg=102.5, rpe=8.0, note="felt heavy"), "102.5 kg · RPE 8 · “felt heavy”"),
        (SetLog(rpe=9.5), "RPE 9.5"),
    ],
)
def test_set_is_headed_by_what_was_logged_of_it(log, told):
    """Load, RPE and note, as far as they are known."""
    assert log_words(log) == told


def test_loads_are_shown_in_pounds_where_the_settings_say_so():
    """225 lb stay 225 lb."""
    with used("en", "imperial"):
        assert log_words(SetLog(load_kg=102.0583)) == "225 lb"
