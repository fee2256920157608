"""Reps of one lifter as a run goes on: can a rep be judged, by what, how fast was it, and what is learned."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import STIFF, a_kept_rep, with_back
from builders.scorers import a_scorer
from builders.steps import a_view
from builders.stick_figure import bends

from livecoach.core import landmark
from livecoach.core.step import RepCompleted, RepCorrected
from livecoach.core.types import Correction, Observation, RepWindow
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.own_reps import FIRST_REPS
from livecoach.decisions.judging.wording import PHASE_WORDS
from livecoach.decisions.rep import measured
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.tempo import torso_length_m

SCORER = a_scorer()
DEADLIFT, SQUAT = load_faults("deadlift"), load_faults("squat")
REAR = a_view(150.0, "rear")
DAY = "2026-03-01"


def a_seen_rep(seed: int, **changes: object) -> RepWindow:
    """A pull in which the back's edge was visible too."""
    rep = a_kept_rep(seed=seed, **changes)
    return replace(rep, observations=tuple(with_back(rep.observations)))


GOOD = [a_seen_rep(i) for i in range(8)]
WITH_STRAIGHT_LEGS = a_seen_rep(20, deepest_deg=STIFF)
PROFILE = [replace(rep, set_name="monday 1", day=DAY) for rep in GOOD[:5]]


def window(kept: RepWindow = GOOD[0], *, at_s: float = 0.0, **changes: object) -> RepWindow:
    """The window of a rep. at_s: later in the source by so much."""
    seen = tuple(replace(o, t_s=o.t_s + at_s) for o in kept.observations)
    times = {name: getattr(kept, name) + at_s for name in ("start_s", "turn_s", "end_s")}
    return replace(kept, **{"observations": seen, **times, **changes})  # type: ignore[arg-type]


def a_judge(kept: Sequence[RepWindow] = (), **options: object) -> LifterJudge:
    return LifterJudge(SCORER, kept=kept, **options)  # type: ignore[arg-type]


@pytest.fixture
def judge() -> LifterJudge:
    return a_judge()


def judged(judge: LifterJudge, rep: RepWindow, number: int = 1) -> RepCompleted:
    said, against = judge.judge_rep(replace(rep, number=number))
    return RepCompleted(rep=replace(said, index=1, set=1), window=rep, against=against)


def a_set(judge: LifterJudge, reps: Sequence[RepWindow], *, from_s: float = 0.0, name: str = "1") -> list[RepCompleted]:
    return [
        judged(judge, window(rep, at_s=from_s + 4.0 * i, set_name=name, day=None), i + 1) for i, rep in enumerate(reps)
    ]


def without(observations: Sequence[Observation], from_s: float, to_s: float) -> tuple[Observation, ...]:
    """Nobody in them between two times."""
    return tuple(replace(o, landmarks=None, world=None) if from_s <= o.t_s < to_s else o for o in observations)


def wobbling(observations: Sequence[Observation], joints: Sequence[int], metres: float) -> tuple[Observation, ...]:
    """Some joints are guessed, in the world, another way in every frame."""
    rng = np.random.default_rng(0)
    found = []
    for o in observations:
        world = o.world.copy()
        world[list(joints)] += rng.normal(0, metres, (len(joints), 3))
        found.append(replace(o, world=world.astype(np.float32)))
    return tuple(found)


def scrambled(o: Observation) -> Observation:
    """A chair that the pose model takes for a person."""
    world = o.world.copy()
    world[[0, *range(13, 17), *range(25, 33)]] += (3.0, 0.0, 0.0)
    return replace(o, world=world)


def fallen(o: Observation, side: int) -> Observation:
    """A picture on its side: the joints are found all the same, and turned they look as some reps do."""
    x, y, z = o.world.T
    return replace(o, world=np.stack([side * y, -side * x, z], 1).astype(np.float32))


UNCLEAR = window(observations=wobbling(GOOD[0].observations, landmark.ANKLES, 0.3))


# Can it be judged?


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (window(), None),
        (window(confidence=0.79), "out of the picture"),
        (window(observations=without(GOOD[0].observations, 1.2, 1.8)), "lost from sight"),
        (UNCLEAR, "legs not clear"),
        (window(observations=wobbling(GOOD[0].observations, landmark.SHOULDERS, 0.4)), "shoulders not clear"),
        (window(observations=wobbling(GOOD[0].observations, landmark.WRISTS, 0.4)), None),
        (window(observations=tuple(map(scrambled, GOOD[0].observations))), measured.NO_HUMAN),
        *(
            (window(observations=tuple(fallen(o, side) for o in GOOD[0].observations)), measured.ON_ITS_SIDE)
            for side in (-1, 1)
        ),
        (window(a_kept_rep(fps=4.0)), measured.TOO_FEW_FRAMES),
        (window(a_kept_rep(), gap_s=0.4), None),
        (window(a_kept_rep(), gap_s=0.5), measured.PICTURES_MISSING),
    ],
)
def test_a_rep_that_is_poorly_visible_is_not_judged(judge, seen, reason):
    """And says why; wrists alone leave the rest of it to be judged. It is no own good rep."""
    told = judged(judge, seen)
    assert told.rep.unsure == reason
    assert (told.rep.verdict == "unsure") == (reason is not None)
    assert judge.learning_state(seen.view).have == (reason is None)


def test_a_rep_that_ends_at_its_turn_is_judged_by_the_way_there():
    """Nothing of a way back that was not is held against it, and it teaches nothing."""
    judge = a_judge(PROFILE)
    pull = window(GOOD[5], end_s=GOOD[5].turn_s + 0.1)
    whole, _ = a_judge(PROFILE).judge_rep(pull)
    half, _ = judge.judge_rep(pull, half=True)
    assert (whole.verdict, half.verdict, half.reference) == ("anomalous", "good", "own")
    assert half.pace.speed > 0
    assert (half.pace.pause_s, half.pace.eccentric_s) == (None, None)
    stiff, _ = judge.judge_rep(replace(WITH_STRAIGHT_LEGS, end_s=WITH_STRAIGHT_LEGS.turn_s + 0.1), half=True)
    assert stiff.verdict == "anomalous"
    assert judge.own_reps.teachable_reps() == ()


def test_a_rep_that_was_judged_at_its_turn_teaches_once_it_is_lowered():
    held, whole = a_judge(), a_judge()
    for seen in (UNCLEAR, *GOOD[:3]):
        rep, _ = held.judge_rep(replace(seen, end_s=seen.turn_s + 0.1), half=True)
        assert rep.reference != "own"
        held.learn_whole_rep(seen)
        whole.judge_rep(seen)
    assert held.learning_state(GOOD[0].view) == whole.learning_state(GOOD[0].view)
    assert held.learning_state(GOOD[0].view).have == 3
    assert held.own_reps.teachable_reps() == whole.own_reps.teachable_reps()
    moved = ([rep.values[measured.STANCE] for rep in judge.own_reps.current_set.reps] for judge in (held, whole))
    assert next(moved) == next(moved), "how far the feet have moved since the rep before"


def test_a_rep_that_is_not_judged_tells_no_fault_and_no_pace():
    """A poorly visible rep was no slower than the others: no summary says so. All its faults are hidden for that
    reason."""
    told, clear = (judged(a_judge(), seen).rep for seen in (UNCLEAR, window()))
    assert told.pace is None
    assert clear.pace is not None
    assert {hidden.reason for hidden in told.not_visible} == {"unsure"}
    assert len(told.not_visible) == len(DEADLIFT.faults)


@pytest.mark.parametrize("view", [None, REAR])
def test_a_view_that_training_lacks_is_not_judged(view):
    """No view yet, or from behind: the rep says why, hides all faults, and nobody learns from it."""
    judge = a_judge(PROFILE)
    told = judged(judge, window(view=view))
    assert (told.rep.verdict, told.rep.score, told.rep.reference) == ("unsure", None, "none")
    assert (told.rep.faults, told.rep.top_joints, told.rep.why) == ((), (), None)
    assert told.rep.unsure == (measured.FROM_BEHIND if view else measured.VIEW_UNKNOWN)
    assert {missing.name for missing in told.rep.not_visible} == set(DEADLIFT.faults)
    assert told.against == ()
    assert judge.learning_state(view) is None
    assert (judge.end_set().notes, judge.own_reps.teachable_reps()) == ((), ())


def test_a_rep_from_behind_has_a_pace():
    """Its speed is measured from there too; without a view nothing is."""
    rear, nowhere = (judged(a_judge(), window(view=view)).rep for view in (REAR, None))
    assert rear.pace is not None
    assert nowhere.pace is None


# By what it is judged


def test_in_a_first_set_all_reps_are_judged_by_everybody_and_in_the_next_set_by_the_first(judge):
    """That is no reference in the set that is learned. The next set is compared with the first one, which nobody
    confirmed."""
    told = a_set(judge, GOOD[:7])
    assert {(one.rep.reference, one.rep.form) for one in told} == {("none", "alike")}
    assert [one.rep.own_reps for one in told] == [0, 1, 2, 3, 4, 5, 6]
    assert {one.rep.verdict for one in told} == {"good"}
    assert judge.learning_state(GOOD[0].view).is_complete
    judge.end_set()
    assert {one.rep.reference for one in a_set(judge, GOOD[:2], from_s=60.0, name="2")} == {"session"}


def test_reps_of_a_profile_judge_the_first_rep():
    """Straight legs by a lifter whose legs are bent else: named, explained, against the lifter's own."""
    good, stiff = a_set(a_judge(PROFILE), [GOOD[6], WITH_STRAIGHT_LEGS])
    assert (good.rep.verdict, good.rep.form, good.rep.reference, good.rep.faults) == ("good", "good", "own", ())
    assert (stiff.rep.verdict, stiff.rep.faults[0].name) == ("anomalous", "stiff_legged")
    fault = stiff.rep.faults[0]
    assert (fault.unit, fault.phase) == ("deg", "lift_off")
    assert fault.measure > fault.ref + fault.margin
    assert fault.ref == pytest.approx(110, abs=8)
    assert re.fullmatch(r"legs straight at the start: knees 1\d\d°, your good reps 1\d\d°", fault.text)
    assert stiff.rep.top_joints
    assert good.rep.top_joints == ()
    for began_s, told in ((0.0, good), (4.0, stiff)):
        assert 0.8 <= told.rep.why.at_s - began_s <= 3.3
        assert told.rep.why.phase in PHASE_WORDS


def test_a_rep_comes_with_the_own_reps_that_judged_it():
    told = a_set(a_judge(), GOOD[:5])
    assert [len(one.against) for one in told] == [0, 1, 2, 3, 4]
    assert [rep.start_s for rep in told[2].against] == [one.window.start_s for one in told[:2]]
    (first,) = a_set(a_judge(PROFILE), [GOOD[6]])
    assert [rep.set_name for rep in first.against] == ["monday 1"] * 5


@pytest.mark.parametrize(("azimuth_deg", "side"), [(30.0, "left"), (-30.0, "right")])
def test_joints_are_the_lifters_own_from_either_side(azimuth_deg, side):
    """The arm next to the camera is held away: that is the left one of a camera at the left."""
    own = [a_kept_rep(seed=i, azimuth_deg=azimuth_deg) for i in range(4)]
    raised = []
    for o in own[0].observations:
        world = o.world.copy()
        world[landmark.NAMES.index(f"{side}_wrist"), 1] -= 0.3
        raised.append(replace(o, world=world))
    told = a_set(a_judge([replace(rep, set_name="monday 1") for rep in own]), [replace(own[0], observations=raised)])
    assert told[0].rep.why.joints[0] == f"{side}_wrist"


def test_a_set_unlike_the_reference_says_with_which_day_it_is_compared():
    """From the second rep on: it may be the camera, or another way to lift. One odd rep is no set."""
    told = a_set(a_judge(PROFILE), [WITH_STRAIGHT_LEGS] * 3)
    assert [one.rep.compared_with for one in told] == [None, DAY, DAY]
    assert {one.rep.verdict for one in told} == {"anomalous"}
    alone = a_set(a_judge(PROFILE), [GOOD[5], GOOD[6], WITH_STRAIGHT_LEGS])
    assert [one.rep.compared_with for one in alone] == [None] * 3


def test_reps_of_another_day_that_missed_a_standard_are_not_called_good():
    """Unless one of the reference met it."""
    missed = [replace(rep, misses_standard=True) for rep in PROFILE]
    for kept, of_good in ((missed, False), ([*missed[1:], PROFILE[0]], True)):
        (stiff,) = a_set(a_judge(kept), [WITH_STRAIGHT_LEGS])
        assert ("your good reps" in stiff.rep.faults[0].text) is of_good
        assert ("your earlier reps" in stiff.rep.faults[0].text) is not of_good


def test_a_set_past_an_earlier_one_of_today_names_no_day(judge):
    """The lifter knows what was done a few minutes ago."""
    a_set(judge, GOOD[:5])
    judge.end_set()
    told = a_set(judge, [WITH_STRAIGHT_LEGS] * 3, from_s=60.0, name="2")
    assert {one.rep.verdict for one in told} == {"anomalous"}
    assert {one.rep.compared_with for one in told} == {None}


# The end of a set, and of the run


def not_visible(told: RepCompleted) -> dict[str, str]:
    """Fault that could not be checked → why."""
    return {missing.name: missing.reason for missing in told.rep.not_visible}


def test_an_odd_rep_is_named_by_its_number_in_the_set_and_not_where_the_lifter_called_it_good():
    odd = a_seen_rep(30, deepest_deg=(13.0, 51.0, 70.8))
    for said, notes in ((None, ("rep 7, while learning: unlike the others",)), ("good", ())):
        judge = a_judge()
        told = [
            judged(judge, window(rep, at_s=4.0 * i, set_name="1"), i + 6)
            for i, rep in enumerate([GOOD[0], odd, *GOOD[1:7]])
        ]
        judge.correct(corrected(told[1], said))
        assert judge.end_set().notes == notes


def test_of_a_set_beside_the_profile_no_rep_turns_out_otherwise() -> None:
    """Its reps keep their verdicts: "all good" and "unlike the others" would contradict each other."""
    judge = a_judge(PROFILE)
    told = a_set(judge, [a_seen_rep(30, deepest_deg=(13.0, 51.0, 70.8)), *GOOD[:6]])
    assert {(one.rep.verdict, one.rep.reference) for one in told} == {("good", "own")}
    assert judge.end_set() == ((), {})


def test_alarms_beside_an_odd_first_rep_are_taken_back_at_the_end(judge):
    told = a_set(judge, [a_seen_rep(30, deepest_deg=(13.0, 40.0, 60.0)), *GOOD[:5]])
    assert [one.rep.verdict for one in told] == ["good", "anomalous", "anomalous", "good", "good", "good"]
    notes = (f"rep {n}, while learning: {how} the others" for n, how in ((1, "unlike"), (2, "like"), (3, "like")))
    assert judge.end_set().notes == tuple(notes)


@pytest.mark.parametrize(
    ("by_deg", "view_deg", "notes"),
    [
        (5.0, 0.0, ()),
        (-14.0, 0.0, ()),
        (-14.0, 14.0, ("you look turned by 14° from last time: put the camera where it was",)),
        (-25.0, 25.0, ("camera moved too far: judged by this set alone",)),
    ],
)
def test_a_view_that_has_changed_since_last_time_is_said_after_the_second_rep_and_noted(by_deg, view_deg, notes):
    """A lifter who turned looks as a camera that did. Shoulders alone are seen too badly to say so."""
    cosine, sine = np.cos(np.radians(by_deg)), np.sin(np.radians(by_deg))
    turn = np.array([(cosine, 0, sine), (0, 1, 0), (-sine, 0, cosine)], np.float32)  # the second axis goes down
    judge = a_judge(PROFILE)
    for i, rep in enumerate(GOOD[:5]):
        seen = tuple(replace(o, world=o.world @ turn) for o in rep.observations)
        view = replace(rep.known_view, azimuth_deg=rep.known_view.azimuth_deg + view_deg)
        a_set(judge, [replace(rep, observations=seen, view=view)], from_s=4.0 * i)
        assert judge.camera_warning() == (notes[0] if notes and i == 1 else None)
    assert judge.end_set().notes == notes


def test_a_set_of_good_reps_gets_no_note(judge):
    a_set(judge, GOOD[:5])
    assert judge.end_set().notes == ()
    assert judge.end_set().notes == ()
    assert not_visible(judged(judge, window()))["stance_shift"] == "unknown"


def test_feet_are_not_compared_with_those_of_a_rep_that_can_not_be_judged(judge):
    """Somebody passed in front, on whom the landmarks may have been."""
    a_set(judge, GOOD[:5])
    sure = window(GOOD[5], at_s=20.0, set_name="2")
    hidden = replace(window(GOOD[6], at_s=24.0, set_name="2"), confidence=0.5)
    later = window(GOOD[7], at_s=28.0, set_name="2")
    unjudged, told = [judged(judge, rep) for rep in (sure, hidden, later)][1:]
    assert unjudged.rep.unsure == "out of the picture"
    assert not_visible(told)["stance_shift"] == "unknown"


# Corrections


def corrected(told: RepCompleted, label: str | None) -> RepCorrected:
    correction = None if label is None else Correction(label=label)  # type: ignore[arg-type]
    return RepCorrected(rep=replace(told.rep, correction=correction), before=None)


# Pace


def with_a_bar(rep: RepWindow) -> RepWindow:
    """The hands hold a bar whose plate, a full one, is visible beside them."""
    places = [
        {pair: o.landmarks[list(pair), :2].mean(0) for pair in (landmark.SHOULDERS, landmark.HIPS, landmark.WRISTS)}
        for o in rep.observations
    ]
    torso = max(float(np.hypot(*(at[landmark.SHOULDERS] - at[landmark.HIPS]))) for at in places)
    bars = [np.array([0.4, at[landmark.WRISTS][1], 1.1 * torso, 0.98], np.float32) for at in places]
    seen = tuple(replace(o, bar=bar) for o, bar in zip(rep.observations, bars, strict=True))
    return replace(rep, observations=seen)


def test_if_the_bar_is_visible_pace_is_measured_from_it():
    """In m/s without a height, with its way in centimetres; all else of the verdict is as without, but that the bar may
    be tilted."""
    (plain,), (barred,) = (a_set(a_judge(), [rep]) for rep in (GOOD[0], with_a_bar(GOOD[0])))
    assert (plain.rep.pace.measured_from, barred.rep.pace.measured_from) == ("body", "bar")
    assert (plain.rep.pace.speed_unit, barred.rep.pace.speed_unit) == ("torso/s", "m/s")
    assert plain.rep.bar_path_cm is None
    assert barred.rep.bar_path_cm[0] == (0.0, 0.0)
    hidden = tuple(one for one in plain.rep.not_visible if one.reason != "no_bar")
    assert replace(barred.rep, pace=None, bar_path_cm=None) == replace(plain.rep, pace=None, not_visible=hidden)


def test_speeds_of_bar_and_body_are_not_set_against_each_other():
    """With the bar visible in every other rep of a set, velocity loss is measured among reps of one kind alone."""
    told = a_set(a_judge(), [GOOD[0], with_a_bar(GOOD[0]), GOOD[0], with_a_bar(GOOD[0])])
    assert [one.rep.pace.velocity_loss for one in told] == pytest.approx([0.0] * 4, abs=1e-9)


def slowed(rep: RepWindow) -> RepWindow:
    """The rep, in one and a half times its time."""
    later = tuple(replace(o, t_s=o.t_s * 1.5) for o in rep.observations)
    return replace(rep, observations=later, start_s=1.2, turn_s=3.0, end_s=4.8)


@pytest.mark.parametrize(
    ("height_cm", "unit", "torso"), [(None, "torso/s", 1.0), (180.0, "m/s", torso_length_m(180.0))]
)
def test_pace_is_in_metres_where_the_height_is_known(height_cm, unit, torso):
    """A pull of 1.2 s; the fastest rep of the set is the measure of the others, until the set is over."""
    judge = a_judge(height_cm=height_cm)
    slow = slowed(a_kept_rep(seed=40))
    fast, slower = (one.rep.pace for one in a_set(judge, [GOOD[0], slow]))
    assert (fast.speed_unit, fast.velocity_loss) == (unit, 0.0)
    assert fast.concentric_s == pytest.approx(1.0, abs=0.15)
    assert fast.travel == pytest.approx(1.05 * torso, rel=0.15)
    assert slower.velocity_loss == pytest.approx(1 / 3, abs=0.05)
    judge.end_set()
    assert a_set(judge, [slow])[0].rep.pace.velocity_loss == 0.0


def test_a_rep_that_was_called_no_rep_sets_no_speed_for_later_reps():
    """Said of it after it was judged; taken back it counts again."""
    slow = slowed(GOOD[1])
    for said, lost in (([], True), (["no-rep"], False), (["no-rep", None], True)):
        judge = a_judge()
        (fast,) = a_set(judge, [GOOD[0]])
        for label in said:
            judge.correct(corrected(fast, label))
        loss = judged(judge, window(slow, at_s=10.0), 2).rep.pace.velocity_loss
        assert (loss > 0.2) == lost


# What was not completed


def half(rep: RepWindow) -> RepWindow:
    up = tuple(o for o in rep.observations if o.t_s <= 2.0)
    held = tuple(replace(up[-1], t_s=2.0 + i / 30) for i in range(1, 30))
    return window(rep, observations=(*up, *held), end_s=2.9)


def test_a_pull_that_is_not_lowered_is_measured():
    """Straight legs against one's own; nothing is said of how it was lowered, nor learned of it."""
    judge = a_judge(PROFILE)
    faults = [fault.name for fault in judge.judge_partial(half(WITH_STRAIGHT_LEGS))]
    assert "stiff_legged" in faults
    assert "dropped" not in faults
    assert judge.judge_partial(half(GOOD[6])) == ()
    assert judge.learning_state(GOOD[0].view).have == FIRST_REPS
    assert judge.own_reps.teachable_reps() == ()
    assert a_judge().judge_partial(half(WITH_STRAIGHT_LEGS)) == (), "of a lifter who is not known"


def test_poorly_visible_parts_of_a_pull_are_not_measured():
    """Nor from behind, or of a squat, whose work is its way back."""
    judge, stiff = a_judge(PROFILE), half(WITH_STRAIGHT_LEGS)
    assert judge.judge_partial(replace(stiff, confidence=0.5)) == ()
    assert judge.judge_partial(replace(stiff, view=None)) == ()
    assert judge.judge_partial(replace(stiff, view=REAR)) == ()
    squats = [a_kept_rep(lift="squat", seed=i, set_name="monday 1") for i in range(5)]
    deep = a_kept_rep(lift="squat", deepest_deg=(40.0, 95.0, 60.0))
    down = tuple(o for o in deep.observations if o.t_s <= 0.8 + len(bends(reps=1, rest=0.0)) / 60)
    shallow = LifterJudge(a_scorer(SQUAT), kept=squats)
    assert shallow.judge_partial(window(deep, observations=down, end_s=2.6)) == ()


def squats(count, **changes):
    changes = {"deepest_deg": (30.0, 80.0, 40.0), **changes}
    return [a_kept_rep(lift="squat", seed=i, **changes) for i in range(count)]


def test_a_set_after_high_reps_alone_is_beside_earlier_reps() -> None:
    judge = LifterJudge(a_scorer(SQUAT))
    for number, rep in enumerate(squats(5), 1):
        judge.judge_rep(window(rep, at_s=4.0 * number, set_name="1", number=number), standing="missed")
    judge.end_set()
    a_set(judge, squats(3, deepest_deg=(30.0, 100.0, 40.0)), from_s=60.0, name="2")
    (note,), _ = judge.end_set()
    assert note.startswith("deeper: hips ")
    assert note.endswith(" than in your earlier reps")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"deepest_deg": (30.0, 60.0, 40.0)}, ["shallower: hips "]),
        ({"deepest_deg": (30.0, 100.0, 40.0)}, ["deeper: hips "]),
        ({"deepest_deg": (30.0, 80.0, 29.0)}, ["more upright: "]),
        ({"deepest_deg": (30.0, 80.0, 20.0)}, []),
        ({"deepest_deg": (30.0, 80.0, 56.0)}, []),
        ({}, []),
    ],
)  # shin, thigh and trunk
def test_a_set_that_is_deeper_shallower_or_more_upright_than_those_before_is_said_to_be(change, said):
    """Depth is compared within a set alone, because lifters choose it by the set. Who leans farther has a fault in each
    rep, and needs no word for the set; and a set whose reps are flagged is not praised."""
    judge = LifterJudge(a_scorer(SQUAT), kept=squats(5, set_name="monday 1", day=DAY))
    a_set(judge, squats(3, **change))
    notes = [note for note in judge.end_set().notes if "your good reps" in note]
    assert [note.startswith(begin) for note, begin in zip(notes, said, strict=True)] == [True] * len(said)
