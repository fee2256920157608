"""The width figure's parts: limb vectors that do not depend on the camera, the space they fill, and spreads."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import width
from measure_variation import spread

from livecoach.synth.motion.tokens import GOOD
from livecoach.synth.sets import SyntheticSet, Wanted, random_set
from livecoach.types import Rep

TORSO, SHOULDER_LINE = list(width.LIMBS).index("torso"), list(width.LIMBS).index("shoulder line")


def _set(view_deg: float) -> SyntheticSet:
    wanted = Wanted(exercise="deadlift", tokens=(GOOD,) * 2, view_deg=view_deg, noise=0.0, fps=30.0, lost=0.0)
    return random_set(3, wanted)


def _first_rep(made: SyntheticSet) -> Rep:
    true = made.reps[0]
    return Rep(
        index=1,
        start_s=true.start_s,
        turn_s=true.turn_s,
        end_s=true.end_s,
        verdict="good",
        score=0.0,
        threshold=1.0,
        confidence=1.0,
        reference="population",
    )


def _limbs(view_deg: float) -> tuple[np.ndarray, float]:
    made = _set(view_deg)
    return width.limbs_of(made.observations, _first_rep(made))


@pytest.mark.parametrize("view_deg", [5.0, 45.0, 90.0, 130.0])
def test_own_frame_forgets_the_camera(view_deg: float) -> None:
    """Limb vectors are those of the camera in front but for its tilt, and the azimuth is where it stands."""
    limbs, azimuth_deg = _limbs(view_deg)
    in_front, _ = _limbs(0.0)
    assert azimuth_deg == pytest.approx(view_deg, abs=6)
    assert np.sqrt(((limbs - in_front) ** 2).mean()) < 0.12


def test_camera_stands_on_the_left() -> None:
    """A camera on the right sees the mirror image: near and far limbs keep their places."""
    limbs, azimuth_deg = _limbs(-60.0)
    assert azimuth_deg == pytest.approx(60, abs=6)
    assert (limbs[:, SHOULDER_LINE, 1] > 0).all()


def test_trunk_upright_at_lockout() -> None:
    """At the turn of a deadlift the torso is one unit long and points up."""
    limbs, _ = _limbs(30.0)
    assert limbs[width.TIMES - 1, TORSO] == pytest.approx([0, 0, 1], abs=0.25)


def test_space_explains_what_it_was_made_of() -> None:
    """Reps of as many directions as there are components lie in their space, another direction does not."""
    rng = np.random.default_rng(0)
    shape = (2 * width.TIMES, len(width.LIMBS), 3)
    directions = rng.normal(size=(width.COMPONENTS, math.prod(shape)))
    made = (rng.normal(size=(200, width.COMPONENTS)) @ directions).reshape(-1, *shape)
    space = width.space_of(made)
    assert space.distances(made) == pytest.approx(np.zeros(200), abs=1e-6)
    assert space.distances(made[:1] + rng.normal(size=shape))[0] > 10


def test_reps_of_a_synthetic_set_are_found() -> None:
    """The pipeline finds the reps of a clean set and judges them."""
    made = _set(45.0)
    reps = list(width.found_reps(made.observations, width.exercises.load("deadlift")))
    assert len(reps) == 2
    assert all(rep.score is not None for rep in reps)


def test_no_observations_no_reps() -> None:
    """A clip without frames has no reps."""
    assert list(width.found_reps([], width.exercises.load("deadlift"))) == []


@settings(max_examples=20)
@given(st.floats(0.2, 3.0), st.floats(0.2, 3.0), st.integers(0, 1000))
def test_spread_tells_sets_from_reps(within: float, between: float, seed: int) -> None:
    """Variance components come back from many sets of unequal size."""
    rng = np.random.default_rng(seed)
    groups = [rng.normal(0, between) + rng.normal(0, within, rng.integers(2, 9)) for _ in range(400)]
    found = spread(groups)
    assert found.within == pytest.approx(within, rel=0.15)
    # The variance between sets is what an estimate is unbiased of; its error grows with the variance within them.
    assert found.between**2 == pytest.approx(between**2, rel=0.45, abs=0.1 * within**2)
    assert found.low < found.within


def test_spread_of_single_reps() -> None:
    """One rep a set says nothing of the spread within; all there is counts as between."""
    found = spread([[1.0], [2.0], [3.0]])
    assert math.isnan(found.within)
    assert found.between == pytest.approx(1.0)
