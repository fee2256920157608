"""The lifts of the synthetic lifter: their angles, what holds the weight, and where a rep begins and turns."""

import numpy as np
import pytest
from builders.synthetic_motion import BODY, LONGEST_LEG, bend_deg, fastest_m_s, lean_deg, longest_legs, played, somebody

from livecoach.core import landmark
from livecoach.core.errors import ConfigError
from livecoach.lab.synth.figure.body import SIDES
from livecoach.lab.synth.figure.posture import solve
from livecoach.lab.synth.motion.lifts import LIFTS, draw_lifter, find
from livecoach.lab.synth.motion.rep import plain_form
from livecoach.lab.synth.motion.tokens import parse
from livecoach.lab.synth.sets import SetRequest, random_set

NEW = ("sumo_deadlift", "romanian_deadlift", "overhead_press", "lunge")
RETURNS = ("snatch", "bench_press", "barbell_row")
"""What ends with the hips as high as it begins; others lower the weight with the hips further back."""
NOSE = 0
LIFTERS = range(6)
FASTEST_M_S = {"snatch": 14, "clean_and_jerk": 14}
"""Of any landmark in a set, where it is faster than FASTEST_ELSE_M_S."""
FASTEST_ELSE_M_S = 6


@pytest.mark.parametrize("number", LIFTERS)
def test_a_sumo_deadlift_is_wide_and_has_its_hands_between_the_knees(number):
    """More than half a metre between the ankles, feet turned out, knees bent at the start, straight at the top."""
    made = played("sumo_deadlift", "good*2", number, fps=30.0)
    points = made.landmarks
    rep = made.reps[1]
    assert np.ptp(points[rep.start_frame, landmark.ANKLES, 1]) > 0.5
    assert np.ptp(points[rep.start_frame, landmark.WRISTS, 1]) < np.ptp(points[rep.start_frame, [25, 26], 1])
    assert made.posture["foot_yaw_L"][rep.start_frame] > 0.35
    assert 50 < bend_deg(points, "knees")[:, rep.start_frame].mean() < 120
    assert lean_deg(points)[rep.start_frame] < 72
    assert bend_deg(points, "knees")[:, rep.turn_frame].max() < 32


def test_sumo_lifters_are_more_upright_than_conventional_ones():
    def mean_deg(exercise: str) -> float:
        sets = [played(exercise, "good*2", number, fps=30.0) for number in LIFTERS]
        return np.mean([lean_deg(made.landmarks)[made.reps[1].start_frame] for made in sets])

    assert mean_deg("sumo_deadlift") < mean_deg("deadlift") - 3


@pytest.mark.parametrize("loaded", [True, False])
@pytest.mark.parametrize("number", LIFTERS)
def test_a_romanian_deadlift_hinges_at_the_hips_over_soft_knees(number, loaded):
    """Hips near 90 to 110 degrees, knees not past 45, from standing and back, hands between knee and mid-shin."""
    made = played("romanian_deadlift", "good*2", number, loaded, fps=30.0)
    points = made.landmarks
    rep = made.reps[1]
    assert bend_deg(points, "hips")[:, rep.start_frame].max() < 40
    assert 80 < bend_deg(points, "hips")[:, rep.turn_frame].mean() < 125
    assert bend_deg(points, "knees")[:, rep.turn_frame].max() < 45
    assert abs(lean_deg(points)[rep.end_frame]) < 16
    knee_z, wrist_z = (points[rep.turn_frame, list(pair), 2].mean() for pair in ((25, 26), landmark.WRISTS))
    assert 0.3 * knee_z < wrist_z < knee_z + 0.2


@pytest.mark.parametrize("loaded", [True, False])
@pytest.mark.parametrize("number", LIFTERS)
def test_an_overhead_press_goes_from_the_shoulders_to_straight_arms_over_them(number, loaded):
    """The trunk stays near upright, the elbows never go behind the back, and the legs stay straight."""
    made = played("overhead_press", "good*2", number, loaded, fps=30.0)
    points = made.landmarks
    rep = made.reps[1]
    wrists, shoulders = points[:, landmark.WRISTS].mean(1), points[:, landmark.SHOULDERS].mean(1)
    assert bend_deg(points, "elbows")[:, rep.start_frame].min() > 115
    assert bend_deg(points, "elbows")[:, rep.turn_frame].max() < 40
    assert abs((wrists - shoulders)[rep.start_frame, 2]) < 0.2
    assert (wrists - shoulders)[rep.turn_frame, 2] > 0.8 * (BODY.upper_arm_m + BODY.forearm_m)
    assert abs((wrists - shoulders)[rep.turn_frame, 0]) < 0.15
    assert np.abs(lean_deg(points)).max() < 20
    assert points[rep.start_frame : rep.end_frame, [13, 14], 0].min() > shoulders[:, 0].min() - 0.12
    assert bend_deg(points, "knees")[:, rep.start_frame : rep.end_frame].max() < 35


def test_a_bar_passes_in_front_of_the_face():
    """Never through the head, while it is lower than its top."""
    for number in LIFTERS:
        made = played("overhead_press", "good*2", number, fps=30.0)
        points = made.landmarks
        rep, nose = made.reps[1], points[:, NOSE]
        span = slice(rep.start_frame, rep.end_frame)
        bar = np.stack([made.posture["bar_x"], made.posture["bar_z"]], -1)[span]
        at_face = np.abs(bar[:, 1] - nose[span, 2]) < 0.08
        assert at_face.any()
        assert (bar[at_face, 0] > nose[span, 0][at_face] - 0.06).all()


@pytest.mark.parametrize("loaded", [True, False])
@pytest.mark.parametrize("number", LIFTERS)
def test_a_lunge_bends_the_front_knee_and_brings_the_rear_one_near_the_floor(number, loaded):
    """The front knee by 75 to 125 degrees; the rear one is lower, and no lower than the floor lets it."""
    made = played("lunge", "good*2", number, loaded, fps=30.0)
    points = made.landmarks
    for rep in made.reps:
        ankles_x = points[rep.turn_frame, landmark.ANKLES, 0]
        front, rear = np.argsort(-ankles_x)
        assert np.ptp(ankles_x) > 0.5
        assert 75 < bend_deg(points, "knees")[front, rep.turn_frame] < 125
        assert 0.02 < points[rep.turn_frame, 25 + rear, 2] < 0.32
        assert points[rep.turn_frame, 25 + rear, 2] < points[rep.turn_frame, 25 + front, 2]
        assert lean_deg(points)[rep.turn_frame] < 32


def test_lunges_alternate_or_stay_with_one_leg():
    """Both happen; so do all three ways to step."""
    changes, kinds = set(), set()
    for number in range(24):
        made = played("lunge", "good*2", number, loaded=False)
        front = [
            np.sign(made.posture["foot_x_L"][r.turn_frame] - made.posture["foot_x_R"][r.turn_frame]) for r in made.reps
        ]
        style = made.who.lifter.style
        changes.add(front[0] != front[1])
        kinds.add(style.kind)
        assert style.alternates == (front[0] != front[1])
    assert changes == {True, False}
    assert kinds == {"forward", "reverse", "split"}


@pytest.mark.parametrize("exercise", LIFTS)
def test_feet_are_on_the_floor_and_nothing_jumps(exercise):
    """Of good reps and of the first fault's: no landmark under the floor by more than a sole, none too fast; legs keep
    their length, and the hips come back to where they began."""
    faults = [f"{fault}:1" for fault in LIFTS[exercise].faults][:1]
    for number in LIFTERS:
        made = played(exercise, ",".join(["idle:0.5,good*2,partial:0.5", *faults, "good"]), number, fps=30.0)
        assert np.isfinite(made.landmarks).all()
        assert made.landmarks[..., 2].min() > -0.03
        assert fastest_m_s(made) < FASTEST_M_S.get(exercise, FASTEST_ELSE_M_S)
        assert longest_legs(made.landmarks).max() < LONGEST_LEG
        assert len(made.reps) == 3 + len(faults)
        assert all(rep.start_frame < rep.turn_frame < rep.end_frame for rep in made.reps)
        if exercise in RETURNS:
            first, last = made.reps[0].start_frame, made.reps[-1].end_frame
            assert made.posture["hip_z"][last] == pytest.approx(made.posture["hip_z"][first], abs=0.06)


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", [name for name in LIFTS if name not in ("squat", "lunge")])
def test_hands_stay_on_the_bar_in_a_plain_rep(exercise, seed):
    """All the way out, the hands are at the bar's line, and both palms within 2 cm of where they grip."""
    who = somebody(exercise, seed)
    lift = np.linspace(0, 1, 40)
    posture = who.lift.posture(BODY, lift, who.lifter, plain_form(len(lift)))
    positions = solve(BODY, posture)[1]
    for side in SIDES:
        palm = np.stack([posture[f"hand_{axis}_{side}"] for axis in "xyz"], -1)
        reached = np.linalg.norm(palm - positions[:, BODY.joint[f"hand.{side}"]], axis=-1)
        assert reached == pytest.approx(BODY.hand_m, abs=0.02)
        assert np.abs(palm[:, 0] - posture["bar_x"]).max() < 0.06
        along = palm[:, 1] - posture["bar_y"]
        assert np.abs(palm[:, 2] - posture["bar_z"] - along * np.sin(posture["bar_roll"])).max() < 0.05


@pytest.mark.parametrize("exercise", NEW)
def test_faults_go_the_way_they_are_named(exercise):
    checks = {
        "shallow": lambda r, p: -bend_deg(p, "hips")[:, r.turn_frame].max(),
        "squatted": lambda r, p: bend_deg(p, "knees")[:, r.turn_frame].mean(),
        "lean_back": lambda r, p: -lean_deg(p)[r.start_frame : r.end_frame].min(),
        "soft_lockout": lambda r, p: max(bend_deg(p, joint)[:, r.turn_frame].mean() for joint in ("elbows", "hips")),
        "bar_forward": lambda r, p: (p[:, landmark.WRISTS].mean(1) - p[:, landmark.SHOULDERS].mean(1))[r.turn_frame, 0],
        "forward_lean": lambda r, p: lean_deg(p)[r.turn_frame],
        "short_step": lambda r, p: -np.ptp(p[r.turn_frame, landmark.ANKLES, 0]),
        "knees_forward": lambda r, p: p[r.turn_frame, [25, 26], 0].max() - p[r.turn_frame, [31, 32], 0].max(),
        "short_lowering": lambda r, p: p[r.end_frame, landmark.WRISTS, 2].mean(),
        "rushed": lambda r, _points: -min(r.turn_s - r.start_s, r.end_s - r.turn_s),
        "leg_drive": lambda r, p: bend_deg(p, "knees")[:, r.start_frame - 15 : r.turn_frame].max(),
    }
    made = played(exercise, "good*3", 1, fps=30.0)
    for fault in set(checks) & set(LIFTS[exercise].faults):
        with_it = played(exercise, f"good,{fault}:1,good", 1, fps=30.0)
        good, faulty = (checks[fault](one.reps[1], one.landmarks) for one in (made, with_it))
        assert faulty > good, fault


def test_a_press_that_is_lowered_short_is_where_the_next_one_begins():
    """The weight is not at the shoulders in between, and both are reps."""
    made = played("overhead_press", "good,short_lowering:1*2", 1)
    second, third = made.reps[1:]
    wrists = made.landmarks[:, landmark.WRISTS, 2].mean(1)
    between = wrists[second.end_frame : third.start_frame + 1]
    assert between.min() > wrists[made.reps[0].start_frame] + 0.08
    assert third.turn_s > third.start_s > second.end_s - 0.1


def test_the_bar_of_a_romanian_deadlift_comes_from_a_rack_or_from_the_floor():
    """Lifters differ; either way it is in the hands before the first rep, and back there after the set."""
    heights_m = set()
    for number in range(8):
        made = played("romanian_deadlift", "bend,good,bend", number)
        bar_z = made.posture["bar_z"]
        assert bar_z[0] == pytest.approx(bar_z[-1], abs=0.02)
        assert bar_z[made.reps[0].start_frame] > 0.6
        heights_m.add(bool(bar_z[0] < 0.35))
    assert heights_m == {True, False}


def test_typical_lifters_do_what_the_name_says():
    """No deadlift with a wide stance, and no squat that is a bow."""
    rng = np.random.default_rng(0)
    for wide in (False, True):
        for exercise, lift in LIFTS.items():
            assert all(lift.typical(draw_lifter(rng, BODY, exercise, wide=wide, typical=True)) for _ in range(20))
    any_stance = [draw_lifter(rng, BODY, "deadlift").half_stance_m for _ in range(100)]
    typical = [draw_lifter(rng, BODY, "deadlift", typical=True).half_stance_m for _ in range(100)]
    assert max(any_stance) > 0.28
    assert max(typical) < 0.25


def test_an_unknown_lift_is_refused():
    with pytest.raises(ConfigError, match=r"'yoga': unknown to the synthetic lifter\. It does: deadlift, squat"):
        find("yoga")


def test_the_reps_of_a_lift_without_a_measured_spread_have_no_severity(monkeypatch):
    monkeypatch.setattr("livecoach.lab.synth.severity._spreads", dict)
    made = random_set(1, SetRequest(exercise="squat", tokens=parse("good,shallow:1"), fps=12))
    assert made.reps[1].severities == {}
    assert made.reps[1].faults[0].severity is None


@pytest.mark.parametrize("seed", range(2))
def test_a_bar_is_carried_back_to_the_rack_on_foot(seed):
    """Both feet are lifted; they do not slide there."""
    made = played("squat", "good, rerack", seed)
    back = [event for event in made.events if event.kind == "rerack"]
    during = slice(round(back[0].start_s * made.fps), round(back[-1].end_s * made.fps))
    lifted_m = np.ptp(made.landmarks[during][:, [27, 28], 2], axis=0)
    assert (lifted_m > 0.03).all()
