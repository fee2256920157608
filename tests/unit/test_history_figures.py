"""Figures of sessions: counts, faults, bests, loads, and weeks."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from builders.depth import a_depth
from builders.past_sessions import a_pace, a_past_rep, a_past_session, reps_of
from builders.sessions import at
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.charts import wilson_interval
from livecoach.core.documents.history import PastSetDocument
from livecoach.core.language import using_language
from livecoach.core.types import Correction, SetLog, UncheckedFault
from livecoach.pages.history import history_words
from livecoach.pages.history.history_figures import (
    estimate_one_rep_max,
    exercise_trend,
    exercise_trends,
    personal_bests,
)
from livecoach.pages.history.reading import make_past
from livecoach.records.session.stored import Session

COUNTS = st.integers(0, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def weekly(count, **changes):
    """So many sessions, a week between two of them."""
    return [a_past_session(at(2026, 1, 5) + n * timedelta(days=7), **changes) for n in range(count)]


@given(counts=COUNTS)
def test_an_interval_of_a_share_contains_the_share(counts):
    hits, of = counts
    low, high = wilson_interval(hits, of)
    assert 0 <= low <= high <= 1
    assert not of or low - 1e-9 <= hits / of <= high + 1e-9


def test_an_interval_of_a_share_is_wilsons():
    """Against a figure of the paper's successors: 1 of 10 (Newcombe 1998, table I has .0179 to .4042 for 1 of 10)."""
    assert wilson_interval(1, 10) == pytest.approx((0.0179, 0.4042), abs=1e-4)


def test_the_share_to_depth_is_of_the_reps_that_met_or_missed_it():
    """Close ones may have met it; one that did not count for its depth was high all the same. No rep is none, and one
    that somebody called good is good in every figure."""
    depths = ("met", "met", "missed", "close")
    high = a_past_rep(standards=(a_depth(9.0, "missed"),), disallowed=True)
    none = replace(high, correction=Correction(label="no-rep"))
    meant = replace(high, disallowed=False, correction=Correction(label="good"))
    reps = (*(a_past_rep(standards=(a_depth(9.0, depth),)) for depth in depths), a_past_rep(), high, none, meant)
    found = exercise_trend([a_past_session(reps=reps)])
    share = found.counts.to_depth
    assert (share.hits, share.close, share.of) == (2, 1, 4)
    assert (share.low, share.high) == (wilson_interval(2, 5)[0], wilson_interval(3, 5)[1])
    assert history_words.depth_count_words(share) == "2 of 4 to depth, 1 too close to tell"
    assert found.sessions[0].counts.to_depth == found.counts.to_depth
    close = exercise_trend([a_past_session(reps=reps[3:4])]).counts.to_depth
    assert (close.value, history_words.depth_count_words(close)) == (None, "depth: 1 too close to tell")
    assert exercise_trend([a_past_session(reps=(meant,))]).counts.to_depth is None


def test_depth_of_a_session_is_the_median_of_its_reps_with_their_middle_half():
    """Of all of its sets; where none was measured, it is not known."""
    (found,) = exercise_trend([a_past_session(creases_cm=(-4.0, -2.0, 0.0, 2.0, 9.0))]).sessions
    assert (found.depth.reps, found.depth.low_cm, found.depth.median_cm, found.depth.high_cm) == (5, -2.0, 0.0, 2.0)
    (unknown,) = exercise_trend([a_past_session()]).sessions
    assert unknown.depth is None


@pytest.mark.parametrize(
    ("cm", "told"),
    [
        (2.4, "hip crease 2 cm above the top of the knee"),
        (-3.0, "hip crease 3 cm below the top of the knee"),
        (-0.2, "hip crease level with the top of the knee"),
    ],
)
def test_depth_is_given_from_the_top_of_the_knee(cm, told):
    """Whatever the lifter's standard was."""
    trend = exercise_trend([a_past_session(reps=(a_past_rep(standards=(a_depth(9.0, "met"),)),), creases_cm=(cm,))])
    assert history_words.depth_words(trend.sessions[0].depth) == told


def test_reps_that_could_not_show_a_fault_are_no_reps_without_it():
    """A set from the front does not make a rounded back rarer."""
    bad = tuple(a_past_rep(verdict="anomalous", faults=("rounded_back",)) for _ in range(8))
    hidden = a_past_rep(not_visible=(UncheckedFault(name="rounded_back", reason="azimuth"),))
    (fault,) = exercise_trend([*weekly(10, reps=bad), *weekly(10, reps=(hidden,) * 8)]).faults
    assert (fault.reps.hits, fault.reps.of) == (80, 80)


def test_speed_is_given_in_one_unit():
    """That of most reps; the others' is left out and not converted."""
    paces = a_pace(speed=2.0), a_pace(speed=1.0), a_pace(speed=0.3, speed_unit="m/s")
    reps = tuple(a_past_rep(pace=pace) for pace in paces)
    (session,) = exercise_trend([a_past_session(reps=reps)]).sessions
    assert (session.speed.mean, session.speed.unit, session.speed.loss) == (1.5, "torso/s", 0.5)


def test_velocity_loss_is_within_a_set():
    """A second set that begins fresh is no gain."""
    reps = tuple(
        a_past_rep(set=of_set, pace=a_pace(speed=speed)) for of_set, speed in ((1, 1.0), (1, 0.8), (2, 2.0), (2, 1.8))
    )
    (session,) = exercise_trend([a_past_session(reps=reps)]).sessions
    assert session.speed.loss == pytest.approx(0.15)


def test_a_recording_that_was_kept_twice_counts_once():
    """The live one, else that with more reps, else the first; of another profile it is another thing, and of two live
    ones both were lifted."""
    both = [a_past_session(at(2026, 3, day), session="a") for day in (1, 2)]
    assert len(make_past(both).parts) == 2
    live = a_past_session(at(2026, 3, 1), session="a", reps=reps_of("g"))
    again = a_past_session(at(2026, 3, 2), session="a", live=False, reps=reps_of("ggg"))
    half = a_past_session(at(2026, 3, 3), session="b", live=False, reps=reps_of("g"))
    whole = a_past_session(at(2026, 3, 4), session="b", live=False, reps=reps_of("ggg"))
    bens = a_past_session(at(2026, 3, 5), session="b", live=False, profile="ben")
    past = make_past([live, again, half, whole, bens])
    assert [one.name for one in past.parts] == [live.name, whole.name, bens.name]
    assert past.notes == [f"{again.name} and 1 more: duplicates of other sessions' recordings, counted once"]


def test_each_rep_of_a_recognised_session_goes_to_its_own_exercise():
    """Its figures, and the number of its first set, which the page tells to type; a session of one exercise stays as
    it is."""
    done = [("squat", 1), ("squat", 1), ("deadlift", 2), ("squat", 3)]
    reps = tuple(a_past_rep(number=n, set=of_set, exercise=name) for n, (name, of_set) in enumerate(done, 1))
    recognised = a_past_session(at(2026, 3, 1), exercise="auto", reps=reps)
    found = exercise_trends(make_past([weekly(1)[0], recognised]).parts)
    by_name = {one.exercise: one for one in found}
    assert set(by_name) == {"squat", "deadlift"}
    assert [one.counts.reps for one in by_name["squat"].sessions] == [1, 3]
    assert (by_name["squat"].counts.sets, by_name["deadlift"].counts.sets) == (3, 1)
    assert (by_name["squat"].sessions[-1].first_set, by_name["deadlift"].sessions[0].first_set) == (1, 2)
    assert a_past_session(exercise="auto", reps=()).parts == []  # nobody knows of which exercise it is


def test_a_correction_counts_and_the_verdict_stands_beside_it():
    """Of four reps, two alarms: one was good, one was none. Of most sessions nothing is said."""
    unsaid = exercise_trend([a_past_session()]).counts
    assert (unsaid.corrected, unsaid.judged, history_words.correction_words(unsaid)) == (0, None, None)
    said = (Correction(label="good"), Correction(label="no-rep"))
    bad = (a_past_rep(number=n, verdict="anomalous", correction=one) for n, one in enumerate(said, 3))
    counts = exercise_trend([a_past_session(reps=(*reps_of("gg"), *bad))]).counts
    assert (counts.reps, counts.good, counts.anomalous, counts.alarms.hits, counts.alarms.of) == (3, 3, 0, 0, 3)
    judged = counts.judged
    assert (counts.corrected, judged.reps, judged.good, judged.anomalous) == (2, 4, 2, 2)
    assert history_words.correction_words(counts) == "2 reps by you; livecoach said: 4 reps, 2 good, 2 to check"


def at_load(load_kg: float | None, reps, started=None, of_set: int = 1):
    """A session of one set."""
    return a_past_session(started, reps=reps, logs={of_set: SetLog(load_kg=load_kg)})


def bests(sessions, kind):
    return [one for one in personal_bests(sessions) if one.kind == kind]


@pytest.mark.parametrize("logs", [{}, {1: SetLog(rpe=8.0)}, {2: SetLog(load_kg=100.0)}])
def test_sets_without_a_load_have_no_bests(logs):
    """A best with an empty bar beats nothing; an RPE alone, or the load of another set, does not help. Nor do sets
    without reps."""
    assert personal_bests([at_load(100.0, ())]) == ()
    assert personal_bests([a_past_session(reps=reps_of("ggg"), logs=logs)]) == ()


def test_the_heaviest_rep_is_a_good_rep():
    """Who bends to lift more has not lifted more."""
    sessions = [at_load(100.0, reps_of("g")), at_load(120.0, reps_of("aa"), at(2026, 3, 9))]
    (found,) = bests(sessions, "heaviest_rep")
    assert (found.value, found.unit, found.rep, found.day) == (100.0, "kg", "1/1", "2026-03-04")


def test_most_reps_are_of_one_set_at_one_load():
    days = [at(2026, 3, day) for day in (2, 9, 16)]
    sessions = [at_load(100.0, reps_of("ggg"), days[0]), at_load(60.0, reps_of("ggggg"), days[1])]
    sessions.append(at_load(100.0, reps_of("gga"), days[2]))
    found = bests(sessions, "most_reps")
    assert [(one.load_kg, one.value, one.day) for one in found] == [(100.0, 3, "2026-03-02"), (60.0, 5, "2026-03-09")]


def at_bar(speed, **changes):
    """A pace whose speed was measured at the bar."""
    return a_pace(**{"speed": speed, "speed_unit": "m/s", "measured_from": "bar", **changes})


def test_the_fastest_rep_is_a_good_rep_at_its_load():
    """A rep that was cut short is fast too, and a light one is."""
    fast = a_past_rep(number=2, verdict="anomalous", pace=at_bar(3.0))
    slow = a_past_rep(number=3, pace=at_bar(1.2))
    light = at_load(60.0, (a_past_rep(pace=at_bar(1.0)),))
    found = bests([at_load(100.0, (a_past_rep(pace=at_bar(1.0)), fast, slow)), light], "fastest_rep")
    assert [(one.load_kg, one.value, one.rep) for one in found] == [(100.0, 1.2, "1/3"), (60.0, 1.0, "1/1")]


def test_highest_estimated_maximum_is_of_one_set():
    days = [at(2026, 3, day) for day in (2, 9, 16)]
    sessions = [at_load(100.0, reps_of("ggggg"), days[0]), at_load(105.0, reps_of("gg"), days[1])]
    (found,) = bests([*sessions, at_load(60.0, reps_of(12 * "g"), days[2])], "one_rep_max")
    value = pytest.approx(114.58, abs=0.01)
    assert (found.value, found.unit, found.load_kg, found.day) == (value, "kg", 100.0, "2026-03-02")
    words = history_words.best_kind_words(found), history_words.best_value_words(found)
    assert words == ("highest estimated 1RM, by reps at 100 kg", "115 kg")


def test_volume_load_is_of_all_sets_whose_load_is_known():
    """Load times reps, over a session; a best is of the good reps of good sets."""
    reps = (*reps_of("ggg", 1), *reps_of("ga", 2), *reps_of("g", 3))
    logs = {1: SetLog(load_kg=100.0), 2: SetLog(load_kg=60.0)}
    (found,) = bests([a_past_session(reps=reps, logs=logs)], "most_volume")
    assert (found.value, found.unit, found.load_kg) == (300.0, "kg", None)


DAY = at(2026, 3, 4)


def a_session(loads, *, days_ago=0, measured_from="bar", **about):
    """Sets of one rep whose speed reaches .3 m/s at 140 kg."""
    speeds = [0.3 + 0.008 * (140.0 - load_kg) for load_kg in loads]
    reps = [a_past_rep(set=n, pace=at_bar(speed, measured_from=measured_from)) for n, speed in enumerate(speeds, 1)]
    logs = {number: SetLog(load_kg=load_kg) for number, load_kg in enumerate(loads, 1)}
    return a_past_session(DAY - timedelta(days=days_ago), **{"reps": reps, "logs": logs, **about})


def test_the_estimated_maximum_is_where_the_speeds_of_the_loads_point_to():
    found = estimate_one_rep_max([a_session([60.0, 100.0], days_ago=7), a_session([80.0, 110.0])])
    assert found.load_kg == pytest.approx(140.0, abs=0.5)
    assert (found.sets, found.since, found.lifted) == (4, "2026-02-25", None)
    assert (
        history_words.one_rep_max_words(found)
        == "about 140 kg, likely 140 kg to 140 kg; from the speeds of 4 sets since 2026-02-25"
    )


@pytest.mark.parametrize(
    "sessions",
    [
        [a_session([60.0, 80.0, 100.0, 110.0], measured_from="body")],
        [a_session([60.0, 80.0, 110.0], days_ago=90), a_session([110.0])],
        [a_session([60.0, 80.0, 100.0, 110.0], exercise="lunge")],
    ],
    ids=["estimated speeds", "of last winter", "no speed of the maximum"],
)
def test_without_speeds_the_estimated_maximum_comes_from_load_and_reps(sessions):
    """Strength changes, hands and hips give no speed, and a lunge has no figure in the literature. Without a load there
    is none."""
    assert estimate_one_rep_max([a_past_session(DAY)]) is None
    found = estimate_one_rep_max(sessions)
    assert (found.load_kg, found.sets, found.since) == (110.0, 1, "2026-03-04")
    assert history_words.one_rep_max_words(found) == (
        "about 110 kg, Brzycki 110 kg, Epley 110 kg; from 1 × 110 kg on 2026-03-04, "
        "counted as a set to failure: no RPE was logged"
    )


def test_the_form_is_the_share_of_good_reps_with_its_interval():
    trend = exercise_trend([a_past_session(reps=reps_of("gga?"))])
    assert (trend.form.reps.hits, trend.form.reps.of) == (2, 3)
    assert (
        history_words.form_words(trend.form.reps, trend.counts)
        == "2 of 3 judged (67\u00a0%), your usual share: likely 21\u00a0% to 94\u00a0%"
    )
    counts = replace(trend.counts, alike=2)
    assert history_words.form_words(trend.form.reps, counts).startswith("2 of 3 judged (67\u00a0%), 2 alike, your")


def filmed_from(view: str, verdicts: str, *days: int) -> list[Session]:
    """Sessions of deadlifts on these days of March. From the front no rep shows the back."""
    hidden = () if view == "side" else (UncheckedFault(name="rounded_back", reason="azimuth"),)
    reps = [replace(rep, exercise="deadlift", not_visible=hidden) for rep in reps_of(verdicts)]
    return [a_past_session(at(2026, 3, day), reps=reps, exercise="deadlift") for day in days]


BAD_THEN_GOOD = "ggggaaaaaa", "gggggggggg"


def test_a_share_of_good_reps_says_which_main_fault_most_of_them_hide():
    """Deadlifts with bad backs, then filmed from the front: nobody saw the back. Every judged rep counts all the same,
    as in every other list."""
    bad, good = BAD_THEN_GOOD
    trend = exercise_trend([*filmed_from("side", bad, 1, 2, 3), *filmed_from("front", good, 4, 5, 6)])
    form = trend.form
    assert (form.reps.hits, form.reps.of, form.unseen) == (42, 60, ("rounded_back",))
    assert history_words.unseen_faults_words(form, "deadlift") == "could not be checked: back rounded"
    assert [one.form.of for one in trend.sessions] == [10] * 6
    again = exercise_trend([*filmed_from("side", bad, 1, 2, 3), *filmed_from("side", good, 4, 5, 6)]).form
    assert (again.reps.hits, history_words.unseen_faults_words(again, "deadlift")) == (42, "")


def test_a_session_of_the_history_has_its_sets_and_its_volume_load():
    logs = {1: SetLog(load_kg=100.0), 2: SetLog(load_kg=60.0, rpe=8.0, note="easy")}
    told = exercise_trend([a_session([100.0, 60.0], logs=logs)]).sessions[0]
    assert told.volume_load_kg == 160.0
    assert told.sets[1] == PastSetDocument(
        set=2, reps=1, load_kg=60.0, rpe=8.0, note="easy", speed=pytest.approx(0.94), speed_unit="m/s"
    )
    assert history_words.session_load_range(told) == "60 kg to 100 kg"
    assert history_words.set_log_words(told.sets[1]) == "set 2: RPE 8, easy"
    assert history_words.set_log_words(replace(told.sets[1], note=None)) == "set 2: RPE 8"


def test_loads_are_shown_in_the_units_in_use():
    """Kilograms are stored; 225 lb stay 225 lb."""
    session = a_session([102.0583])
    of = exercise_trend([session])
    with using_language("en", "imperial"):
        assert history_words.volume_load_words(of) == ("225 lb", "225 lb on 2026-03-04")
        words = history_words.best_kind_words(of.bests[0]), history_words.best_value_words(of.bests[0])
        assert words == ("heaviest good rep", "225 lb")
    assert history_words.best_kind_words(of.bests[3]) == "most good reps in a set at 102.1 kg"


@pytest.mark.parametrize(
    ("units", "unit", "cell", "measured", "estimated"),
    [
        ("metric", "m/s", "0.51", "0.51 m/s", "about 0.5 m/s"),
        ("imperial", "ft/s", "1.67", "1.67 ft/s", "about 1.5 ft/s"),
    ],
)
def test_speeds_are_given_in_the_units_in_use_and_an_estimate_never_looks_measured(
    units, unit, cell, measured, estimated
):
    """In words it has one digit and "about", in a table, whose head has the unit, a tilde."""
    with using_language("en", units):
        assert history_words.speed_words(0.51, "m/s") == measured
        assert history_words.speed_words(1.0, "torso/s") == estimated
        assert (history_words.speed_unit(), history_words.speed_cell(0.51, "m/s")) == (unit, cell)
        assert history_words.speed_cell(1.0, "torso/s").startswith("~")


@pytest.mark.parametrize(
    ("days", "weeks"),
    [
        ([date(2026, 12, 28), date(2027, 1, 3)], 1),  # one week in two years
        ([date(2026, 3, 1), date(2026, 3, 2)], 2),  # a Sunday and the Monday after it
    ],
)
def test_weeks_are_calendar_weeks(days, weeks):
    """From Monday to Sunday, whatever month and year they lie in."""
    found = exercise_trend([a_past_session(at(day.year, day.month, day.day)) for day in days]).weeks
    assert len(found) == weeks
    assert sum(week.sessions for week in found) == len(days)


def test_a_session_is_of_the_day_where_it_was():
    """Late on Sunday in Honolulu is Sunday, though it is Monday in Berlin; and so around a change of the clocks."""
    late = a_past_session(datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-10))))
    assert late.day == date(2026, 3, 1)
    berlin = ZoneInfo("Europe/Berlin")
    sessions = [a_past_session(datetime(2026, 3, 29, 0, 30, tzinfo=berlin) + n * timedelta(days=7)) for n in range(3)]
    weeks = [week.monday for week in exercise_trend(sessions).weeks]
    assert weeks == ["2026-03-23", "2026-03-30", "2026-04-06"]
