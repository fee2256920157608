"""Figures of sessions: counts, faults and their trend, speed, and how far the reference moved."""

from datetime import date, timedelta

import pytest
from builders.past_sessions import a_pace, a_past_rep, a_past_session, reps_of
from builders.sessions import at
from hypothesis import given
from hypothesis import strategies as st

from livecoach import language
from livecoach.charts import change, wilson
from livecoach.documents import CurveShiftDocument, ShiftDocument, UsualDocument
from livecoach.history import words
from livecoach.history.figures import course, courses, reference_shifts
from livecoach.history.reading import by_exercise, without_duplicates

TODAY = date(2026, 4, 1)
COUNTS = st.integers(0, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def weekly(count, **changes):
    """So many sessions, a week between two of them."""
    return [a_past_session(at(2026, 1, 5) + n * timedelta(days=7), **changes) for n in range(count)]


@given(counts=COUNTS)
def test_an_interval_holds_its_share(counts):
    """And lies in 0…1."""
    hits, of = counts
    low, high = wilson(hits, of)
    assert 0 <= low <= high <= 1
    assert not of or low - 1e-9 <= hits / of <= high + 1e-9


def test_an_interval_is_wilsons():
    """Against a figure of the paper's successors: 1 of 10 (Newcombe 1998, table I has .0179 to .4042 for 1 of 10)."""
    assert wilson(1, 10) == pytest.approx((0.0179, 0.4042), abs=1e-4)


@given(before=COUNTS, after=COUNTS)
def test_a_change_is_the_same_seen_from_either_side(before, after):
    """And there is none between equals."""
    assert change(before, after) == -change(after, before)
    assert change(before, before) == 0


def test_a_change_is_told_where_the_interval_holds_no_equal():
    """Few reps tell none, however far apart the shares are."""
    assert change((1, 3), (2, 3)) == 0
    assert change((100, 300), (200, 300)) == 1
    assert change((56, 70), (48, 80)) == -1  # Newcombe 1998, example (a): .2000, .0524 to .3339


def test_alarms_are_of_the_reps_that_were_judged():
    """One that was not seen well is no good one."""
    found = course([a_past_session(reps=reps_of("gga??"))], TODAY).counts
    assert (found.reps, found.good, found.anomalous, found.unsure) == (5, 2, 1, 2)
    assert (found.alarms.hits, found.alarms.of) == (1, 3)


def test_a_session_in_which_nothing_was_judged_has_no_rate():
    """Nought of nought is not nought."""
    assert course([a_past_session(reps=reps_of("??"))], TODAY).counts.alarms.value is None


def test_exercises_and_profiles_are_apart():
    """With the newest session first; no profile is one of its own."""
    sessions = [
        a_past_session(at(2026, 3, 1), profile=None),
        a_past_session(at(2026, 3, 2), exercise="deadlift"),
        a_past_session(at(2026, 3, 3)),
    ]
    found = [(one.exercise, one.profile, len(one.sessions)) for one in courses(sessions, TODAY)]
    assert found == [("squat", "anna", 1), ("deadlift", "anna", 1), ("squat", None, 1)]


def test_a_fault_that_is_found_less_lately_is_rarer():
    """The newest sessions against all before; one fault among few reps has no trend."""
    bad = tuple(a_past_rep(verdict="anomalous", faults=("shallow",)) for _ in range(8))
    sessions = [*weekly(10, reps=bad), *weekly(10, reps=reps_of("g" * 8))]
    (fault,) = course(sessions, TODAY).faults
    assert (fault.name, fault.reps.hits, fault.reps.of, fault.lately.hits, fault.trend) == (
        "shallow",
        80,
        160,
        0,
        "rarer",
    )
    (fault,) = course([*weekly(1, reps=bad[:1]), *weekly(1)], TODAY).faults
    assert fault.trend == "no clear change"
    (fault,) = course(weekly(1, reps=bad), TODAY).faults
    assert (fault.lately, fault.trend) == (None, None)


def test_speed_is_told_in_one_unit():
    """That of most reps; the others' is left out and not converted."""
    reps = (
        a_past_rep(pace=a_pace(speed=2.0)),
        a_past_rep(pace=a_pace(speed=1.0)),
        a_past_rep(pace=a_pace(speed=0.3, speed_unit="m/s")),
    )
    (session,) = course([a_past_session(reps=reps)], TODAY).sessions
    assert (session.speed.mean, session.speed.unit, session.speed.loss) == (1.5, "torso/s", 0.5)


def test_velocity_loss_is_within_a_set():
    """A second set that begins fresh is no gain."""
    reps = tuple(
        a_past_rep(set=of_set, pace=a_pace(speed=speed)) for of_set, speed in ((1, 1.0), (1, 0.8), (2, 2.0), (2, 1.8))
    )
    (session,) = course([a_past_session(reps=reps)], TODAY).sessions
    assert session.speed.loss == pytest.approx(0.15)


def test_weeks_in_a_row_go_on_until_one_is_left_out():
    """Told with the longest."""
    found = course(weekly(4), date(2026, 2, 1)).streak
    assert (found.current, found.longest, found.longest_first) == (4, 4, "2026-01-05")
    assert course(weekly(4), TODAY).streak.current == 0


def test_the_reference_moved_as_far_as_its_good_reps_did():
    """First and newest sessions of one view; what was anomalous does not move it."""
    slow = tuple(a_past_rep(pace=a_pace(concentric_s=t)) for t in (1.19, 1.2, 1.21))
    fast = tuple(a_past_rep(pace=a_pace(concentric_s=t)) for t in (0.79, 0.8, 0.81))
    bad = tuple(a_past_rep(verdict="anomalous", pace=a_pace(concentric_s=9.0)) for _ in range(9))
    (found,) = reference_shifts([*weekly(2, reps=(*slow, *bad)), *weekly(2, reps=(*fast, *bad))])
    up = next(one for one in found.shifts if one.kind == "way_up")
    assert (found.view, found.reps_before, found.reps_after) == ("oblique", 6, 6)
    assert (up.before, up.after) == (1.2, 0.8)
    assert words.shift(up) == "way up 1.20 → 0.80 s, clearly shorter"
    assert "hardly moved: way down, hold, range of motion, speed" in list(words.moved(found))


@pytest.mark.parametrize(
    ("kind", "unit", "told", "imperial"),
    [
        ("speed", "m/s", "0.45 → 0.60 m/s, clearly faster", "1.48 → 1.97 ft/s, clearly faster"),
        ("speed", "torso/s", "about 0.21 → 0.28 m/s, clearly faster", "about 0.68 → 0.90 ft/s, clearly faster"),
        ("travel", "m", "45 → 60 cm, clearly larger", "18 → 24 in, clearly larger"),
        ("travel", "torso", "about 21 → 28 cm, clearly larger", "about 8 → 11 in, clearly larger"),
    ],
)
def test_a_shift_is_told_in_the_units_in_use(kind, unit, told, imperial):
    """Both of its ends; in torso lengths, for a lifter of average height."""
    found = ShiftDocument(kind=kind, unit=unit, before=0.45, after=0.6, spread=0.1)
    assert words.shift(found).endswith(told)
    with language.used("de", "imperial"):
        assert words.shift(found).endswith(imperial)
        assert language.told(words.shift(found)).endswith(("deutlich schneller", "deutlich größer"))


def test_metres_are_not_set_against_trunk_lengths():
    """Who told their height later has two speeds that nothing can be said of."""
    metres = tuple(a_past_rep(pace=a_pace(speed=0.5, speed_unit="m/s")) for _ in range(4))
    (found,) = reference_shifts([*weekly(1, reps=reps_of("gggg")), *weekly(1, reps=metres)])
    assert {one.kind for one in found.shifts} == {"way_down", "pause", "way_up"}


def test_views_are_not_mixed():
    """From the side a rep measures otherwise than from in front."""
    front = tuple(a_past_rep(view="front") for _ in range(4))
    assert reference_shifts([*weekly(1, reps=reps_of("gggg")), *weekly(1, reps=front)]) == ()


def test_one_session_moves_nothing():
    """There is nothing to set it against; nor are two reps anything."""
    assert reference_shifts(weekly(1, reps=reps_of("gggg"))) == ()
    assert reference_shifts(weekly(2, reps=reps_of("gg"))) == ()


def test_a_recording_that_was_kept_twice_counts_once():
    """The live one, else that with more reps, else the first; of another profile it is another thing."""
    live = a_past_session(at(2026, 3, 1), session="a", reps=reps_of("g"))
    again = a_past_session(at(2026, 3, 2), session="a", live=False, reps=reps_of("ggg"))
    half = a_past_session(at(2026, 3, 3), session="b", live=False, reps=reps_of("g"))
    whole = a_past_session(at(2026, 3, 4), session="b", live=False, reps=reps_of("ggg"))
    bens = a_past_session(at(2026, 3, 5), session="b", live=False, profile="ben")
    assert without_duplicates([live, again, half, whole, bens]) == ([live, whole, bens], [again, half])


def test_two_live_ones_both_count():
    """They were lifted, whatever they are called."""
    both = [a_past_session(at(2026, 3, day), session="a") for day in (1, 2)]
    assert without_duplicates(both) == (both, [])


def a_recognised_session(**changes):
    """Two sets of squats, and a set of deadlifts between them."""
    done = [("squat", 1), ("squat", 1), ("deadlift", 2), ("squat", 3)]
    reps = tuple(a_past_rep(number=n, set=of_set, exercise=name) for n, (name, of_set) in enumerate(done, 1))
    return a_past_session(at(2026, 3, 1), **{"exercise": "auto", "reps": reps, **changes})


def test_each_rep_of_a_recognised_session_goes_to_its_own_exercise():
    """Its figures; a session of one exercise stays as it is."""
    found = courses(by_exercise([weekly(1)[0], a_recognised_session()]), TODAY)
    by_name = {one.exercise: one for one in found}
    assert set(by_name) == {"squat", "deadlift"}
    assert [one.counts.reps for one in by_name["squat"].sessions] == [1, 3]
    assert (by_name["squat"].counts.sets, by_name["deadlift"].counts.sets) == (3, 1)


def test_the_first_set_of_each_exercise_keeps_its_number():
    """What the page tells to type names a set of this exercise."""
    found = courses(by_exercise([a_recognised_session()]), TODAY)
    assert {one.exercise: one.sessions[0].first_set for one in found} == {"squat": 1, "deadlift": 2}


def test_reps_that_were_no_reps_stay_with_their_exercise():
    """As corrections count, by exercise."""
    no_rep = a_past_rep(number=9, exercise="deadlift", judged="good")
    squats, pulls = by_exercise([a_recognised_session(not_counted=(no_rep,))])
    assert (squats.not_counted, pulls.not_counted) == ((), (no_rep,))


def test_a_recognised_session_without_a_rep_is_of_no_exercise():
    """Nobody knows of which."""
    assert by_exercise([a_recognised_session(reps=())]) == []


def test_a_recording_of_several_exercises_that_was_kept_twice_counts_once():
    """Also where the copy was made with one exercise that was given."""
    live = a_recognised_session(session="a")
    squats = tuple(rep for rep in live.reps if rep.exercise == "squat")
    copy = a_recognised_session(name="copy", session="a", live=False, exercise="squat", reps=squats)
    kept, again = without_duplicates(by_exercise([live, copy]))
    assert [(one.name, one.exercise) for one in kept] == [(live.name, "squat"), (live.name, "deadlift")]
    assert [one.name for one in again] == ["copy"]


def curve(before, after, spread=1.0):
    """Of the trunk's lean, as high all the way."""
    return CurveShiftDocument(
        words="lean of the trunk", unit="deg", before=(before,) * 101, after=(after,) * 101, spread=spread, at=50
    )


def test_the_usual_rep_moved_by_more_than_good_reps_differ():
    """Said with where in the rep that is; what did not move is named."""
    fields = {"view": "side", "first_day": "2026-01-05", "last_day": "2026-03-02", "reps_before": 7, "reps_after": 9}
    told = list(words.usual(UsualDocument(**fields, curves=(curve(32.0, 38.0), curve(32.0, 32.2)))))
    assert told[1:] == ["lean of the trunk 32 → 38°, clearly more, at the turn", "hardly moved: lean of the trunk"]


def test_what_somebody_said_counts_and_how_it_was_judged_stands_beside_it():
    """Of four reps, two alarms: one was good, one was none."""
    reps = (*reps_of("gg"), a_past_rep(number=3, judged="anomalous"))
    none = a_past_rep(number=4, verdict="anomalous", judged="anomalous")
    counts = course([a_past_session(reps=reps, not_counted=(none,))], TODAY).counts
    assert (counts.reps, counts.good, counts.anomalous, counts.alarms.hits, counts.alarms.of) == (3, 3, 0, 0, 3)
    judged = counts.judged
    assert (counts.corrected, judged.reps, judged.good, judged.anomalous) == (2, 4, 2, 2)
    assert words.corrected(counts) == "2 reps by you; livecoach said: 4 reps, 2 good, 2 anomalous"


def test_where_nobody_said_anything_nothing_is_told_of_it():
    """Most sessions."""
    counts = course([a_past_session()], TODAY).counts
    assert (counts.corrected, counts.judged, words.corrected(counts)) == (0, None, None)
