"""What is no rep: movements that go down and up as one does, and exercises that livecoach does not count."""

import numpy as np
import pytest
from builders.synthetic_motion import BODY, LONGEST_LEG, fastest_m_s, longest_legs, played, somebody

from livecoach.lab.synth.figure.body_mesh import SIDES
from livecoach.lab.synth.figure.geometry import fall_height_m
from livecoach.lab.synth.figure.posture import solve_joints
from livecoach.lab.synth.motion import movements
from livecoach.lab.synth.motion.motion_sequence import MotionSequence
from livecoach.lab.synth.motion.tokens import EXERCISE_LIKE, HARD_OTHERS, WITH_BAR_ON_FLOOR

MOVEMENTS = (*HARD_OTHERS, *EXERCISE_LIKE)
WHERE_THE_BAR_IS = ("deadlift", "squat")
"""One lift with its bar on the floor, and one that holds it: what else is done differs by nothing but that."""
LASTS_S = {"pick_up": (7, 26), "plate_carry": (8, 30), "hip_hinge_stretch": (2, 36), "jump": (1, 12)}
"""At least, at most, where it is not as USUALLY_S; an exercise may take longer."""
USUALLY_S, EXERCISE_S = (2.5, 32), (2.5, 50)


@pytest.mark.parametrize("exercise", WHERE_THE_BAR_IS)
@pytest.mark.parametrize("name", MOVEMENTS)
def test_each_movement_without_a_rep_is_played_by_a_body_and_ends_where_it_began(exercise, name):
    if exercise == "squat" and name in WITH_BAR_ON_FLOOR:
        pytest.skip("a squat has no bar on the floor")
    exercise_like = name in EXERCISE_LIKE
    least_s, most_s = LASTS_S.get(name, EXERCISE_S if exercise_like else USUALLY_S)
    for seed in range(2):
        made = played(exercise, f"idle:1,{name},idle:1", seed, loaded=exercise == "deadlift")
        assert not made.reps
        assert name in {event.kind for event in made.events}
        lasts_s = sum(e.end_s - e.start_s + 1 / made.fps for e in made.events if e.kind not in ("idle", "rerack"))
        assert least_s < lasts_s < most_s
        assert np.isfinite(made.landmarks).all()
        assert fastest_m_s(made) < (12 if exercise_like else 11)
        assert made.joints[1][..., 2].min() > -0.03
        assert longest_legs(made.landmarks).max() < LONGEST_LEG
        posture = made.posture
        for side in SIDES:
            assert posture[f"foot_z_{side}"].min() > BODY.ankle_height_m - 0.02
            assert posture[f"foot_z_{side}"][-1] == pytest.approx(BODY.ankle_height_m, abs=0.01)
            assert posture[f"foot_x_{side}"][-1] == pytest.approx(posture[f"foot_x_{side}"][0], abs=0.1)
        for name_of, near in (("hip_z", 0.06), ("hip_x", 0.1), ("yaw", 0.2)):
            assert posture[name_of][-1] == pytest.approx(posture[name_of][0], abs=near)


@pytest.mark.parametrize(
    ("name", "number"),
    [(name, k) for name, ways in movements.movement_table().movements.items() for k in range(len(ways))],
)
def test_every_way_of_a_movement_can_be_played(monkeypatch, name, number):
    whole = movements.movement_table()
    way = whole.movements[name][number]
    monkeypatch.setattr(movements, "movement_table", lambda: whole._replace(movements={name: [way]}))
    who = somebody("deadlift", loaded=not way.ahead)
    p = MotionSequence(who, np.random.default_rng(number), 15.0, 45.0)
    p.add(p.rest_posture(5), "idle")
    movements.play_movement(p, name)
    posture = p.join_postures()
    assert all(np.isfinite(values).all() for values in posture.values())
    assert BODY.landmark_positions(*solve_joints(BODY, posture))[..., 2].min() > -0.06


@pytest.mark.parametrize("above_m", [0.0, -1e-9, -0.004])
def test_a_bar_that_is_let_go_on_the_floor_stays_there(above_m):
    """A failed pull may end with the bar a rounding error below the floor: it once had no height at all then."""
    np.testing.assert_allclose(fall_height_m(0.225 + above_m, 0.225, np.linspace(0, 1, 11)), 0.225)
