"""Where the lifter stands in the session: number of the set, rest, and the loss of speed that ends a set."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from builders.observations import an_observation
from builders.steps import a_full_set_summary, a_pace, a_rep, a_step, with_state

from livecoach.core.step import RepCorrected, RepsWithdrawn, Step, StepEvent
from livecoach.core.types import NO_PLAN, Correction, Cue, Rep, SetPlan
from livecoach.decisions.coaching.set_progress import PlanFollower, SetProgress, find_set_plan, parse_rest, parse_target


@pytest.mark.parametrize(
    ("text", "expected"), [("5x5", (5, 5)), ("3 x 12", (3, 12)), ("5×3", (5, 3)), ("10X10", (10, 10)), ("8", (None, 8))]
)
def test_a_target_is_read_as_sets_and_reps(text, expected):
    assert parse_target(text) == expected


@pytest.mark.parametrize(
    ("text", "rest_s"),
    [
        *((text, 90) for text in ("90", "90s", "90 Sek.", "1:30", "1m30s", "1,5 min")),
        *(("2min", 120), ("2 Minuten", 120), ("1", 1), ("60 min", 3600)),
    ],
)
def test_a_rest_is_read_as_lifters_write_it(text, rest_s):
    assert parse_rest(text) == rest_s


NO_TARGETS = ("", "x", "5x", "x5", "0x5", "5x0", "0", "-3", "5x5x5", "five", "1000", "100x5")
NO_RESTS = ("", "0", "two", "1:60", "61min", "-5", "1:30:00", "nan", "inf", "2h", "\u0661")


@pytest.mark.parametrize(
    ("parse", "text", "example"),
    [
        *((parse_target, text, "like 5x5") for text in NO_TARGETS),
        *((parse_rest, text, "Write 90s, 2min or 1:30") for text in NO_RESTS),
    ],
)
def test_a_malformed_target_or_rest_is_refused_with_an_example(parse, text, example):
    with pytest.raises(ValueError, match=example):
        parse(text)


def at(t_s: float, set_index: int = 1, *events: StepEvent, **changes: object) -> Step:
    return a_step(*events, observation=an_observation(t_s=t_s), index=set_index, **changes)


def a_rep_at(
    t_s: float, set_index: int = 1, *, loss: float | None = None, index: int = 1, measured_from: str = "bar"
) -> Step:
    """A step in which a rep ends. loss: its velocity loss; None where its pace is not known."""
    pace = None if loss is None else a_pace(velocity_loss=loss, speed_unit="m/s", measured_from=measured_from)
    rep = a_rep(index=index, set=set_index, number=index, start_s=t_s - 2, end_s=t_s, pace=pace)
    number = Cue(kind="good_rep", text=str(index), rep=index, say=str(index))
    return at(t_s, set_index, is_under_way=True, rep=rep, cue=number)


class Following(PlanFollower):
    """It counts the reps of its steps, as a run does."""

    reps: Sequence[Rep] = ()

    def step(self, step: Step) -> tuple[SetProgress, Cue | None]:
        now = {event.rep.start_s: event.rep for event in step.events_of(RepCorrected)}
        self.reps = [now.get(rep.start_s, rep) for rep in (*step.drop_withdrawn(self.reps), *step.reps)]
        self.count_sets(self.reps)
        return super().step(step)


def after(plan: SetPlan, *steps: Step) -> tuple[SetProgress, list[Cue]]:
    """The progress after some steps, and the cues that were to be played."""
    follower = Following(plan)
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
def test_the_set_number_is_that_of_the_set_under_way_or_the_next(steps, number):
    """A set that goes on after its end was taken back keeps its number."""
    assert after(SetPlan(), *steps)[0].set_number == number


def test_a_rest_counts_from_the_end_of_the_last_rep():
    """The end of a set is noticed up to 20 s later, and the lifter rests from when the bar is down."""
    progress, _ = after(SetPlan(), at(0.0, 0), a_rep_at(5.0), a_rep_at(8.0), at(28.0))
    assert progress.rest_s(28.0) == 20.0
    assert progress.rest_s(68.0) == 60.0


@pytest.mark.parametrize(
    "steps", [[at(30.0, 0)], [a_rep_at(5.0)], [a_rep_at(5.0), at(30.0), a_rep_at(40.0)]], ids=["none", "in", "again"]
)
def test_nobody_rests_before_the_first_set_and_in_a_set(steps):
    assert after(SetPlan(rest_s=1.0), *steps)[0].rest_s(60.0) is None


def squat_set(t_s: float, number: int) -> Step:
    """The step of the only rep of a set."""
    return with_state(a_rep_at(t_s, number), exercise="squat")


def test_the_rest_begins_with_the_planned_last_rep():
    """Before the set is over, and heard once it was long enough; a further rep begins it anew."""
    plan = SetPlan(reps=2, rest_s=30.0)
    two = [a_rep_at(5.0), a_rep_at(8.0, index=2)]
    still = {"is_under_way": True, "count": 2}
    assert after(plan, *two, at(12.0, **still))[0].rest_s(12.0) == 4.0
    assert after(plan, *two, at(12.0, **still, progress=0.4))[0].rest_s(12.0) is None
    assert after(plan, two[0], at(12.0, is_under_way=True, count=1))[0].rest_s(12.0) is None
    assert after(SetPlan(), *two, at(12.0, **still))[0].rest_s(12.0) is None
    more = [with_state(a_rep_at(20.0, index=3), count=3), at(22.0, is_under_way=True, count=3)]
    progress, heard = after(plan, *two, at(12.0, **still), *more, at(51.0, is_under_way=True, count=3))
    assert (progress.rest_s(51.0), heard[-1].kind) == (31.0, "rested")


def test_the_rest_goes_on_while_another_exercise_or_lifter_has_its_turn():
    follower = Following(SetPlan(rest_s=60.0))
    follower.begin("squat")
    for step in (at(0.0, 0), a_rep_at(5.0), at(30.0), at(66.0)):
        follower.step(step)
    follower.begin("row")
    progress, cue = follower.step(at(70.0, 0))
    assert (progress.rest_s(80.0), cue) == (75.0, None)


def test_a_lifters_sets_are_counted_for_themselves():
    follower = Following(SetPlan())
    assert follower.begin("squat").set_number == 1
    follower.step(squat_set(5.0, 1))
    assert follower.step(squat_set(95.0, 4))[0].set_number == 2
    assert follower.step(at(120.0, 4))[0].set_number == follower.begin("row").set_number == 3


def test_planned_sets_are_counted_by_exercise():
    follower = Following(SetPlan(), {"squat": (SetPlan(sets=3, reps=5),), "row": (SetPlan(sets=2, reps=8),)})
    follower.begin("squat")
    follower.step(squat_set(5.0, 1))
    follower.begin("row")
    progress = follower.step(at(30.0, 0, exercise="row"))[0]
    assert (progress.set_number, progress.plan_set, progress.plan.sets, progress.plan.reps) == (2, 1, 2, 8)
    follower.begin("squat")
    progress = follower.step(at(60.0, 0, exercise="squat"))[0]
    assert (progress.plan_set, progress.plan.sets, progress.plan.reps) == (2, 3, 5)


def test_a_set_without_a_counted_rep_is_no_planned_set():
    follower = Following(SetPlan(sets=3, reps=5))
    step = squat_set(5.0, 1)
    follower.step(step)
    none = replace(step.reps[-1], correction=Correction(label="no-rep"))
    said = RepCorrected(rep=none, before=None)
    assert follower.step(at(30.0, 1, said))[0].plan_set == 1
    follower.step(squat_set(60.0, 2))
    assert follower.step(at(70.0, 2, RepsWithdrawn(reps=squat_set(60.0, 2).reps)))[0].plan_set == 1


HEAVY, LIGHT = SetPlan(sets=1, reps=3, load_kg=120.0), SetPlan(sets=2, reps=8, load_kg=90.0)


def test_each_set_has_the_plan_of_its_place():
    shown = [find_set_plan((HEAVY, LIGHT), number) for number in (1, 2, 3, 4)]
    assert [(one.sets, one.reps, one.load_kg) for one in shown] == [(3, 3, 120.0), *[(3, 8, 90.0)] * 3]
    assert find_set_plan((SetPlan(reps=8),), 4) == SetPlan(reps=8)


def test_a_warm_up_is_no_planned_set():
    """It is lighter than nine tenths of what is planned. A set whose load is not known is a planned one."""
    loads_kg = {1: 60.0, 2: 107.0, 3: 108.0, 4: None}
    follower = Following(SetPlan(), {"squat": (HEAVY, LIGHT)}, loads_kg.get)
    follower.begin("squat")
    numbers = []
    for number in loads_kg:
        follower.step(squat_set(100.0 * number, number))
        numbers.append(follower.step(at(100.0 * number + 30, number, exercise="squat"))[0].plan_set)
    assert numbers == [1, 1, 2, 3]


def test_a_rest_that_is_typed_is_of_the_exercise_at_hand():
    follower = Following(SetPlan(rest_s=60.0), {"squat": (HEAVY, LIGHT)})
    follower.begin("squat")
    follower.step(at(0.0, 0, exercise="squat"))
    assert follower.planned_exercise == "squat"
    longer = [replace(plan, rest_s=180.0) for plan in follower.plans]
    assert follower.replace_plans(longer, "squat").plan.rest_s == 180.0
    assert follower.step(at(1.0, 0, exercise="squat"))[0].plan.load_kg == 120.0
    follower.begin("row")
    assert follower.step(at(2.0, 0, exercise="row"))[0].plan.rest_s == 60.0


def test_new_plans_of_another_exercise_leave_the_progress_as_it_is():
    """Only the current exercise's plan belongs to the progress."""
    follower = Following(SetPlan(rest_s=60.0), {"squat": (HEAVY, LIGHT)})
    follower.begin("squat")
    before, _ = follower.step(at(0.0, 0, exercise="squat"))
    assert follower.replace_plans((SetPlan(rest_s=180.0),), "row") == before


def test_an_exercise_that_is_recognised_has_its_own_plan():
    follower = Following(SetPlan(reps=8), {"squat": (LIGHT,)})
    follower.begin("auto")
    assert follower.step(at(0.0, 0))[0].plan.reps == 8
    assert follower.step(squat_set(5.0, 1))[0].plan.load_kg == 90.0
    assert follower.step(at(40.0, 1))[0].plan_set == 2  # until another one is known
    follower.begin("auto")  # somebody else had a turn
    assert follower.step(at(60.0, 0))[0].plan_set == 2


DARK = Cue(kind="warning", text="too dark", rep=None, say=None)
REST = SetPlan(rest_s=60.0)


@pytest.mark.parametrize(
    ("plan", "steps", "kinds"),
    [
        # As soon as the rest is over, once, and again after the next set
        (REST, [a_rep_at(5.0), at(30.0), at(64.9)], ["good_rep"]),
        (REST, [a_rep_at(5.0), at(30.0), at(64.9), at(65.0), at(65.1)], ["good_rep", "rested"]),
        (
            REST,
            [a_rep_at(5.0), at(65.0), a_rep_at(90.0, 2), at(110.0, 2), at(150.0, 2)],
            ["good_rep", "rested", "good_rep", "rested"],
        ),
        # It does not take the place of another cue.
        (REST, [a_rep_at(5.0), at(70.0, cue=DARK), at(70.1)], ["good_rep", "warning", "rested"]),
        (SetPlan(), [a_rep_at(5.0, loss=0.9), at(30.0), at(3000.0)], ["good_rep"]),
    ],
)
def test_the_end_of_a_planned_rest_is_heard(plan, steps, kinds):
    progress, cues = after(plan, *steps)
    assert [cue.kind for cue in cues] == kinds
    assert progress.is_rested(steps[-1].observation.t_s) is (kinds[-1] == "rested")


def test_the_end_of_a_rest_is_heard_once_whichever_exercise_is_assumed():
    """Again only if the rest of the newly assumed exercise is longer, and ends later."""
    follower = Following(REST, {"squat": (SetPlan(rest_s=90.0),), "row": (SetPlan(rest_s=80.0),)})
    follower.begin("auto")
    steps = [at(t_s, exercise=name) for t_s in (64.9, 91.0, 96.0, 97.0) for name in ("press", "squat", "row")]
    told = [follower.step(step)[1] for step in (a_rep_at(5.0), *steps)]
    assert [number for number, cue in enumerate(told) if cue and cue.kind == "rested"] == [4, 8]


STOP = SetPlan(stop_at_loss=0.2)
SLOW = [a_rep_at(5.0, loss=0.0), a_rep_at(8.0, loss=0.2, index=2)]
ESTIMATED = a_rep_at(5.0, loss=0.9, measured_from="body")


@pytest.mark.parametrize(
    ("plan", "steps", "loss", "is_blind", "kind", "said"),
    [
        # Known until a faster rep comes or the set is over
        (STOP, SLOW, 0.2, False, "stop", "2, stop"),
        (STOP, [*SLOW, at(9.0, is_under_way=True)], 0.2, False, "stop", "2, stop"),
        (STOP, [*SLOW, a_rep_at(11.0, loss=0.1)], None, False, "good_rep", "1"),
        (STOP, [*SLOW, at(30.0)], None, False, "stop", "2, stop"),
        (STOP, [a_rep_at(5.0, loss=0.19)], None, False, "good_rep", "1"),
        (SetPlan(), [a_rep_at(5.0, loss=0.9)], None, False, "good_rep", "1"),
        # Hands and hips give a speed that is off by a fifth or more in half of the reps: it stops nothing, and that is
        # said during the set, where the last rep's speed was not measured.
        (STOP, [ESTIMATED], None, True, "good_rep", "1"),
        (STOP, [ESTIMATED, at(6.0, is_under_way=True)], None, True, "good_rep", "1"),
        (STOP, [ESTIMATED, a_rep_at(8.0, loss=0.1, index=2)], None, False, "good_rep", "2"),
        (STOP, [ESTIMATED, at(30.0)], None, False, "good_rep", "1"),
        (STOP, [a_rep_at(5.0, loss=None)], None, True, "good_rep", "1"),
        (SetPlan(), [ESTIMATED], None, False, "good_rep", "1"),
        # A correction is heard before the stop.
        (
            STOP,
            [replace(a_rep_at(5.0, loss=0.3), cue=Cue(kind="anomalous_rep", text="chest up", rep=1, say="chest up"))],
            0.3,
            False,
            "anomalous_rep",
            "chest up, stop",
        ),
    ],
)
def test_a_rep_that_is_too_slow_stops_the_set(plan, steps, loss, is_blind, kind, said):
    progress, cues = after(plan, *steps)
    assert (progress.loss, progress.is_blind, cues[-1].kind, cues[-1].say) == (loss, is_blind, kind, said)


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
    progress = SetProgress(plan=SetPlan(rest_s=planned_s), rests_since_s=5.0)
    assert progress.may_replay_set(5.0 + rest_s) is looking
    assert progress.is_rest_nearly_over(5.0 + rest_s) is nearly_over
    before = SetProgress(plan=REST)  # the first set
    assert (before.may_replay_set(30.0), before.is_rest_nearly_over(0.0)) == (False, True)


NEAR_PX, FAR_PX = 550.0, 310.0


@pytest.mark.parametrize(
    ("plan", "sizes_px", "nearly_over"),
    [
        *((REST, (size_px,) * 30, False) for size_px in (NEAR_PX, FAR_PX, None)),
        *((REST, (size_px,) * 45, True) for size_px in (NEAR_PX, FAR_PX, None)),
        (NO_PLAN, (FAR_PX,) * 60, False),
        (NO_PLAN, (FAR_PX,) * 80, True),
        (NO_PLAN, (NEAR_PX,) * 80, False),
        (NO_PLAN, (None,) * 80, False),
        (NO_PLAN, (None,) * 30 + (FAR_PX,) * 5, False),
        (NO_PLAN, (NEAR_PX,) * 30 + (FAR_PX,), False),
        (NO_PLAN, (NEAR_PX,) * 30 + (FAR_PX,) * 5, True),
        (NO_PLAN, (NEAR_PX,) * 30 + (FAR_PX,) * 5 + (NEAR_PX,), False),
    ],
)
def test_a_rest_is_nearly_over_by_the_clock_or_where_the_lifter_has_gone_back(plan, sizes_px, nearly_over):
    """Without a plan, from the camera, after a look. Who is near it or out of view rests on, for however long."""
    follower = Following(plan)
    follower.step(with_state(a_rep_at(5.0), torso_and_leg_px=300.0))
    told = [follower.step(at(6.0 + n, torso_and_leg_px=size_px))[0] for n, size_px in enumerate(sizes_px)]
    assert told[-1].is_rest_nearly_over(5.0 + len(sizes_px)) is nearly_over


def test_the_next_rest_begins_where_the_lifter_is():
    follower = Following(SetPlan())
    sizes_px = (FAR_PX,) * 5 + (NEAR_PX,) * 20
    follower.step(with_state(a_rep_at(5.0), torso_and_leg_px=300.0))
    for n, size_px in enumerate(sizes_px):
        follower.step(at(6.0 + n, torso_and_leg_px=size_px))
    for step in (with_state(a_rep_at(40.0, 2), torso_and_leg_px=300.0), at(41.0, 2, torso_and_leg_px=FAR_PX)):
        progress = follower.step(step)[0]
        assert (progress.in_place, progress.has_looked) == (True, False)


WARNING = Cue(kind="warning", text="step back: head is cut off", rep=None, say=None)


@pytest.mark.parametrize(
    ("rest_s", "problem", "heard"), [(15.0, "out_of_frame", False), (50.0, "out_of_frame", True), (15.0, None, True)]
)
def test_a_warning_of_the_view_is_silent_while_the_lifter_rests(rest_s, problem, heard):
    summary = a_full_set_summary()
    told = at(5.0 + rest_s, summary=summary, cue=WARNING, warning=WARNING.text, problem=problem)
    assert (WARNING in after(REST, a_rep_at(5.0), told)[1]) is heard
    assert after(REST, at(1.0, 0, cue=WARNING, problem="out_of_frame"))[1] == [WARNING]  # the lifter takes the place
