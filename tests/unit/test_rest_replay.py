"""What the lifter looks at in a rest."""

from dataclasses import replace

import numpy as np
import pytest
from builders.depth import a_depth
from builders.kept_reps import a_kept_rep, with_round_back
from builders.observations import an_observation
from builders.steps import a_fault, a_rep, a_set_summary, a_step

from livecoach.core.documents import SetEndEvent
from livecoach.core.language import translate, using_language
from livecoach.core.step import RepCompleted, RepCorrected, RepsWithdrawn, Step, StepEvent
from livecoach.core.types import Correction, HandAnswer, RepDifference, RepWindow, SetPlan
from livecoach.core.types.message import Message, join_texts
from livecoach.decisions import assembly
from livecoach.decisions.coaching.set_progress import LOOK_AFTER_S, SetProgress
from livecoach.decisions.judging.corrections import apply_set_end
from livecoach.decisions.judging.own_reps import UNLIKE_OTHERS
from livecoach.feedback.rep_loop import LOOP_PICTURES, RepLoop
from livecoach.feedback.two_reps import HEIGHT
from livecoach.run.rest_replay import MOST_OF_SET, RestReplay

ENDS_S = 10.0
RESTING = SetProgress(plan=SetPlan(rest_s=120.0), rests_since_s=ENDS_S)
WINDOW = a_kept_rep(lift="squat")
LEANT = a_fault("forward_lean", at_s=2.0, phase="bottom", text="leant forward: 52°, your good reps 41°")
MENDED = a_set_summary(exercise="squat", fault="forward_lean", fault_cue="stay tall", fault_reps=2)
CLEAN = a_set_summary(exercise="squat")


@pytest.fixture(scope="module")
def exercises() -> dict[str, assembly.TrainedExercise]:
    return dict(assembly.load("squat").exercises)


def good(number: int, score: float = 0.4, window: RepWindow = WINDOW, **changes: object) -> RepCompleted:
    """A good rep, with what was seen of it."""
    rep = a_rep(index=number, number=number, set=1, start_s=0.8 + number / 100, turn_s=2.0, end_s=3.2, score=score)
    rep = replace(rep, **changes)
    return RepCompleted(rep=rep, window=replace(window, set_name=f"{rep.exercise} {rep.index}"))


def bent(trunk_deg: float, **changes: object) -> RepWindow:
    """What was seen of a squat with such a lean at the bottom."""
    return replace(a_kept_rep(lift="squat", deepest_deg=(35.0, 80.0, trunk_deg)), **changes)


def leaning(number: int, severity: float, against: tuple[RepWindow, ...] = ()) -> RepCompleted:
    """A rep that leant forward."""
    fault = replace(LEANT, severity=severity, text=f"leant forward: {40 + 10 * severity:.0f}°, your good reps 40°")
    bad = good(number, verdict="anomalous", score=1.5, faults=(fault,), top_joints=("left_hip",))
    return replace(bad, against=against)


def at(rest_s: float, *events: StepEvent, **changes: object) -> Step:
    """A step so long after the last rep."""
    return a_step(*events, observation=an_observation(t_s=ENDS_S + rest_s), **{"summary": MENDED, **changes})


class Rest:
    """The replay of a rest, and the reps of its run as they are now."""

    def __init__(self, exercises):
        self.replay, self.reps = RestReplay(exercises), {}

    def step(self, step: Step, progress: SetProgress) -> RepLoop | None:
        for rep in step.withdrawn_reps:
            del self.reps[rep.start_s]
        changed = (*step.reps, *(event.rep for event in step.events_of(RepCorrected)))
        self.reps |= {rep.start_s: rep for rep in changed}
        return self.replay.step(step, progress, [*self.reps.values()])


def shown(replay: Rest, *reps: RepCompleted, after_s: float = LOOK_AFTER_S, **changes: object) -> RepLoop | None:
    """What is shown after a set."""
    replay.step(a_step(*reps, is_under_way=True), replace(RESTING, rests_since_s=None))
    return replay.step(at(after_s, **changes), RESTING)


def captions(loop: RepLoop | None) -> list[tuple[str, bool]]:
    return [] if loop is None else [(rep.caption, rep.paired.form == "good") for rep in loop.reps]


def test_the_worst_rep_is_shown_beside_the_most_typical_rep(exercises):
    """Of two as severe as can be said, the one that differs more."""
    others, worst = (good(1, 0.5), good(2, 0.2), good(5, 0.3)), leaning(4, 0.9)
    near = replace(worst.rep, number=3, faults=tuple(replace(fault, ref=fault.measure) for fault in worst.rep.faults))
    loop = shown(Rest(exercises), *others, worst, replace(worst, rep=near))
    assert captions(loop) == [("Set 1, rep 4", False), ("Set 1, rep 2", True)]
    assert (loop.cue, loop.change) == ("Stay tall", "49°, your good reps 40°")
    assert loop.drill == exercises["squat"].scorer.faults.table.faults["forward_lean"].drill
    assert loop.reps[0].paired.joints == ("left_hip",)
    assert {len(rep.figures) for rep in loop.reps} == {LOOP_PICTURES}


def test_a_rep_that_is_right_in_what_is_shown_and_high_has_no_tick(exercises):
    high = good(1, standards=(a_depth(7.0, "missed"),))
    loop = shown(Rest(exercises), high, leaning(2, 0.9))
    assert [(rep.caption, rep.paired.form) for rep in loop.reps] == [
        ("Set 1, rep 2", "anomalous"),
        ("Set 1, rep 1", "unsure"),
    ]


def test_a_new_reference_is_asked_for_with_three_of_its_reps(exercises):
    replay = Rest(exercises)
    reps = [at_s(number, 5.0 * number) for number in range(1, 6)]
    asked_for = tuple(rep.rep.start_s for rep in reps)
    loop = shown(replay, *reps, leaning(6, 0.5), reference_s=asked_for)
    assert captions(loop) == [("Set 1, rep 1", True), ("Set 1, rep 3", True), ("Set 1, rep 5", True)]
    assert (loop.cue, loop.change, loop.drill) == ("Are these your good reps?", "", "")
    by_hand = shown(Rest(exercises), *reps, reference_s=asked_for, hand=HandAnswer())
    assert by_hand.change == "Right hand up: yes, left hand up: no"
    turned_s = [rep.figures[loop.stops_at].observation.t_s - rep.paired.window.turn_s for rep in loop.reps]
    assert turned_s == pytest.approx([0.0, 0.0, 0.0], abs=0.05)
    assert len({rep.paired.crop for rep in loop.reps}) == 1
    for rep in reps:
        said = replace(rep.rep, correction=Correction(label="good"))
        answered = at(LOOK_AFTER_S + 1, RepCorrected(rep=said, before=None))
        loop = replay.step(answered, RESTING)
    assert captions(loop)[0] == ("Set 1, rep 6", False)


def at_s(number: int, start_s: float) -> RepCompleted:
    """A good rep that began at a time of its own."""
    by_s = start_s - WINDOW.start_s
    seen = tuple(replace(one, t_s=one.t_s + by_s) for one in WINDOW.observations)
    times = {name: getattr(WINDOW, name) + by_s for name in ("start_s", "turn_s", "end_s")}
    return good(number, window=replace(WINDOW, observations=seen, **times), **times)


@pytest.mark.parametrize(
    ("code", "change"), [("en", "Chest 5° down"), ("de", "Brust 5° runter"), ("es", "Pecho 5° abajo")]
)
def test_the_words_of_a_measured_fault_begin_as_a_sentence(exercises, code, change):
    fault = replace(LEANT, text=join_texts(": ", "hips rose first", Message("chest {n}° down", n=5)))
    loop = shown(Rest(exercises), good(1), good(2, verdict="anomalous", score=1.5, faults=(fault,)))
    with using_language(code):
        assert translate(loop.change) == change


def test_the_worst_rep_is_shown_beside_a_rep_that_judged_it(exercises):
    """The one that the others of these are nearest to, from whichever day: what was measured is told against them."""
    first = good(1, window=bent(45.0))
    then = bent(40.0, set_name="then 1"), bent(50.0, set_name="then 2"), bent(51.0, set_name="then 3")
    loop = shown(Rest(exercises), first, leaning(2, 0.5, against=then))
    assert captions(loop) == [("Set 1, rep 2", False), ("Your best rep", True)]
    loop = shown(Rest(exercises), first, good(2, window=bent(44.0)), leaning(3, 0.5, against=(first.window,)))
    assert captions(loop) == [("Set 1, rep 3", False), ("Set 1, rep 1", True)]


def a_pull(number: int, bulge: float, *, until_s: float = 9.0, **changes: object) -> RepCompleted:
    """A pull whose back is so round, in torso lengths, as far as its edge was seen."""
    window = with_round_back(a_kept_rep(azimuth_deg=75.0), bulge, until_s=until_s, set_name=f"pull {number}")
    return replace(good(number, exercise="deadlift", **changes), window=window)


def test_a_round_back_is_drawn_round_beside_a_good_back():
    pulls = a_pull(1, -0.04), a_pull(2, -0.05), a_pull(3, -0.045, until_s=0.5)
    against = tuple(pull.window for pull in pulls)
    text = "back rounded: about 2.4 cm rounder than in your good reps"
    fault = a_fault("rounded_back", at_s=0.8, phase="lift_off", measure=0.005, ref=-0.045, unit="torso", text=text)
    round_one = a_pull(4, 0.01, verdict="anomalous", score=1.5, faults=(fault,), top_joints=("left_hip",))
    summary = a_set_summary(exercise="deadlift", fault="rounded_back", fault_cue="chest up", fault_reps=1)
    replay = Rest(assembly.load("deadlift").exercises)
    loop = shown(replay, *pulls, replace(round_one, against=against), summary=summary)
    assert captions(loop)[0] == ("Set 1, rep 4", False)
    assert captions(loop)[1][0] in ("Set 1, rep 1", "Set 1, rep 2")
    assert [rep.paired.joints for rep in loop.reps] == [(), ()]
    heights = [over_the_straight_line(rep.figures[loop.stops_at].back) for rep in loop.reps]
    assert heights[0] > 0 > heights[1]


def over_the_straight_line(points: np.ndarray) -> float:
    """How far a line bulges upwards over the straight one between its ends, pixels."""
    straight = np.linspace(points[0], points[-1], len(points))
    return float((straight - points)[:, 1].mean())


def test_the_line_of_a_measured_depth_is_at_both_bottoms(exercises):
    measured = {"standards": (a_depth(6.0, "missed"),)}
    deep = {"standards": (a_depth(-3.0, "met"),)}
    bad = leaning(2, 0.5)
    loop = shown(Rest(exercises), good(1, **deep), replace(bad, rep=replace(bad.rep, **measured)))
    assert [rep.paired.line.result.verdict for rep in loop.reps] == ["missed", "met"]
    for rep in loop.reps:
        assert rep.figures[0].line is rep.figures[-1].line is None
        assert 0 < rep.figures[LOOP_PICTURES // 2].line[0, 1] < HEIGHT
    assert [rep.paired.line for rep in shown(Rest(exercises), good(1), leaning(2, 0.5)).reps] == [None, None]


def test_a_set_of_high_reps_shows_the_highest_rep(exercises):
    summary = a_set_summary(exercise="squat", fault="shallow", fault_cue="a little deeper", fault_reps=2)
    high = [good(n, standards=(a_depth(off, "missed"),), set=2) for n, off in ((4, 8.0), (5, 12.0))]
    loop = shown(Rest(exercises), *high, summary=summary)
    assert captions(loop) == [("Set 2, rep 5", False)]
    assert (loop.cue, loop.change) == ("A little deeper", "12 cm too high")
    assert loop.drill == exercises["squat"].scorer.faults.table.faults["shallow"].drill
    loop = shown(Rest(exercises), good(1, standards=(a_depth(-2.0, "met"),)), *high, summary=summary)
    assert captions(loop) == [("Set 2, rep 5", False), ("Set 1, rep 1", True)]


def test_a_set_without_a_fault_shows_its_best_rep(exercises):
    loop = shown(Rest(exercises), good(1), good(2, 0.1), summary=CLEAN)
    assert captions(loop) == [("Set 1, rep 2", True)]
    assert (loop.cue, loop.change, loop.drill) == ("Best: rep 2", "", "")


@pytest.mark.parametrize("changes", [{"is_under_way": True}, {"progress": 0.3}, {"summary": None}, {"after_s": 9.0}])
def test_nothing_is_shown_before_ten_seconds_of_rest_and_after_it(exercises, changes):
    assert shown(Rest(exercises), leaning(1, 0.5), **changes) is None


def test_a_movement_near_the_camera_does_not_end_the_replay(exercises):
    """Of whom only a part is in view: what is guessed of the rest moves as in a rep."""
    replay = Rest(exercises)
    loop = shown(replay, leaning(1, 0.5))
    near = replace(RESTING, in_place=False)
    assert replay.step(at(20.0, progress=0.2), near) is loop is not None
    assert replay.step(at(20.0, is_under_way=True), near) is None


@pytest.mark.parametrize("rep", [good(1, verdict="unsure", score=None), replace(good(1), window=None)])
def test_a_set_of_which_nothing_was_judged_or_seen_shows_nothing(exercises, rep):
    assert shown(Rest(exercises), rep, summary=CLEAN) is None


def test_an_exercise_without_its_coach_shows_nothing():
    assert shown(Rest({}), leaning(1, 0.5)) is None


def test_a_correction_changes_what_is_shown(exercises):
    replay, bad = Rest(exercises), leaning(2, 0.5)
    shown(replay, good(1), bad)
    called_good = replace(bad.rep, correction=Correction(label="good"))
    said = RepCorrected(rep=called_good, before=None)
    loop = replay.step(at(20.0, said, summary=CLEAN), RESTING)
    assert captions(loop) == [("Set 1, rep 1", True)]


def test_a_rep_that_turned_out_otherwise_at_the_end_of_the_set_is_shown_so(exercises):
    """While livecoach learned, the second rep was good, and at the end it was unlike the others."""
    replay, reps = Rest(exercises), [good(number, reference="none") for number in (1, 2)]
    shown(replay, *reps, summary=CLEAN)
    turned = apply_set_end([seen.rep for seen in reps], {2: UNLIKE_OTHERS}, 1)
    replay.reps = {rep.start_s: rep for rep in turned}
    loop = replay.step(at(20.0, SetEndEvent(t_s=20.0, summary=CLEAN), summary=CLEAN), RESTING)
    assert captions(loop)[0] == ("Set 1, rep 2", False)


def test_a_fault_that_the_lifter_named_is_shown_without_a_number(exercises):
    named = replace(good(2).rep, correction=Correction(label="bad", fault="knee_cave"))
    caved = a_set_summary(exercise="squat", fault="knee_cave", fault_cue="knees out", fault_reps=1)
    loop = shown(Rest(exercises), good(1), replace(good(2), rep=named), summary=caved)
    assert captions(loop) == [("Set 1, rep 2", False), ("Set 1, rep 1", True)]
    assert (loop.cue, loop.change) == ("Knees out", "")
    assert loop.drill == exercises["squat"].scorer.faults.table.faults["knee_cave"].drill


def test_an_anomalous_rep_without_a_fault_names_the_reps_that_it_is_unlike(exercises):
    why = RepDifference(joints=("left_knee",), phase="bottom", at_s=2.0, text="left knee, at the bottom")
    odd = good(2, verdict="anomalous", score=2.0, why=why)
    loop = shown(Rest(exercises), good(1), odd, summary=MENDED)
    assert (loop.cue, loop.change, loop.drill) == ("Unlike your good reps", "Left knee, at the bottom", "")


@pytest.mark.parametrize(("exercise", "typical"), [("squat", [("Set 1, rep 1", True)]), ("deadlift", [])])
def test_a_good_rep_of_an_earlier_set_is_typical_too_but_not_of_another_exercise(exercises, exercise, typical):
    replay = Rest(exercises)
    shown(replay, good(1, exercise=exercise), summary=CLEAN)
    bad = leaning(3, 0.5)
    loop = shown(replay, replace(bad, rep=replace(bad.rep, exercise="squat", set=2, number=1)))
    assert captions(loop) == [("Set 2, rep 1", False), *typical]


def test_both_reps_turn_in_the_same_picture(exercises):
    slow = replace(WINDOW, start_s=0.3, end_s=3.9)
    loop = shown(Rest(exercises), replace(good(1), window=slow), leaning(2, 0.5))
    hips = [[one.body.xy_px[23:25, 1].mean() for one in rep.figures] for rep in loop.reps]
    lowest = [max(range(LOOP_PICTURES), key=heights.__getitem__) for heights in hips]
    assert abs(lowest[0] - lowest[1]) <= 1


def test_a_set_without_an_end_shows_one_of_its_newest_reps(exercises):
    """The observations of all others are free, also where the worst rep is among them."""
    worst, others = leaning(1, 0.9), [leaning(number, 0.5) for number in range(2, MOST_OF_SET + 2)]
    assert captions(shown(Rest(exercises), worst, *others[:-1]))[0][0] == "Set 1, rep 1"
    assert captions(shown(Rest(exercises), worst, *others))[0][0] == "Set 1, rep 2"


def test_a_rep_that_was_withdrawn_is_not_shown(exercises):
    """Its set was of another exercise, and its reps stand in its place."""
    replay, wrong = Rest(exercises), leaning(1, 0.9)
    replay.step(at(-5.0, wrong, is_under_way=True), RESTING)
    replay.step(at(-4.0, RepsWithdrawn(reps=(wrong.rep,)), good(1), leaning(2, 0.2), is_under_way=True), RESTING)
    assert captions(shown(replay)) == [("Set 1, rep 2", False), ("Set 1, rep 1", True)]
