"""Which good reps judge, in which order, and which may teach for later sessions: the reference is anchored."""

import gc
import weakref
from collections.abc import Sequence
from dataclasses import replace

import pytest
from builders.references import SCORER, SIZE, a_lifter, a_set_of, an_own_rep, another, call, judged
from builders.steps import a_view
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core.step import Learning
from livecoach.core.types import RepWindow
from livecoach.decisions.judging import own_reps
from livecoach.decisions.judging.own_reps import (
    FIRST_REPS,
    MORE_REPS,
    MOST_LEARNED_FIRST,
    MOST_LEARNED_LATER,
    SURELY_GOOD,
    OwnReps,
)
from livecoach.decisions.judging.reference import (
    CONFIRMED,
    EARLIER_DAYS,
    EARLIER_SET,
    EVERYBODY,
    RepSource,
    prepare_reference,
)
from livecoach.decisions.judging.scorer import MOST_PITCH_DEG, SHARE_OF_PITCH, TILT_OF_PITCH
from livecoach.decisions.judging.verdict import judge
from livecoach.decisions.rep.measured import Azimuth

GOOD = (0.0, 0.5, -0.5, 0.3, -0.3)
"""By how many usual distances good reps are off."""
FORM = 6.0
"""By how many another form is off, which some lifters have."""
NEARER = 2 * SIZE  # of a lifter before a camera that has come nearer
FAULTY = 30.0
"""By how many a faulty one is."""
DAY = "2026-03-01"


def a_profile(count: int = 5, *, azimuth_deg: float = 30.0, day: str = DAY) -> list[RepWindow]:
    return [another(500 + i, set_name="monday 1", view=a_view(azimuth_deg), day=day) for i in range(count)]


def known_by(lifter: OwnReps, azimuth_deg: float = 30.0) -> list[float]:
    return [rep.window.number for rep in lifter.reference(Azimuth(azimuth_deg)).reps]


def source(lifter: OwnReps, azimuth_deg: float = 30.0) -> RepSource:
    return lifter.reference(Azimuth(azimuth_deg)).source


def start_of(number: int) -> float:
    return another(number).start_s


def numbers(windows: Sequence[RepWindow]) -> list[int]:
    return [window.number - 1 for window in windows]


@pytest.fixture
def lifter() -> OwnReps:
    """Of whom nothing is known."""
    return a_lifter()


# Whose reference it is


def after_a_set_of(*offs: float) -> OwnReps:
    lifter = a_lifter()
    a_set_of(lifter, *offs)
    lifter.end_set()
    return lifter


def test_the_reps_of_a_first_reference_are_asked_for_until_the_next_rep(lifter):
    """Once: without an answer they count."""
    a_set_of(lifter, *GOOD)
    assert lifter.confirmable_starts_s == ()
    lifter.end_set()
    assert lifter.confirmable_starts_s == tuple(start_of(i) for i in range(len(GOOD)))
    a_set_of(lifter, *GOOD, set_name="2", first=10)
    lifter.end_set()
    assert (lifter.confirmable_starts_s, source(lifter)) == ((), EARLIER_SET)


def test_a_set_is_asked_for_by_where_it_ended():
    """A lifter who turned after its first rep has a first set from there."""
    lifter = after_a_set_of(*GOOD)
    for number, azimuth_deg in enumerate((30.0, *(90.0,) * 5), 5):
        judged(lifter, an_own_rep(number, set_name="2", azimuth_deg=azimuth_deg))
    lifter.end_set()
    assert lifter.confirmable_starts_s


def test_reps_that_are_called_good_are_not_asked_for_again():
    lifter = after_a_set_of(*GOOD)
    for start_s in lifter.confirmable_starts_s:
        call(lifter, start_s, True, alarm=False)
    assert (lifter.confirmable_starts_s, source(lifter)) == ((), EARLIER_SET)


def test_reps_that_are_called_not_good_judge_nothing_and_the_next_set_is_asked_for():
    lifter = after_a_set_of(*GOOD)
    for start_s in lifter.confirmable_starts_s:
        call(lifter, start_s, False, alarm=False)
    assert (lifter.confirmable_starts_s, source(lifter), lifter.teachable_reps()) == ((), EVERYBODY, ())
    a_set_of(lifter, *GOOD, set_name="2", first=10)
    lifter.end_set()
    assert len(lifter.confirmable_starts_s) == len(GOOD)


def test_a_lifter_with_a_profile_is_not_asked_to_confirm_reps():
    lifter = a_lifter(a_profile())
    a_set_of(lifter, *GOOD)
    lifter.end_set()
    assert lifter.confirmable_starts_s == ()


@pytest.mark.parametrize(
    ("offs", "how", "why"),
    [
        (GOOD, {}, {}),
        (GOOD, {"disallowed": 3}, {"shallow": 3}),
        (GOOD, {"incomplete": 4}, {"unclear": 4}),
        ((*GOOD[:3], FAULTY, FAULTY), {"incomplete": 2}, {"flagged": 2, "unclear": 2}),
        ((0.0, FAULTY, FAULTY), {}, {}),
        (GOOD[:2], {}, {}),
    ],
    ids=["it teaches", "a standard", "main faults not seen", "several reasons", "unlike good reps", "too short"],
)
def test_a_set_that_looks_good_and_teaches_nothing_says_why(lifter, offs, how, why):
    """By how many of its reps do not teach. A set that is not good, or is of two reps, needs no words."""
    for i, off in enumerate(offs):
        standing = "disallowed" if i < how.get("disallowed", 0) else "allowed"
        judged(lifter, an_own_rep(i, off=off), standing=standing, is_complete=i >= how.get("incomplete", 0))
    assert lifter.count_unlearned() == {}
    lifter.end_set()
    assert lifter.count_unlearned() == why
    assert bool(lifter.teachable_reps()) == (not why and len(offs) > 3)


def test_nothing_is_to_be_explained_once_reps_are_known():
    known = a_lifter(a_profile())
    earlier = after_a_set_of(*GOOD)
    said = a_lifter()
    for lifter in (known, earlier, said):
        for i in range(5):
            judged(lifter, an_own_rep(20 + i, set_name="2"), is_complete=False)
        lifter.end_set()
    assert [lifter.count_unlearned() for lifter in (known, earlier, said)] == [{}, {}, {"unclear": 5}]
    call(said, start_of(20), True, alarm=False)
    assert said.count_unlearned() == {}


UNUSUAL = tuple(off + 20.0 for off in GOOD)
"""Reps of a set as good as any by each other, of a form that few lifters have."""


def test_a_form_that_few_lifters_have_judges_this_session_and_is_learned_on_the_lifters_word_alone():
    """It may be a fault in each rep, as a bent back is. The word on one rep of it is a word on the form."""
    unsaid, said = after_a_set_of(*UNUSUAL), after_a_set_of(*UNUSUAL)
    call(said, start_of(0), True, alarm=False)
    for lifter in (unsaid, said):
        a_set_of(lifter, *UNUSUAL, set_name="2", first=10)
        lifter.end_set()
    assert (source(unsaid), source(said)) == (EARLIER_SET, EARLIER_SET)
    assert unsaid.count_unlearned() == {"unusual": 5}
    assert (unsaid.teachable_reps(), said.count_unlearned()) == ((), {})
    assert numbers(said.teachable_reps()) == [1, 2, 3, 4, 10, 11, 12, 13, 14]


def test_a_known_form_in_another_view_confirms_no_unusual_form():
    """The lifter, or the camera, turned within the set."""
    lifter = a_lifter(a_profile(azimuth_deg=80.0))
    a_set_of(lifter, *UNUSUAL)
    a_set_of(lifter, *GOOD, first=10, azimuth_deg=80.0)
    lifter.end_set()
    assert numbers(lifter.teachable_reps()) == [10, 11, 12, 13, 14]


def test_an_unusual_form_that_the_profile_keeps_is_learned_further():
    kept = [an_own_rep(500 + i, off=20.0, set_name="monday 1", day=DAY).window for i in range(5)]
    lifter = a_lifter(kept)
    for i, off in enumerate(UNUSUAL):
        rep = an_own_rep(i, off=off)
        beside = prepare_reference(SCORER, [an_own_rep(600 + j, off=20.0) for j in range(3)], EARLIER_DAYS)
        lifter.add(rep, judge(rep, beside)[0].score, is_complete=True, is_self_judged=False)
    lifter.end_set()
    assert numbers(lifter.teachable_reps()) == [0, 1, 2, 3, 4]


# What judges


def test_a_lifter_is_learned_by_five_reps():
    lifter, told = a_lifter(), []
    for i in range(FIRST_REPS + 2):
        judged(lifter, an_own_rep(i))
        told.append((lifter.learning_state(30.0).have, lifter.learning_state(30.0).is_complete))
    assert told == [(n, n == FIRST_REPS) for n in (1, 2, 3, 4, 5, 5, 5)]


def test_of_good_sets_the_first_one_judges_not_the_latest(lifter):
    """A reference that followed would follow a form that gets worse."""
    for n in range(4):
        a_set_of(lifter, *GOOD, set_name=str(n + 1), first=10 * n)
        lifter.end_set()
    assert known_by(lifter) == [1, 2, 3, 4, 5]


def test_a_set_of_two_good_reps_judges_no_other(lifter):
    """Three are the fewest that reveal an odd one among them."""
    a_set_of(lifter, 0.0, 0.5)
    lifter.end_set()
    assert source(lifter) is EVERYBODY


@settings(max_examples=8)
@given(step=st.floats(0.05, 3.0), reps=st.integers(10, 25))
def test_the_reference_stands_still_while_every_rep_drifts(step, reps):
    lifter = a_lifter(a_profile())
    before = lifter.reference(Azimuth(30.0))
    flagged = a_set_of(lifter, *(step * i for i in range(reps)))
    after = lifter.reference(Azimuth(30.0))
    assert after.reps == before.reps
    assert (after.mean == before.mean).all()
    assert flagged == sorted(flagged)
    assert flagged[-1] or step * reps < 5


def test_within_a_first_set_only_its_first_reps_move_the_reference(lifter):
    """Those after them enter only where they are surely good, and ten at the most."""
    a_set_of(lifter, *GOOD, *(0.1,) * 12)
    assert known_by(lifter) == list(range(1, MORE_REPS + 1))
    drifting = a_lifter()
    a_set_of(drifting, *(1.5 * i for i in range(25)))
    assert len(known_by(drifting)) < MORE_REPS
    assert judged(drifting, an_own_rep(30, off=1.5 * 25)) > 1


# Faulty reps and sets


@pytest.mark.parametrize("number", [0, 4])
def test_of_a_first_set_the_reps_that_are_called_good_judge_and_not_what_came_first(lifter, number):
    """Of the others only those like them do; the end of the set changes nothing."""
    offs = [FAULTY if i == number else 0.1 * i for i in range(5)]
    a_set_of(lifter, *offs)
    call(lifter, start_of(number), True, alarm=False)
    assert known_by(lifter) == [number + 1]
    assert a_set_of(lifter, FAULTY + 0.2, 0.0, first=5) == [False, True]
    assert known_by(lifter) == [number + 1, 6]
    lifter.end_set()
    assert a_set_of(lifter, FAULTY, 0.0, set_name="2", first=20) == [False, True]
    assert lifter.teachable_reps() == ()


def test_a_rep_that_is_called_good_joins_the_reference_and_no_other_rep_leaves(lifter):
    a_set_of(lifter, *GOOD)
    assert len(lifter.reference(Azimuth(30.0)).groups) == 1
    call(lifter, start_of(3), True, alarm=False)
    assert known_by(lifter) == [4, 1, 2, 3, 5]
    assert len(lifter.reference(Azimuth(30.0)).groups) == 2, "a form of its own at once"
    assert numbers(lifter.teachable_reps()) == [0, 1, 2, 4]


def test_beside_a_profile_a_rep_that_is_called_good_changes_no_verdict_before_it():
    lifter = a_lifter(a_profile())
    a_set_of(lifter, 0.0, 0.1, 0.2, FAULTY)
    call(lifter, start_of(3), True, alarm=True)
    assert numbers(lifter.teachable_reps()) == [0, 1, 2]


def test_a_rep_of_a_short_set_that_is_called_good_judges_the_next_set(lifter):
    """Two good reps alone would not."""
    a_set_of(lifter, FAULTY, 0.0)
    call(lifter, start_of(1), True, alarm=True)
    lifter.end_set()
    assert a_set_of(lifter, FAULTY, 0.0, set_name="2", first=10) == [True, False]
    assert known_by(lifter) == [2]


def test_a_faulty_rep_is_never_part_of_the_reference(lifter):
    assert a_set_of(lifter, 0.0, 0.5, FAULTY, -0.5, 0.2) == [False, False, True, False, False]
    assert known_by(lifter) == [1, 2, 4, 5]


@pytest.mark.parametrize("bar_offset", [0.0, 0.4])
def test_a_first_rep_that_is_the_odd_one_gives_way_to_those_after_it(lifter, bar_offset):
    """They stood out beside it; by the third one it is clear which is odd. The end of the set tells it."""
    assert a_set_of(lifter, FAULTY, bar_offset=bar_offset) == [False]
    assert a_set_of(lifter, *GOOD, first=1)[2:] == [False] * 3
    assert known_by(lifter) == [2, 3, 4, 5, 6]


def test_only_alarms_beside_an_odd_first_rep_are_taken_back():
    """Neither those of a profile, nor where the lifter knows better, nor without a rep to compare with."""
    for kept, called, cleared in (((), None, [2, 3]), (a_profile(), None, []), ((), True, [])):
        lifter = a_lifter(kept)
        a_set_of(lifter, *((FAULTY, *GOOD) if not kept else (0.0, *(FAULTY + off for off in GOOD))))
        if called:
            call(lifter, start_of(4), True, alarm=False)
        assert [rep.window.number for rep in lifter.current_set.rescore_flagged_reps()] == cleared
    lifter = a_lifter()
    a_set_of(lifter, 0.0, FAULTY, -FAULTY)
    call(lifter, start_of(0), False, alarm=False)
    assert lifter.current_set.rescore_flagged_reps() == ()


@pytest.mark.parametrize("begun", [1, 2])
def test_a_fault_that_a_lifter_keeps_from_the_second_or_third_rep_on_stays_flagged(lifter, begun):
    """Most of the set has it, but the first reps have no fault beside the others."""
    a_set_of(lifter, *GOOD[:begun])
    faulty = a_set_of(lifter, *(FAULTY + off for off in (*GOOD, *GOOD)), first=begun, bar_offset=0.4)
    assert faulty == [True] * 10
    assert known_by(lifter) == [*range(1, begun + 1)]


@pytest.mark.parametrize("profile", [(), a_profile()])
def test_faulty_sets_after_a_good_one_are_flagged_for_ever(profile):
    lifter = a_lifter(profile)
    a_set_of(lifter, *GOOD)
    lifter.end_set()
    for n in range(1, 4):
        flagged = a_set_of(lifter, *(FAULTY + off for off in GOOD), set_name=str(n + 1), first=10 * n)
        assert flagged == [True] * 5
        assert lifter.current_set.is_unlike_reference
        assert lifter.end_set() == ()
    assert set(numbers(lifter.teachable_reps())) <= set(range(5))
    assert a_set_of(lifter, *GOOD, set_name="9", first=90) == [False] * 5


@pytest.mark.parametrize(("azimuth_deg", "elsewhere"), [(30.0, False), (60.0, True)])
def test_a_lifter_known_from_another_side_alone_is_told_so(azimuth_deg, elsewhere):
    for lifter in (a_lifter(a_profile()), after_a_set_of(*GOOD)):
        assert lifter.learning_state(azimuth_deg).elsewhere == elsewhere
        a_set_of(lifter, *GOOD, set_name="2", first=10, azimuth_deg=azimuth_deg)
        assert lifter.is_camera_moved() == elsewhere
    stranger = a_lifter()
    assert not stranger.learning_state(azimuth_deg).elsewhere
    a_set_of(stranger, *GOOD, azimuth_deg=azimuth_deg)
    assert not stranger.is_camera_moved()


@pytest.mark.parametrize(("brightness", "is_known"), [(0.5, False), (0.1, True)])
@pytest.mark.parametrize("pitch_deg", [0.0, MOST_PITCH_DEG + 1])
def test_in_the_dark_the_screen_and_the_notes_allow_for_the_view_as_the_choice_of_reps_does(
    brightness, is_known, pitch_deg
):
    lifter, rep = a_lifter(a_profile()), an_own_rep(9, azimuth_deg=47.0, tilt_deg=TILT_OF_PITCH * pitch_deg)
    rep.camera = rep.camera._replace(trunk_share=rep.camera.trunk_share * (1 - SHARE_OF_PITCH * pitch_deg))
    rep.conditions = replace(rep.conditions, brightness=brightness)
    judged(lifter, rep)
    assert rep.is_self_judged == (not is_known or pitch_deg > 0)
    assert lifter.is_camera_moved() == (not is_known)
    learned = [lifter.learning_state(47.0)]
    lifter.end_set()
    learned.append(lifter.learning_state(47.0))
    if not pitch_deg:
        assert [state.have == FIRST_REPS for state in learned] == [is_known] * 2
        assert [state.elsewhere for state in learned] == [False, not is_known]


def test_a_camera_moved_farther_than_limits_allow_for_is_a_place_of_its_own():
    """What is known from the place before judges no rep from there: the set judges itself, its reps are asked for and
    judge later sets from there, and may teach beside those of other days."""
    lifter = a_lifter(a_profile())
    off = [FORM + one for one in GOOD]
    assert a_set_of(lifter, *off) == [True] * 5
    assert not lifter.is_camera_moved()
    lifter.end_set()
    for number, one in enumerate(off, start=10):
        assert a_set_of(lifter, one, set_name="2", first=number, size=NEARER) == [False]
        assert lifter.is_camera_moved()
    assert lifter.learning_state(30.0) == Learning(have=5, wanted=FIRST_REPS)
    lifter.end_set()
    assert len(lifter.confirmable_starts_s) == 5
    assert a_set_of(lifter, *GOOD, set_name="3", first=20, size=NEARER) == [True] * 5
    lifter.end_set()
    assert a_set_of(lifter, *GOOD, set_name="4", first=30) == [False] * 5
    lifter.end_set()
    assert set(range(10, 15)) <= set(numbers(lifter.teachable_reps())) <= {*range(10, 15), *range(30, 35)}


def test_a_sets_first_rep_says_where_its_camera_stands():
    """The size of later ones may jitter around what limits allow for."""
    lifter = a_lifter(a_profile())
    sizes = NEARER, SIZE, NEARER, SIZE
    reps = [an_own_rep(number, off=FORM + GOOD[number], size=size) for number, size in enumerate(sizes)]
    assert [judged(lifter, rep) > 1 for rep in reps] == [False] * 4


# What may teach for later sessions


def test_dropped_reps_are_not_held_by_what_was_alike_in_their_set(monkeypatch):
    monkeypatch.setattr(own_reps, "MOST_HELD", 10)
    lifter, every = a_lifter(), []
    for number in range(30):
        rep = an_own_rep(number, off=FAULTY if number % 6 < 2 else 0.0, set_name=str(number // 6 + 1))
        judged(lifter, rep)
        every.append(weakref.ref(rep))
        if number % 6 == 5:
            lifter.end_set()
    del rep
    gc.collect()
    assert sum(rep() is not None for rep in every) == 10


@pytest.mark.parametrize("of_set", [10, 60])
def test_a_run_of_many_reps_holds_a_bounded_number(of_set, monkeypatch):
    """Its memory stays bounded: here to 50 reps. What judges stays, and what the lifter called good, and what may
    teach is as before."""
    monkeypatch.setattr(own_reps, "MOST_HELD", 50)
    lifter, every = a_lifter(), []
    for number in range(60):
        rep = an_own_rep(number, off=GOOD[number % len(GOOD)], set_name=str(number // of_set + 1))
        judged(lifter, rep)
        every.append(weakref.ref(rep))
        if number == 22:
            call(lifter, start_of(number), True, alarm=False)
        if number % of_set == of_set - 1:
            judging = known_by(lifter)
            lifter.end_set()
    del rep
    gc.collect()
    held = [number for number, rep in enumerate(every) if rep() is not None]
    assert len(held) == 50
    assert held[:10] == list(range(10))
    assert 22 in held
    assert {number - 1 for number in judging} <= {*held}
    assert numbers(lifter.teachable_reps()) == list(range(10))


@pytest.mark.parametrize(("profile", "new"), [((), True), (a_profile(), False)])
def test_a_run_teaches_a_bounded_number_of_reps(profile, new):
    """The first ones where nothing was known, which are the anchor; else the latest."""
    lifter = a_lifter(profile)
    a_set_of(lifter, *(0.1,) * 25)
    lifter.end_set()
    taught, most = numbers(lifter.teachable_reps()), MOST_LEARNED_FIRST if new else MOST_LEARNED_LATER
    assert taught == (list(range(most)) if new else list(range(25 - most, 25)))


def test_a_rep_of_which_a_main_fault_was_not_visible_teaches_nothing(lifter):
    for i in range(6):
        judged(lifter, an_own_rep(i), is_complete=i % 2 == 0)
    assert numbers(lifter.teachable_reps()) == [0, 2, 4]


def test_a_rep_that_is_hardly_good_judges_and_teaches_nothing():
    lifter = a_lifter(a_profile())
    scores = [judged(lifter, an_own_rep(i, off=off)) for i, off in enumerate((0.0, 0.0, 0.0, 1.1))]
    assert SURELY_GOOD < scores[-1] <= 1
    assert numbers(lifter.teachable_reps()) == [0, 1, 2]


# Views and legs


def test_a_view_of_too_few_reps_teaches_nothing_beside_a_learned_view(lifter):
    a_set_of(lifter, *GOOD, azimuth_deg=60.0)
    a_set_of(lifter, 0.0, 0.1, first=10, azimuth_deg=0.0)
    assert numbers(lifter.teachable_reps()) == [0, 1, 2, 3, 4]


def test_a_second_view_teaches_beside_the_first_and_known_from_either_place_the_next_day():
    before = a_profile(azimuth_deg=75.0)
    today = a_lifter(before)
    assert (source(today, 40.0), today.learning_state(40.0).elsewhere) == (EVERYBODY, True)
    a_set_of(today, *GOOD, azimuth_deg=40.0)
    assert today.learning_state(40.0).is_complete
    today.end_set()
    next_day = a_lifter([*before, *(replace(rep, set_name="tuesday 1", day=DAY) for rep in today.teachable_reps())])
    for azimuth_deg, set_name in ((75.0, "monday 1"), (40.0, "tuesday 1")):
        reference = next_day.reference(Azimuth(azimuth_deg))
        assert {rep.window.set_name for rep in reference.reps} == {set_name}
        assert next_day.learning_state(azimuth_deg).is_complete


# What the lifter says


def test_a_rep_that_is_called_good_enters_at_once_and_judges_the_next():
    lifter = a_lifter(a_profile())
    assert a_set_of(lifter, FAULTY) == [True]
    assert call(lifter, start_of(0), True, alarm=True).reference == "entered"
    assert known_by(lifter) == [501, 502, 503, 504, 505, 1]
    assert a_set_of(lifter, FAULTY + 0.2, 0.0, first=1) == [False, False]


def test_a_rep_that_is_called_bad_leaves_at_once(lifter):
    a_set_of(lifter, *GOOD)
    assert call(lifter, start_of(2), False, alarm=False).reference == "left"
    assert known_by(lifter) == [1, 2, 4, 5]
    assert 2 not in numbers(lifter.teachable_reps())


@pytest.mark.parametrize("good", [True, False])
@pytest.mark.parametrize("number", [0, 5])
@pytest.mark.parametrize("over", [True, False])
def test_taking_a_correction_back_restores_the_reference(lifter, good, number, over):
    a_set_of(lifter, *GOOD, FAULTY)
    if over:
        lifter.end_set()
    before = lifter.reference(Azimuth(30.0))
    call(lifter, start_of(number), good, alarm=number == 5)
    call(lifter, start_of(number), None, alarm=number == 5)
    after = lifter.reference(Azimuth(30.0))
    assert [one.window.number for one in after.reps] == [one.window.number for one in before.reps]
    assert (after.mean == before.mean).all()
    assert (after.density.latents == before.density.latents).all()


def test_a_rep_of_another_run_can_not_be_corrected():
    assert call(a_lifter(a_profile()), 99.0, True, alarm=True).reference is None


def test_a_set_whose_alarms_were_all_called_good_is_a_good_set(lifter):
    a_set_of(lifter, 0.0, 0.1, 0.2, FAULTY, FAULTY + 0.2, FAULTY - 0.1)
    for number in (3, 4, 5):
        call(lifter, start_of(number), True, alarm=True)
    lifter.end_set()
    assert (source(lifter), known_by(lifter)) == (CONFIRMED, [4, 5, 6])
