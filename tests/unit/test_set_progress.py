"""Where the lifter stands in the session: number of the set, rest, and the loss of speed that ends a set."""

from dataclasses import replace

import pytest
from builders.observations import an_observation
from builders.steps import a_full_set_summary, a_pace, a_rep, a_step

from livecoach.coaching.set_progress import (
    NO_PLAN,
    Earlier,
    PlanFollower,
    SetPlan,
    SetProgress,
    parse_rest,
    parse_target,
)
from livecoach.types import Cue, Rep, Step


@pytest.mark.parametrize(
    ("text", "expected"), [("5x5", (5, 5)), ("3 x 12", (3, 12)), ("5×3", (5, 3)), ("10X10", (10, 10)), ("8", (None, 8))]
)
def test_sets_and_reps_are_read(text, expected):
    """Sets before reps, with a cross of any kind; a single number is of reps."""
    assert parse_target(text) == expected


@pytest.mark.parametrize("text", ["", "x", "5x", "x5", "0x5", "5x0", "0", "-3", "5x5x5", "five", "1000", "100x5"])
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="like 5x5"):
        parse_target(text)


@pytest.mark.parametrize(
    ("text", "rest_s"),
    [
        ("90", 90),
        ("90s", 90),
        ("90 Sek.", 90),
        ("2min", 120),
        ("2 Minuten", 120),
        ("1:30", 90),
        ("1m30s", 90),
        ("1,5 min", 90),
        ("1", 1),
        ("60 min", 3600),
    ],
)
def test_a_rest_is_read_as_lifters_write_it(text, rest_s):
    assert parse_rest(text) == rest_s


@pytest.mark.parametrize("text", ["", "0", "two", "1:60", "61min", "-5", "1:30:00", "nan", "inf", "2h", "\u0661"])
def test_no_rest_is_refused_with_examples(text):
    with pytest.raises(ValueError, match="Write 90s, 2min or 1:30"):
        parse_rest(text)


def at(t_s: float, set_index: int = 1, *, in_set: bool = False, **changes: object) -> Step:
    return a_step(observation=an_observation(t_s=t_s), set_index=set_index, in_set=in_set, **changes)


def a_number(rep: Rep) -> Cue:
    return Cue(kind="good_rep", text=str(rep.index), rep=rep.index, say=str(rep.index))


def a_rep_at(
    t_s: float, set_index: int = 1, *, loss: float | None = None, index: int = 1, measured_from: str = "bar"
) -> Step:
    """A step in which a rep ends. loss: its velocity loss; None where its pace is not known."""
    pace = None if loss is None else a_pace(velocity_loss=loss, speed_unit="m/s", measured_from=measured_from)
    rep = a_rep(index=index, end_s=t_s, pace=pace)
    return at(t_s, set_index, in_set=True, rep=rep, cue=a_number(rep))


def after(plan: SetPlan, *steps: Step) -> tuple[SetProgress, list[Cue]]:
    """The progress after some steps, and the cues that were to be played."""
    follower = PlanFollower(plan)
    told = [follower.step(step) for step in steps]
    return told[-1][0], [cue for _, cue in told if cue is not None]


@pytest.mark.parametrize(
    ("steps", "number"),
    [
        ([at(0.0, 0)], 1),
        ([at(0.0, 0), a_rep_at(5.0)], 1),
        ([a_rep_at(5.0), at(30.0)], 2),
        ([a_rep_at(5.0), at(30.0), a_rep_at(40.0)], 1),
        ([a_rep_at(5.0), at(30.0), a_rep_at(90.0, 2)], 2),
    ],
)
def test_the_number_is_of_the_set_under_way_or_the_next(steps, number):
    """A set that goes on after its end was taken back keeps its number."""
    assert after(SetPlan(), *steps)[0].set_number == number


def test_a_rest_counts_from_the_end_of_the_last_rep():
    """The end of a set is noticed up to 20 s later, and the lifter rests from when the bar is down."""
    progress, _ = after(SetPlan(), at(0.0, 0), a_rep_at(5.0), a_rep_at(8.0), at(28.0))
    assert progress.rest_s(28.0) == 20.0
    assert progress.rest_s(68.0) == 60.0
    assert progress.session_s(68.0) == 68.0


@pytest.mark.parametrize(
    "steps", [[at(30.0, 0)], [a_rep_at(5.0)], [a_rep_at(5.0), at(30.0), a_rep_at(40.0)]], ids=["none", "in", "again"]
)
def test_nobody_rests_before_the_first_set_and_in_a_set(steps):
    """Nor in one whose end was taken back."""
    assert after(SetPlan(rest_s=1.0), *steps)[0].rest_s(60.0) is None


def test_the_clocks_go_on_where_another_exercise_begins_a_run():
    """The rest counts from the last rep of the run before, until the next set; its end is not told twice."""
    follower = PlanFollower(SetPlan(rest_s=60.0))
    for step in (at(0.0, 0), a_rep_at(5.0), at(30.0), at(66.0)):
        follower.step(step)
    left = follower.left()
    assert left == Earlier(session_s=66.0, rest_s=61.0, rest_announced=True)
    second = PlanFollower(SetPlan(rest_s=60.0), left.later(4.0))
    progress, cue = second.step(at(0.1, 0))
    assert (progress.rest_s(10.1), progress.session_s(10.1), progress.set_number) == (75.0, 80.0, 1)
    assert cue is None
    assert second.step(a_rep_at(20.0))[0].rest_s(20.0) is None
    assert second.step(at(40.0))[0].rest_s(40.0) == 20.0


def test_a_visit_that_had_no_set_yet_has_no_rest():
    """And one whose run saw no frame has nothing to go on with."""
    follower = PlanFollower(SetPlan())
    assert follower.left() is None
    follower.step(at(0.0, 0))
    follower.step(at(7.0, 0))
    assert follower.left() == Earlier(session_s=7.0, rest_s=None)
    assert PlanFollower(SetPlan(), follower.left()).step(at(0.0, 0))[0].rests_since_s is None


def test_the_end_of_a_planned_rest_is_heard_once():
    """As soon as it is over; and again after the next set."""
    first = [a_rep_at(5.0), at(30.0), at(64.9), at(65.0), at(65.1)]
    progress, cues = after(SetPlan(rest_s=60.0), *first, a_rep_at(90.0, 2), at(110.0, 2), at(150.0, 2))
    assert [cue.kind for cue in cues] == ["good_rep", "rested", "good_rep", "rested"]
    assert progress.is_rested(150.0)
    assert not progress.is_rested(149.9)


def test_without_a_plan_no_rest_ends_and_no_set_is_stopped():
    _, cues = after(SetPlan(), a_rep_at(5.0, loss=0.9), at(30.0), at(3000.0))
    assert [cue.kind for cue in cues] == ["good_rep"]


def test_the_end_of_a_rest_does_not_take_the_place_of_another_cue():
    warning = Cue(kind="warning", text="too dark", rep=None, say=None)
    _, cues = after(SetPlan(rest_s=60.0), a_rep_at(5.0), at(70.0, cue=warning), at(70.1))
    assert [cue.kind for cue in cues] == ["good_rep", "warning", "rested"]


def test_a_rep_that_is_too_slow_stops_the_set():
    """It is said after its number, and known until a faster rep comes or the set is over."""
    plan = SetPlan(stop_at_loss=0.2)
    slow = [a_rep_at(5.0, loss=0.0), a_rep_at(8.0, loss=0.2, index=2)]
    progress, cues = after(plan, *slow, at(9.0, in_set=True))
    assert progress.loss == 0.2
    assert (cues[-1].kind, cues[-1].say) == ("stop", "2, stop")
    assert after(plan, *slow, a_rep_at(11.0, loss=0.1))[0].loss is None
    assert after(plan, *slow, at(30.0))[0].loss is None


def test_an_estimated_speed_stops_nothing():
    """Hands and hips give one that is off by a fifth or more in half of the reps."""
    progress, cues = after(SetPlan(stop_at_loss=0.2), a_rep_at(5.0, loss=0.9, measured_from="body"))
    assert (progress.loss, progress.is_blind) == (None, True)
    assert [cue.kind for cue in cues] == ["good_rep"]


def test_a_plan_that_cannot_say_stop_says_so_during_the_set():
    """Where the last rep's speed was not measured; not without such a plan, and not at rest."""
    blind, seen = a_rep_at(5.0, loss=0.1, measured_from="body"), a_rep_at(8.0, loss=0.1, index=2)
    plan = SetPlan(stop_at_loss=0.2)
    assert after(plan, blind, at(6.0, in_set=True))[0].is_blind
    assert not after(plan, blind, seen)[0].is_blind
    assert not after(plan, blind, at(30.0))[0].is_blind
    assert not after(SetPlan(), blind)[0].is_blind


@pytest.mark.parametrize("loss", [0.19, None])
def test_a_rep_that_is_fast_enough_stops_nothing(loss):
    """Nor does one whose speed could not be measured."""
    progress, cues = after(SetPlan(stop_at_loss=0.2), a_rep_at(5.0, loss=loss))
    assert progress.loss is None
    assert cues[-1].kind == "good_rep"


def test_a_correction_is_heard_before_the_stop():
    step = a_rep_at(5.0, loss=0.3)
    bad = replace(step, cue=Cue(kind="anomalous_rep", text="chest up", rep=1, say="chest up"))
    _, cues = after(SetPlan(stop_at_loss=0.2), bad)
    assert (cues[-1].kind, cues[-1].say) == ("anomalous_rep", "chest up, stop")


def test_progress_stays_the_same_object_between_reps():
    """A replay keeps one for each frame of an hour."""
    follower = PlanFollower(SetPlan(rest_s=60.0))
    first, second = (follower.step(at(t_s, in_set=True))[0] for t_s in (1.0, 2.0))
    assert first is second


@pytest.mark.parametrize(
    ("rest_s", "planned_s", "looking", "nearly_over"),
    [
        (9.9, 60.0, False, False),
        (10.0, 60.0, True, False),
        (40.0, 60.0, True, True),
        (40.0, None, True, False),
        (70.0, None, True, True),
        (10.0, 15.0, True, True),
    ],
)
def test_a_rest_is_for_looking_until_it_is_nearly_over(rest_s, planned_s, looking, nearly_over):
    progress = SetProgress(plan=SetPlan(rest_s=planned_s), began_s=0.0, rests_since_s=5.0)
    assert progress.is_for_looking(5.0 + rest_s) is looking
    assert progress.is_nearly_over(5.0 + rest_s) is nearly_over


def test_before_the_first_set_nobody_rests():
    progress = SetProgress(plan=SetPlan(rest_s=60.0), began_s=0.0)
    assert (progress.is_for_looking(30.0), progress.is_nearly_over(0.0)) == (False, True)


def in_rest(*sizes_px: float | None, plan: SetPlan = NO_PLAN) -> tuple[SetProgress, float]:
    """The progress, and the time, after a set of a lifter of 300 px and a rest with a size in each second."""
    follower = PlanFollower(plan)
    follower.step(replace(a_rep_at(5.0), lifter_px=300.0))
    told = [follower.step(at(6.0 + n, lifter_px=size_px))[0] for n, size_px in enumerate(sizes_px)]
    return told[-1], 5.0 + len(sizes_px)


NEAR_PX, FAR_PX = 550.0, 310.0


@pytest.mark.parametrize(
    ("sizes_px", "nearly_over"),
    [
        ((FAR_PX,) * 60, False),
        ((FAR_PX,) * 80, True),
        ((NEAR_PX,) * 80, False),
        ((None,) * 80, False),
        ((None,) * 30 + (FAR_PX,) * 5, False),
        ((NEAR_PX,) * 30 + (FAR_PX,), False),
        ((NEAR_PX,) * 30 + (FAR_PX,) * 5, True),
        ((NEAR_PX,) * 30 + (FAR_PX,) * 5 + (NEAR_PX,), False),
    ],
)
def test_an_unplanned_rest_is_nearly_over_where_the_lifter_has_gone_back(sizes_px, nearly_over):
    """From the camera, after a look. Who is near it or out of view rests on, for however long."""
    progress, t_s = in_rest(*sizes_px)
    assert progress.is_nearly_over(t_s) is nearly_over


def test_a_planned_rest_is_nearly_over_by_the_clock():
    for size_px in (NEAR_PX, FAR_PX, None):
        for rest_s, nearly_over in ((30, False), (45, True)):
            progress, t_s = in_rest(*(size_px,) * rest_s, plan=SetPlan(rest_s=60.0))
            assert progress.is_nearly_over(t_s) is nearly_over


def test_the_next_rest_begins_where_the_lifter_is():
    follower = PlanFollower(SetPlan())
    sizes_px = (NEAR_PX,) * 20 + (FAR_PX,) * 5
    follower.step(replace(a_rep_at(5.0), lifter_px=300.0))
    for n, size_px in enumerate(sizes_px):
        follower.step(at(6.0 + n, lifter_px=size_px))
    follower.step(replace(a_rep_at(40.0, 2), lifter_px=300.0))
    progress = follower.step(at(41.0, 2, lifter_px=FAR_PX))[0]
    assert (progress.in_place, progress.has_looked) == (True, False)


WARNING = Cue(kind="warning", text="step back: head is cut off", rep=None, say=None)


@pytest.mark.parametrize(
    ("rest_s", "problem", "heard"), [(15.0, "out_of_frame", False), (50.0, "out_of_frame", True), (15.0, None, True)]
)
def test_a_warning_of_the_view_is_silent_while_the_lifter_rests(rest_s, problem, heard):
    """One of something else, as the wrong exercise, is heard."""
    summary = a_full_set_summary()
    told = at(5.0 + rest_s, summary=summary, cue=WARNING, warning=WARNING.text, problem=problem)
    _, played = after(SetPlan(rest_s=60.0), a_rep_at(5.0), told)
    assert (WARNING in played) is heard


def test_before_the_first_set_a_warning_is_heard():
    """There the lifter takes the place."""
    _, played = after(SetPlan(rest_s=60.0), at(1.0, 0, cue=WARNING, problem="out_of_frame"))
    assert played == [WARNING]
