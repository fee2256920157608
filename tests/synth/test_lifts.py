"""The lifts of the synthetic lifter: their angles, what holds the weight, and where a rep begins and turns."""

import numpy as np
import pytest
from builders.synthetic_motion import BODY, LONGEST_LEG, bend_deg, fastest_m_s, lean_deg, longest_legs, played, somebody

from livecoach.core import landmark
from livecoach.core.errors import ConfigError
from livecoach.lab.synth.figure.body_mesh import SIDES
from livecoach.lab.synth.figure.posture import Posture, solve_joints
from livecoach.lab.synth.motion.lifts import LIFTS, draw_lifter, find_lift
from livecoach.lab.synth.motion.rep import plain_form
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set

NEW = ("sumo_deadlift", "romanian_deadlift", "overhead_press", "lunge")
RETURNS = ("snatch", "bench_press", "barbell_row")
"""What ends with the hips as high as it begins; others lower the weight with the hips further back."""
LIFTERS = range(3)
FASTEST_M_S = {"snatch": 14, "clean_and_jerk": 14}
"""Of any landmark in a set, where it is faster than FASTEST_ELSE_M_S."""
FASTEST_ELSE_M_S = 6


@pytest.mark.parametrize("exercise", LIFTS)
def test_feet_are_on_the_floor_and_nothing_jumps(exercise):
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
    who = somebody(exercise, seed)
    lift = np.linspace(0, 1, 40)
    posture = who.lift.posture(BODY, lift, who.lifter, plain_form(len(lift)))
    positions = solve_joints(BODY, posture)[1]
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
        good, faulty = (checks[fault](motion.reps[1], motion.landmarks) for motion in (made, with_it))
        assert faulty > good, fault


def test_typical_lifters_keep_to_the_form_of_their_lift():
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
        find_lift("yoga")


def test_the_reps_of_a_lift_without_a_measured_spread_have_no_severity(monkeypatch):
    monkeypatch.setattr("livecoach.lab.synth.severity._spreads", dict)
    made = random_set(1, SetRequest(exercise="squat", tokens=parse_tokens("good,shallow:1"), fps=12))
    assert made.reps[1].severities == {}
    assert made.reps[1].faults[0].severity is None


LIFTED = ("snatch", "clean_and_jerk")


def posed(exercise: str, seed: int, *progress: float, back: tuple[int, ...] = ()) -> tuple[Posture, np.ndarray]:
    """The posture at some progress of a plain rep, and its landmarks. back: the numbers of those on the way back."""
    who, lift = somebody(exercise, seed), np.array(progress)
    form = plain_form(len(lift)) | {"back": np.isin(np.arange(len(lift)), back) * 1.0}
    posture = who.lift.posture(BODY, lift, who.lifter, form)
    return posture, BODY.landmark_positions(*solve_joints(BODY, posture))


def most_bent_deg(points: np.ndarray, joint: str) -> np.ndarray:
    """The inner angle of the side that is more bent, (T,)."""
    return 180 - bend_deg(points, joint).max(0)


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", LIFTED)
def test_a_lift_overhead_ends_upright_with_straight_arms_over_the_feet(exercise, seed):
    posture, points = posed(exercise, seed, 1.0)
    assert most_bent_deg(points, "knees")[0] > 155
    assert most_bent_deg(points, "elbows")[0] > 150
    assert posture["bar_z"][0] > points[0, 0, 2] + 0.2
    assert abs(posture["bar_x"][0] - points[0, landmark.ANKLES[0], 0]) < 0.15


@pytest.mark.parametrize("seed", LIFTERS)
def test_a_pressed_bar_goes_round_the_face_and_ends_over_the_shoulders(seed):
    posture, points = posed("overhead_press", seed, 0.0, 0.35, 1.0)
    rack_m, face_m, top_m = posture["bar_x"] - points[:, landmark.SHOULDERS, 0].mean(1)
    assert 0.1 < rack_m < face_m - 0.02
    assert abs(top_m) < 0.05


@pytest.mark.parametrize("seed", LIFTERS)
@pytest.mark.parametrize("exercise", LIFTED)
def test_the_way_back_begins_where_the_way_up_ends_and_ends_where_it_began(exercise, seed):
    posture, points = posed(exercise, seed, 0.0, 1.0, 1.0, 0.0, back=(2, 3))
    assert points[1] == pytest.approx(points[2], abs=0.01)
    assert points[0] == pytest.approx(points[3], abs=0.01)
    for name in ("bar_x", "bar_z"):
        assert posture[name][0] == pytest.approx(posture[name][3], abs=0.02)
