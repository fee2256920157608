"""The verdict of one's own reference: what is a fault, how severe, what can't be told, and how it is put."""

import math
from dataclasses import replace

import numpy as np
import pytest
from builders.population import (
    CERTAIN,
    COMPONENTS,
    a_plain_usual,
    a_population,
    a_posterior,
    a_reference,
    a_taken,
    off_by,
)
from hypothesis import given
from hypothesis import strategies as st

from livecoach import landmark
from livecoach.judging.judge import LEAST_EFFECT, UNKNOWN_LIFTER, Judge, Judgement
from livecoach.judging.posterior import f_of_normal
from livecoach.rep.measures import Fault, FaultTable, Sign
from livecoach.rep.trajectory_vector import JOINTS, by_joint, by_moment


def a_fault(*signs: Sign, words: str = "it was wrong", told_by: str = "any", min_fps: float = 0.0) -> Fault:
    return Fault(cue="do it right", words=words, min_fps=min_fps, told_by=told_by, signs=signs)  # type: ignore[arg-type]


LEAN = Sign(measure="trunk_change_to_knee_pass_deg", side="more", by="difference", smallest=6.0)
NARROW = Sign(measure="knee_width_over_lift", side="less", by="factor", smallest=0.8)
KNEE = Sign(measure="top_knee_angle_deg", side="less", by="difference", smallest=10.0)
HIP = Sign(measure="top_hip_angle_deg", side="less", by="difference", smallest=10.0)
PULL = Sign(measure="floor_acceleration", side="more", by="factor", smallest=2.0)
PAUSE = Sign(measure="floor_pause_s", side="less", by="limit", smallest=0.08)
BACK = Sign(measure="dorsal_sagitta", side="more", by="difference", smallest=0.012)
TABLE = FaultTable(
    exercise="deadlift",
    travel="bar",
    view_deg=(25.0, 70.0),
    faults={
        "lean": a_fault(LEAN, words="hips rose first"),
        "narrow": a_fault(NARROW, words="knees came in"),
        "soft": a_fault(KNEE, HIP, words="not straight"),
        "bounced": a_fault(PULL, PAUSE, told_by="all", min_fps=24.0),
        "back": a_fault(BACK, words="back rounded"),
    },
)
POPULATION = a_population(TABLE, plain={"dorsal_sagitta": (a_plain_usual(),)})
SPREAD = 1 / math.sqrt(2)
"""Of a measure in a good rep, in spreads of its parts: it is told by the mean of two."""


def judged(population=POPULATION, *, height_cm=None, failed=None, values=None, rep=None, reference=None, **off):
    """What is said of a rep whose measures are off by so much, scaled as their signs say."""
    known = {"dorsal_sagitta": 0.02, "floor_pause_s": 0.5}
    one = a_taken(
        population, **{"vector": off_by(population, **off), "values": {**known, **(values or {})}, **(rep or {})}
    )
    against = a_reference(population, **(reference or {}))
    return Judge(population, height_cm).judge(one, against, failed or {})


def names(judgement: Judgement) -> list[str]:
    return [fault.name for fault in judgement.faults]


def with_fault(**faults: Fault):
    """A population with other faults."""
    return a_population(replace(TABLE, faults=faults))


def test_a_good_rep_has_no_fault():
    """At the lifter's own, in all that is looked for."""
    said = judged()
    assert (said.faults, said.not_visible) == ((), ())
    assert said.score == pytest.approx(0.0)


# When it is a fault


@given(off=st.floats(0, 30))
def test_a_fault_is_told_past_the_smallest_difference_worth_saying(off):
    """6° where three spreads of good reps are 4.2°; on the other side never."""
    assert ("lean" in names(judged(trunk_change_to_knee_pass_deg=off))) == (off > 6 + 1e-9)
    assert names(judged(trunk_change_to_knee_pass_deg=-off)) == []


@given(off=st.floats(0, 30), spreads=st.floats(4.5, 8))
def test_a_fault_is_told_past_so_many_spreads_of_good_reps(off, spreads):
    """Where they are more than the smallest difference."""
    population = replace(POPULATION, spreads={**POPULATION.spreads, "lean": spreads})
    found = names(judged(population, trunk_change_to_knee_pass_deg=off))
    assert ("lean" in found) == (off > spreads * 2.0 * SPREAD + 1e-9)


@given(factor=st.floats(0.4, 1.5))
def test_a_factor_is_told_by_its_logarithm(factor):
    """Less than .8 of the lifter's own width, whatever that is."""
    found = judged(knee_width_over_lift=math.log(factor), reference={"usual": {"knee_width_over_lift": 1.4}})
    assert (names(found) == ["narrow"]) == (factor < 0.8)
    for fault in found.faults:
        assert fault.measure == pytest.approx(1.4 * factor)
        assert fault.margin == pytest.approx(1.4 * 0.2)


@given(severity=st.floats(0.01, 2.0))
def test_severity_is_0_at_the_margin_and_1_at_three(severity):
    """((measure - ref) / margin - 1) / 2 (docs/faults.md)."""
    (fault,) = judged(trunk_change_to_knee_pass_deg=6.0 * (1 + 2 * severity)).faults
    assert fault.severity == pytest.approx(min(severity, 1.0))


@given(knee=st.sampled_from([-19.0, -12.0, -9.0, 0.0]), hip=st.sampled_from([-18.0, -11.0, -8.0, 3.0]))
def test_any_is_told_by_the_worse_and_first_by_the_first_sign(knee, hip):
    """Of two signs; the one that decides is told."""
    for told_by, worst in (("any", min(knee, hip)), ("first", knee)):
        population = with_fault(soft=a_fault(KNEE, HIP, told_by=told_by))
        found = judged(population, top_knee_angle_deg=knee, top_hip_angle_deg=hip).faults
        assert bool(found) == (worst < -10)
        for fault in found:
            assert fault.measure - fault.ref == pytest.approx(worst)


def test_a_fault_of_which_nothing_could_be_measured_is_not_visible():
    """One sign that is known is enough."""
    values = {"top_knee_angle_deg": math.nan}
    assert names(judged(top_hip_angle_deg=-30.0, values=values)) == ["soft"]
    found = judged(top_hip_angle_deg=-30.0, values={**values, "top_hip_angle_deg": math.nan})
    assert [(n.name, n.reason) for n in found.not_visible] == [("soft", "unknown")]


@given(lean=st.floats(7, 20), share=st.floats(0, 0.9))
def test_what_a_stronger_fault_explains_is_no_fault_of_its_own(lean, share):
    """Legs that are straighter at the start go with hips that are higher there: the signatures overlap."""
    both = with_fault(lean=a_fault(LEAN), drift=a_fault(replace(LEAN, smallest=3.0)))
    assert len(judged(both, trunk_change_to_knee_pass_deg=lean).faults) == 1
    apart = with_fault(lean=a_fault(LEAN), soft=a_fault(KNEE))
    assert len(judged(apart, trunk_change_to_knee_pass_deg=lean, top_knee_angle_deg=-30 * (1 - share)).faults) == 1 + (
        30 * (1 - share) > 10
    )


@pytest.mark.parametrize(("pause_s", "pull", "said"), [(0.05, 1.0, True), (0.05, 0.5, False), (0.2, 1.0, False)])
def test_a_limit_is_the_same_for_all(pause_s, pull, said):
    """A bounce: less than .08 s on the floor, and twice one's own acceleration; one alone is none."""
    found = judged(floor_acceleration=pull, values={"floor_pause_s": pause_s})
    assert ("bounced" in names(found)) == said


def test_a_plain_measure_is_told_by_its_own_spread():
    """The back's edge: smallest .012, three spreads also .012; the lifter's own is .02."""
    assert names(judged(values={"dorsal_sagitta": 0.0315})) == []
    (fault,) = judged(values={"dorsal_sagitta": 0.0445}, reference={"usual": {"dorsal_sagitta": 0.02}}).faults
    assert (fault.name, fault.measure, fault.ref) == ("back", pytest.approx(0.0445), 0.02)
    assert fault.severity == pytest.approx((0.0245 / 0.012 - 1) / 2)


def test_the_fault_that_the_rep_is_told_for_is_first():
    """The riskier one by the table's order, unless the other is a whole margin worse."""
    near = judged(trunk_change_to_knee_pass_deg=8.0, top_knee_angle_deg=-15.0)
    assert names(near) == ["lean", "soft"]
    far = judged(trunk_change_to_knee_pass_deg=8.0, knee_width_over_lift=math.log(0.3))
    assert names(far) == ["narrow", "lean"]


# A lifter who is not known


def test_margins_are_half_as_wide_again_for_an_unknown_lifter():
    """All of the margin (docs/faults.md); the score is as much lower."""
    off = 6.0 * UNKNOWN_LIFTER
    assert names(judged(trunk_change_to_knee_pass_deg=off - 0.1, reference={"own": False})) == []
    (fault,) = judged(trunk_change_to_knee_pass_deg=off + 0.1, reference={"own": False}).faults
    assert fault.margin == pytest.approx(off)


def test_a_score_of_1_is_at_the_limit():
    """3 standard deviations along one of four directions are 1.5 in all; a distance that is as unlikely as 3 is 1."""
    vector = np.zeros(len(POPULATION.middle))
    vector[0] = 3.0
    limit = math.sqrt(f_of_normal(3.0, POPULATION.distance_freedom, CERTAIN))
    assert judged(rep={"vector": vector}).score == pytest.approx(1.5 / limit)
    assert judged(rep={"vector": vector}, reference={"own": False}).score == pytest.approx(1.5 / limit / UNKNOWN_LIFTER)
    assert judged(rep={"vector": 3 * vector}).score > 1


def test_few_own_reps_want_more():
    """A fault that is past its limit for a lifter whose scatter is known is not where it is hardly known."""
    off, posterior = 9.0, a_reference(POPULATION).posterior
    assert names(judged(trunk_change_to_knee_pass_deg=off)) == ["lean"]
    few = {"posterior": replace(posterior, freedom=3.0, predictive=3 * posterior.predictive)}
    assert names(judged(trunk_change_to_knee_pass_deg=off, reference=few)) == []


# A set that is done badly from its first rep on


def of_a_set(off: float, *, reps: int, spread: float = 1.0):
    """A rep that is like the others of its set, all of which are off what was known before."""
    vector = off_by(POPULATION, trunk_change_to_knee_pass_deg=off)
    before = a_posterior(np.zeros_like(vector), (0.5 + spread / (reps + 1)) * np.eye(len(vector)))
    reference = {"posterior": a_posterior(vector, np.eye(len(vector))), "before": before}
    return judged(trunk_change_to_knee_pass_deg=off, reference={**reference, "set_vectors": np.tile(vector, (reps, 1))})


def test_all_reps_of_a_set_are_told_together_when_they_are_surely_off():
    """4 spreads in the mean of five reps; one rep alone is not sure; a set that is only a little off is a good one."""
    sure = of_a_set(7.0, reps=5, spread=2.0)
    assert (names(sure), sure.whole_set) == (["lean"], True)
    assert sure.score > 1
    assert of_a_set(7.0, reps=0, spread=20.0).faults == ()
    assert of_a_set(5.0, reps=5, spread=2.0).faults == ()


def test_a_rep_that_is_off_alone_is_no_matter_of_its_set():
    """Earlier sets say the same of it."""
    before = a_posterior(np.zeros(len(POPULATION.middle)), np.eye(len(POPULATION.middle)))
    found = judged(trunk_change_to_knee_pass_deg=20.0, reference={"before": before})
    assert (names(found), found.whole_set) == (["lean"], False)


# What is not visible


def reasons(judgement: Judgement) -> dict[str, str]:
    return {missing.name: missing.reason for missing in judgement.not_visible}


def test_a_fault_without_an_effect_in_this_view_is_not_looked_for():
    """Under 3 it is off (docs/faults.md)."""
    effects = {**dict.fromkeys(TABLE.faults, LEAST_EFFECT), "lean": LEAST_EFFECT - 0.1}
    found = judged(trunk_change_to_knee_pass_deg=30.0, reference={"effects": effects})
    assert (names(found), reasons(found)) == ([], {"lean": "azimuth"})


def test_a_fault_that_needs_more_frames_says_so():
    """24 a second for a bounce; 23.976 are called 24."""
    assert reasons(judged(rep={"fps": 20.0})) == {"bounced": "frame_rate"}
    assert reasons(judged(rep={"fps": 23.976})) == {}


def test_a_fault_whose_joints_failed_names_them():
    """Knees that jump about tell nothing of their width, nor of a lockout."""
    found = judged(knee_width_over_lift=-1.0, failed={"knees": "jump"})
    assert (names(found), reasons(found)) == ([], {"narrow": "knees", "soft": "knees"})
    assert reasons(judged(failed={"elbows": "swap"})) == {}


def test_a_measure_that_is_not_known_says_so():
    """A back without an edge; a width that was not measured, whatever the rest of the rep would tell."""
    assert reasons(judged(values={"dorsal_sagitta": math.nan})) == {"back": "unknown"}
    found = judged(knee_width_over_lift=-1.0, values={"knee_width_over_lift": math.nan})
    assert (names(found), reasons(found)) == ([], {"narrow": "unknown"})


@given(
    off=st.dictionaries(st.sampled_from(POPULATION.measures), st.floats(-40, 40)),
    unknown=st.sets(st.sampled_from(sorted(TABLE.signs))),
    fps=st.sampled_from([15.0, 30.0]),
)
def test_each_fault_is_found_not_found_or_not_visible(off, unknown, fps):
    """Never two of them, and all numbers of a fault are numbers."""
    values = dict.fromkeys(unknown, math.nan)
    found = judged(values=values, rep={"fps": fps}, reference={"usual": {}}, **off)
    assert not set(names(found)) & set(reasons(found))
    for fault in found.faults:
        assert np.isfinite([fault.severity, fault.measure, fault.ref, fault.margin, fault.at_s]).all()
        assert 0 < fault.severity <= 1


# How it is put


def test_a_fault_is_explained_in_peoples_units():
    """What it was against what it should be; when, and in which phase."""
    usual = {"trunk_change_to_knee_pass_deg": 2.0}
    (fault,) = judged(trunk_change_to_knee_pass_deg=9.0, reference={"usual": usual}).faults
    assert fault.text == "hips rose first: chest tipped 11°, your good reps 2°"
    assert (fault.measure, fault.ref, fault.unit) == (pytest.approx(11), 2.0, "deg")
    assert (fault.phase, fault.at_s) == ("knee_pass", 10.0)  # a moment that the rep does not have: its beginning
    (later,) = judged(top_knee_angle_deg=-15.0).faults
    assert (later.phase, later.at_s) == ("lockout", 11.5)


def test_without_a_usual_value_the_change_is_taken_from_what_was_measured():
    """Told as usual, not as the lifter's own."""
    (fault,) = judged(
        trunk_change_to_knee_pass_deg=9.0, values={"trunk_change_to_knee_pass_deg": 14.0}, reference={"usual": {}}
    ).faults
    assert fault.text == "hips rose first: chest tipped 14°, usual 5°"


def test_distances_are_in_centimetres_where_the_height_is_known():
    """A torso is .27 of the stature."""
    far = Sign(measure="bar_offset", side="more", by="difference", smallest=0.1)
    bar = with_fault(drift=a_fault(far, words="bar away"))
    (fault,) = judged(bar, height_cm=180.0, bar_offset=0.2, reference={"usual": {"bar_offset": 0.1}}).faults
    assert fault.text == "bar away: 10 cm farther than in your good reps"


def test_top_joints_are_those_that_make_the_score():
    """What falls to a component goes to the joints that it is made from; worst first, three of them."""
    vector = np.zeros(len(POPULATION.middle))
    vector[1] = 4.0
    shares = by_joint(POPULATION.basis[1] ** 2)
    worst = sorted(range(len(JOINTS)), key=lambda joint: -shares[joint])[:3]
    assert judged(rep={"vector": vector}).top_joints == tuple(landmark.NAMES[JOINTS[i]] for i in worst)
    assert COMPONENTS > 1


def test_joints_are_the_lifters_own_where_the_camera_is_at_the_right():
    """There a rep is taken mirrored, and what is left in it is the lifter's right."""
    vector = np.zeros(len(POPULATION.middle))
    vector[1] = 4.0
    left, right = (judged(rep={"vector": vector, "mirrored": mirrored}).top_joints for mirrored in (False, True))
    assert [landmark.OTHER_SIDE[landmark.NAMES.index(name)] for name in left] == [
        landmark.NAMES.index(name) for name in right
    ]


def test_the_score_comes_with_where_it_comes_from():
    """A share for each joint at each moment of the trace; none of a rep at the very middle."""
    vector = np.zeros(len(POPULATION.middle))
    vector[1] = 4.0
    shares = judged(rep={"vector": vector}).shares
    assert shares == pytest.approx(shares.sum() * by_moment(POPULATION.basis[1] ** 2))
    assert not judged().shares.any()
