"""Who judges a rep: everybody's good reps, the lifter's own reference as it grows, or for comparison a scorer alone."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from builders.pipelines import FakeScorer
from builders.population import a_kept_rep, a_population
from builders.references import PRIOR, SETTLED, STIFF
from builders.steps import a_rep, a_view
from builders.stick_figure import bends

from livecoach import landmark
from livecoach.anomaly import skelemotion
from livecoach.anomaly.referee import AnomalyReferee
from livecoach.judging.attribution import WORDS
from livecoach.judging.gate import gate
from livecoach.judging.judge import UNKNOWN_LIFTER
from livecoach.judging.notes import learning_note
from livecoach.judging.own_referee import FROM_BEHIND, TOO_FEW_FRAMES, VIEW_UNKNOWN, OwnReferee
from livecoach.judging.referee import Ruling
from livecoach.rep.measures import load_faults
from livecoach.rep.tempo import torso_m
from livecoach.rep.view_normalised import normalised_rep
from livecoach.types import Observation, RepWindow

POPULATION = a_population(scatter=PRIOR)
DEADLIFT, SQUAT = load_faults("deadlift"), load_faults("squat")
GOOD = [a_kept_rep(seed=i) for i in range(8)]
WITH_STRAIGHT_LEGS = a_kept_rep(deepest_deg=STIFF, seed=20)


def window(kept: RepWindow = GOOD[0], *, at_s: float = 0.0, **changes: object) -> RepWindow:
    """The window of a rep. at_s: later in the source by so much."""
    later = replace(
        kept,
        observations=tuple(replace(o, t_s=o.t_s + at_s) for o in kept.observations),
        start_s=kept.start_s + at_s,
        turn_s=kept.turn_s + at_s,
        end_s=kept.end_s + at_s,
    )
    return replace(later, **changes)  # type: ignore[arg-type]


def a_referee(*, kept: Sequence[RepWindow] = (), **changes: object) -> OwnReferee:
    return OwnReferee(POPULATION, kept=kept, **changes)  # type: ignore[arg-type]


def rulings(referee: OwnReferee, reps: Sequence[RepWindow]) -> list[Ruling]:
    """A set, a rep every four seconds."""
    return [
        referee.rep(a_rep(verdict="unsure", score=None), i + 1, window(rep, at_s=4.0 * i)) for i, rep in enumerate(reps)
    ]


def without(observations: Sequence[Observation], from_s: float, to_s: float) -> tuple[Observation, ...]:
    """Nobody in them between two times."""
    return tuple(replace(o, landmarks=None, world=None) if from_s <= o.t_s < to_s else o for o in observations)


def wobbling(observations: Sequence[Observation], joints: tuple[int, int], metres: float) -> tuple[Observation, ...]:
    """A pair of joints is guessed, in the world, another way in every frame."""
    rng = np.random.default_rng(0)
    found = []
    for o in observations:
        world = o.world.copy()
        world[list(joints)] += rng.normal(0, metres, (2, 3))
        found.append(replace(o, world=world.astype(np.float32)))
    return tuple(found)


# Can it be judged?


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (window(), None),
        (window(confidence=0.79), "out of the picture"),
        (window(observations=without(GOOD[0].observations, 1.2, 1.8)), "lost from sight"),
        (window(observations=without(GOOD[0].observations, 0.0, 9.0)), "lost from sight"),
        (window(observations=wobbling(GOOD[0].observations, landmark.ANKLES, 0.3)), "legs not clear"),
        (window(observations=wobbling(GOOD[0].observations, landmark.SHOULDERS, 0.4)), "shoulders not clear"),
        (window(observations=wobbling(GOOD[0].observations, landmark.WRISTS, 0.4)), None),
    ],
)
def test_a_rep_that_is_not_seen_well_is_not_judged(seen, reason):
    """And says why; wrists alone leave the rest of it to be judged. Nobody learns from it, no scorer is asked."""
    assert gate(seen, normalised_rep(seen)).unsure == reason
    scorer = FakeScorer()
    for referee in (AnomalyReferee(scorer, DEADLIFT), OwnReferee(POPULATION)):
        told = referee.rep(a_rep(verdict="unsure", score=None), 1, seen)
        assert told.rep.unsure == reason
        assert (told.rep.verdict == "unsure") == (reason is not None)
        assert told.learned == ()
    assert len(scorer.tensors) == (0 if reason else 1)


def test_a_rep_that_is_not_judged_tells_no_fault_and_no_pace():
    """What is not seen well was no slower than the others: no summary says so. All faults are hidden by that."""
    unclear = window(observations=wobbling(GOOD[0].observations, landmark.ANKLES, 0.3))
    told, clear = (a_referee().rep(a_rep(), 1, seen).rep for seen in (unclear, window()))
    assert told.pace is None
    assert clear.pace is not None
    assert {hidden.reason for hidden in told.not_visible} == {"unsure"}
    assert len(told.not_visible) == len(DEADLIFT.faults)


def test_joints_that_failed_are_named_where_a_fault_needs_them():
    """Wrists that jump about: what needs hands is not looked for."""
    seen = window(observations=wobbling(GOOD[0].observations, landmark.WRISTS, 0.4))
    told = a_referee().rep(a_rep(), 1, seen).rep
    reasons = {missing.name: missing.reason for missing in told.not_visible}
    assert {reasons[name] for name in ("bar_drift", "hitch", "uneven_bar", "dropped")} == {"wrists"}
    assert "heel_lift" not in reasons


# By a scorer alone


@pytest.mark.parametrize(("score", "verdict", "joints"), [(1.0, "good", ()), (1.1, "anomalous", ("left_knee", "nose"))])
def test_the_scorer_alone_tells_by_its_score(score, verdict, joints):
    """Above 1 is anomalous; no fault has a name, and none can be seen."""
    scorer = FakeScorer(score)
    told = AnomalyReferee(scorer, SQUAT).rep(a_rep(), 1, window(confidence=0.9))
    assert (told.rep.verdict, told.rep.score, told.rep.top_joints) == (verdict, score, joints)
    assert (told.rep.confidence, told.rep.reference, told.rep.faults) == (0.9, "population", ())
    assert {(m.name, m.reason) for m in told.rep.not_visible} == {(name, "azimuth") for name in SQUAT.faults}
    assert [tensor.shape for tensor in scorer.tensors] == [skelemotion.SHAPE]
    assert [o.t_s for o in told.window.observations] == [o.t_s for o in GOOD[0].observations]


def test_the_scorer_alone_learns_nothing():
    """Not from sets, nor from what was not completed."""
    referee = AnomalyReferee(FakeScorer(), DEADLIFT)
    assert referee.learning(GOOD[0].view) is None
    assert referee.set_over() == ((), ())
    assert referee.partial(window()) == ()


REAR = a_view(150.0, "rear")


@pytest.mark.parametrize("view", [None, REAR])
def test_a_view_of_which_no_population_was_learned_is_not_judged(view):
    """No view yet, or from behind: the rep says why, hides all faults, and nobody learns from it."""
    referee = a_referee(kept=GOOD[:5])
    told = referee.rep(a_rep(verdict="unsure", score=None), 1, window(view=view))
    assert (told.rep.verdict, told.rep.score, told.rep.reference) == ("unsure", None, "population")
    assert (told.rep.faults, told.rep.top_joints, told.rep.why) == ((), (), None)
    assert told.rep.unsure == (FROM_BEHIND if view else VIEW_UNKNOWN)
    assert {(missing.name, missing.reason) for missing in told.rep.not_visible} == {
        (name, "azimuth") for name in DEADLIFT.faults
    }
    assert (told.learned, told.against) == ((), ())
    assert referee.learning(view) is None
    assert referee.set_over() == ((), ())


def test_a_rep_from_behind_has_a_pace():
    """How fast it was is seen from there too; without a view nothing is measured."""
    rear, nowhere = (a_referee().rep(a_rep(), 1, window(view=view)).rep for view in (REAR, None))
    assert rear.pace is not None
    assert nowhere.pace is None


def test_a_rep_of_too_few_frames_is_not_judged():
    """At four a second a rep has ten of them."""
    told = a_referee(kept=GOOD[:5]).rep(a_rep(verdict="unsure", score=None), 1, window(a_kept_rep(fps=4.0)))
    assert (told.rep.verdict, told.rep.unsure, told.learned) == ("unsure", TOO_FEW_FRAMES, ())


@pytest.mark.parametrize(("azimuth_deg", "joint"), [(30.0, "left_knee"), (-30.0, "right_knee")])
def test_the_scorer_alone_tells_where_its_score_comes_from(azimuth_deg, joint):
    """Of good reps too: joint, phase and moment. A tensor has the camera at the left, the lifter's sides are told."""
    shares = np.zeros((5, len(skelemotion.JOINTS)))
    shares[2, skelemotion.JOINTS.index(landmark.NAMES.index("left_knee"))] = 1.0
    seen = window(a_kept_rep(azimuth_deg=azimuth_deg))
    told = AnomalyReferee(FakeScorer(0.4, shares=shares), SQUAT).rep(a_rep(), 1, seen).rep
    assert (told.why.joints[0], told.why.phase, told.why.at_s) == (joint, "bottom", pytest.approx(2.0))
    assert told.why.text == f"{joint.replace('_', ' ')}, at the bottom"
    odd = AnomalyReferee(FakeScorer(1.4), SQUAT).rep(a_rep(), 1, seen).rep
    assert odd.top_joints == (joint, "nose")
    assert odd.why is None  # a scorer that does not know


# By one's own reference


def test_ones_own_reference_takes_over_from_the_first_rep_on():
    """Everybody's judge one rep, a provisional reference those after it, the settled one the rest of the set."""
    referee = a_referee()
    told = rulings(referee, GOOD[: SETTLED + 2])
    assert [t.rep.reference for t in told] == ["population"] + ["provisional"] * (SETTLED - 1) + ["own"] * 2
    assert {t.rep.verdict for t in told} == {"good"}
    assert [len(t.learned) for t in told] == [0] * (SETTLED - 1) + [SETTLED, 1, 1]
    assert referee.learning(GOOD[0].view).is_settled


def test_everybodys_margins_are_half_as_wide_again():
    """Where lifters hardly differ, everybody's reps name straight legs too: past one margin and a half."""
    population = a_population()
    (band,) = population.bands
    alike = replace(population, bands=(replace(band, lifters=0.01 * band.lifters),))
    margins = []
    for kept in ((), GOOD[:5]):
        (told,) = rulings(OwnReferee(alike, kept=kept), [WITH_STRAIGHT_LEGS])
        margins += [fault.margin for fault in told.rep.faults if fault.name == "stiff_legged"]
    assert margins[0] == pytest.approx(UNKNOWN_LIFTER * margins[1])


def test_a_rep_is_learned_only_if_it_is_good():
    """Not one that stands out, with a fault by name or without, nor one that is not judged."""
    referee = a_referee()
    told = rulings(referee, [*GOOD[:2], WITH_STRAIGHT_LEGS])
    assert [t.rep.verdict for t in told] == ["good", "good", "anomalous"]
    assert referee.learning(GOOD[0].view).have == 2
    referee.rep(a_rep(), 4, window(GOOD[2], confidence=0.5, at_s=12.0))
    assert referee.learning(GOOD[0].view).have == 2
    told = rulings(referee, [*GOOD[3:7], WITH_STRAIGHT_LEGS])
    assert told[-1].rep.reference == "own"
    assert told[-1].rep.verdict == "anomalous"
    assert told[-1].learned == ()
    assert sum(len(t.learned) for t in told) == 6


def test_reps_of_a_profile_judge_the_first_rep():
    """Straight legs by a lifter whose legs are bent else: named, explained, against his own."""
    referee = a_referee(kept=[replace(rep, set_name="monday 1") for rep in GOOD[:5]])
    good, stiff = rulings(referee, [GOOD[6], WITH_STRAIGHT_LEGS])
    assert (good.rep.verdict, good.rep.reference, good.rep.faults) == ("good", "own", ())
    assert stiff.rep.verdict == "anomalous"
    fault = next(fault for fault in stiff.rep.faults if fault.name == "stiff_legged")
    assert (fault.unit, fault.phase) == ("deg", "lift_off")
    assert fault.measure > fault.ref + fault.margin
    assert fault.ref == pytest.approx(110, abs=8)
    assert re.fullmatch(r"legs straight at the start: knees 1\d\d°, your good reps 1\d\d°", fault.text)
    assert stiff.rep.top_joints
    for began_s, told in ((0.0, good), (4.0, stiff)):
        assert 0.8 <= told.rep.why.at_s - began_s <= 3.2
        assert told.rep.why.phase in WORDS


def test_a_rep_comes_with_the_own_reps_that_judged_it():
    """Those of the profile and of the set so far, not itself; none while everybody's judge."""
    told = rulings(a_referee(), GOOD[:5])
    assert [len(t.against) for t in told] == [0, 1, 2, 3, 4]
    assert [rep.start_s for rep in told[2].against] == [t.window.start_s for t in told[:2]]
    kept = [replace(rep, set_name="monday 1") for rep in GOOD[:5]]
    (first,) = rulings(a_referee(kept=kept), [GOOD[6]])
    assert [rep.start_s for rep in first.against] == [rep.start_s for rep in kept]


def test_what_is_learned_is_what_was_seen():
    """With set, view and model, so that it can be measured again; of three reps, when the set is over."""
    referee = a_referee()
    rulings(referee, GOOD[:3])
    _, (first, *others) = referee.set_over()
    assert len(others) == 2
    assert all(a.landmarks is b.landmarks for a, b in zip(first.observations, GOOD[0].observations, strict=True))
    assert (first.view, first.set_name, first.pose) == (GOOD[0].view, "1", "lite")


def test_a_set_that_is_over_looks_back():
    """The first rep was the odd one: nobody knew the lifter yet, and those after it stood out beside it. By the others
    its fault is told with its number in the set, and it is not learned."""
    referee = a_referee()
    told = rulings(referee, [a_kept_rep(deepest_deg=(10.0, 43.0, 72.0), seed=30), *GOOD[:4]])
    assert told[0].rep.verdict == "good"
    assert {t.rep.verdict for t in told[1:3]} == {"anomalous"}
    assert {t.rep.verdict for t in told[3:]} == {"good"}
    assert [rep.start_s for t in told for rep in t.learned] == [t.window.start_s for t in told[1:]]
    notes, learned = referee.set_over()
    assert learning_note(1, DEADLIFT.faults["stiff_legged"].words) in notes
    assert learned == ()


def test_a_set_of_good_reps_has_nothing_to_look_back_on():
    """And once it is over nothing of it is told again; feet are set against those of no earlier set."""
    referee = a_referee()
    rulings(referee, GOOD[:3])
    assert referee.set_over()[0] == ()
    assert referee.set_over() == ((), ())
    reasons = {m.name: m.reason for m in referee.rep(a_rep(), 1, window()).rep.not_visible}
    assert reasons["stance_shift"] in ("unknown", "azimuth")


# Pace


def with_a_bar(rep: RepWindow) -> RepWindow:
    """The hands hold a bar whose plate, a full one, is seen beside them."""
    torso = max(
        float(
            np.hypot(*(np.subtract(*(o.landmarks[list(p), :2].mean(0) for p in (landmark.SHOULDERS, landmark.HIPS)))))
        )
        for o in rep.observations
    )
    return replace(
        rep,
        observations=tuple(
            replace(
                o,
                bar=np.array([0.4, o.landmarks[list(landmark.WRISTS), 1].mean(), 1.1 * torso, 0.98], np.float32),
            )
            for o in rep.observations
        ),
    )


def test_where_the_bar_is_seen_pace_is_measured_from_it():
    """In m/s without a height, with its way in centimetres; all else of the verdict is as without."""
    (plain,), (barred,) = (rulings(a_referee(), [rep]) for rep in (GOOD[0], with_a_bar(GOOD[0])))
    assert (plain.rep.pace.measured_from, barred.rep.pace.measured_from) == ("body", "bar")
    assert (plain.rep.pace.speed_unit, barred.rep.pace.speed_unit) == ("torso/s", "m/s")
    assert plain.rep.bar_path_cm is None
    assert barred.rep.bar_path_cm[0] == (0.0, 0.0)
    assert replace(barred.rep, pace=None, bar_path_cm=None) == replace(plain.rep, pace=None)


def test_speeds_of_bar_and_body_are_not_set_against_each_other():
    """A set in which the bar is seen in every other rep loses velocity among those of one kind alone."""
    mixed = [GOOD[0], with_a_bar(GOOD[0]), GOOD[0], with_a_bar(GOOD[0])]
    referee = a_referee()
    told = [
        referee.rep(a_rep(verdict="unsure", score=None, start_s=4.0 * i), i + 1, window(rep, at_s=4.0 * i))
        for i, rep in enumerate(mixed)
    ]
    losses = [one.rep.pace.velocity_loss for one in told]
    assert losses == pytest.approx([0.0] * 4, abs=1e-9)


@pytest.mark.parametrize(("height_cm", "unit", "torso"), [(None, "torso/s", 1.0), (180.0, "m/s", torso_m(180.0))])
def test_pace_is_in_metres_where_the_height_is_known(height_cm, unit, torso):
    """A pull of 1.2 s; the fastest rep of the set is the measure of the others, until the set is over."""
    referee = a_referee(height_cm=height_cm)
    slow = a_kept_rep(seed=40)
    slow = replace(slow, observations=tuple(replace(o, t_s=o.t_s * 1.5) for o in slow.observations))
    slow = replace(slow, start_s=1.2, turn_s=3.0, end_s=4.8)
    fast, slower = (t.rep.pace for t in rulings(referee, [GOOD[0], slow]))
    assert (fast.speed_unit, fast.velocity_loss) == (unit, 0.0)
    assert fast.concentric_s == pytest.approx(1.0, abs=0.15)
    assert fast.travel == pytest.approx(1.05 * torso, rel=0.15)
    assert slower.velocity_loss == pytest.approx(1 / 3, abs=0.05)
    referee.set_over()
    assert rulings(referee, [slow])[0].rep.pace.velocity_loss == 0.0


# What was not completed


def half(rep: RepWindow) -> RepWindow:
    """A pull that ends at the top."""
    up = tuple(o for o in rep.observations if o.t_s <= 2.0)
    held = tuple(replace(up[-1], t_s=2.0 + i / 30) for i in range(1, 30))
    return window(rep, observations=(*up, *held), end_s=2.9)


def test_a_pull_that_is_not_lowered_is_measured():
    """Straight legs against one's own; nothing is said of how it was lowered."""
    referee = a_referee(kept=GOOD[:5])
    faults = referee.partial(half(WITH_STRAIGHT_LEGS))
    assert "stiff_legged" in [fault.name for fault in faults]
    assert "dropped" not in [fault.name for fault in faults]
    assert referee.partial(half(GOOD[6])) == ()
    assert referee.learning(GOOD[0].view).have == SETTLED


def test_what_is_not_seen_well_of_a_pull_is_not_measured():
    """Nor what is seen from behind, or of a squat, whose work is its way back."""
    referee = a_referee(kept=GOOD[:5])
    stiff = half(WITH_STRAIGHT_LEGS)
    assert referee.partial(replace(stiff, confidence=0.5)) == ()
    assert referee.partial(replace(stiff, view=None)) == ()
    assert referee.partial(replace(stiff, view=REAR)) == ()
    squat = a_kept_rep(lift="squat")
    down = tuple(o for o in squat.observations if o.t_s <= 0.8 + len(bends(reps=1, rest=0.0)) / 60)
    shallow = OwnReferee(a_population(SQUAT))
    assert shallow.partial(window(squat, observations=down, end_s=2.6)) == ()
