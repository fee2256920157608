"""What no fault describes: one rep is changed, as much as is asked, and nothing else is."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.lab.generic_anomalies import KINDS, CleanLandmarks, alter_rep
from livecoach.synth.motion.tokens import parse
from livecoach.synth.sets import SetArrays, SetRequest, random_set_arrays


@pytest.fixture(scope="module")
def made() -> SetArrays:
    """Three good deadlifts, without errors."""
    return random_set_arrays(5, SetRequest(exercise="deadlift", noise=0.0, lost=0.0, tokens=parse("good*3"), fps=30.0))


def clean_of(made: SetArrays) -> CleanLandmarks:
    size_px = (made.settings.width_px, made.settings.height_px)
    return CleanLandmarks(image=made.image[..., :3], world=made.world, t_s=made.t_s, size_px=size_px)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("knob", [0.5, 1.0])
def test_only_the_rep_itself_is_changed(made, kind, knob):
    """Its frames move, all others stay where they are."""
    before, rep = clean_of(made), made.reps[1]
    after, _ = alter_rep(before, rep, kind, knob, np.random.default_rng(0))
    moved = np.abs(after.world - before.world).max((1, 2)) > 1e-9
    inside = np.zeros(len(moved), bool)
    inside[rep.start_frame : rep.end_frame + 1] = True
    assert moved[inside].mean() > 0.5
    assert not moved[~inside].any()


@pytest.mark.parametrize("kind", KINDS)
def test_more_is_further_off(made, kind):
    """By the knob."""
    before, rep = clean_of(made), made.reps[1]
    off = [
        np.abs(alter_rep(before, rep, kind, knob, np.random.default_rng(3))[0].world - before.world).mean()
        for knob in (0.5, 1.0)
    ]
    assert off[1] > off[0]


def test_a_joint_that_goes_astray_leaves_the_others(made):
    """And the picture shows it as far off as the world, but for depth."""
    before, rep = clean_of(made), made.reps[0]
    after, _ = alter_rep(before, rep, "joint_off", 1.0, np.random.default_rng(1))
    joints = np.abs(after.world - before.world).max((0, 2)) > 1e-9
    assert 0 < joints.sum() <= 11
    assert (np.abs(after.image - before.image).max((0, 2)) > 0).tolist() == joints.tolist()


def test_a_tired_rep_turns_later(made):
    """The way up drags on."""
    _, rep = alter_rep(clean_of(made), made.reps[0], "tired", 1.0, np.random.default_rng(1))
    share = (rep.turn_s - rep.start_s) / (rep.end_s - rep.start_s)
    assert share > 0.55
