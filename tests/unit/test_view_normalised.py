"""A rep turned into the lifter's own frame, wherever the camera stands."""

from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep, a_normalised_rep, kept
from builders.observations import a_sighting
from builders.stick_figure import TORSO_M, a_stick_figure, bends

from livecoach.core import landmark
from livecoach.core.types import RepWindow
from livecoach.decisions.rep.view_normalised import (
    LEAST_FRAMES,
    choose_mirroring,
    normalise_rep,
    picture_motion,
    undo_tilt,
    world_motion,
)

CURVE = bends(reps=1, rest=1.0)
HEIGHT = 0.42
"""Of a metre, as a share of the picture's height: a metre is 201.6 pixels."""
LEFT_WRIST, RIGHT_WRIST = landmark.WRISTS


def figures(view_deg: float, *, raised: int = LEFT_WRIST) -> list[np.ndarray]:
    """A deadlift without trembling, one hand 10 cm higher than the other."""
    found = [a_stick_figure(bend, view_deg=view_deg) for bend in CURVE]
    for figure in found:
        figure[raised, 1] -= 0.1
    return found


def own_frame(*, raised: int = LEFT_WRIST) -> np.ndarray:
    """(T, 33, 3) the same figure in its own frame: forward, left, up, from between the hips."""
    front = np.stack(figures(0.0, raised=raised))
    own = np.stack([-front[..., 2], front[..., 0], -front[..., 1]], -1)
    return own - own[:, landmark.HIPS].mean(1, keepdims=True)


def rep_from(view_deg: float, *, raised: int = LEFT_WRIST, up_deg: float = 0.0) -> RepWindow:
    """A rep before a camera that looks up by `up_deg`."""
    sine, cosine = np.sin(np.radians(up_deg)), np.cos(np.radians(up_deg))
    turn = np.array([[1.0, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    found = [figure @ turn for figure in figures(view_deg, raised=raised)]
    seen = [a_sighting(figure, t_s=i / 30, index=i, height=HEIGHT) for i, figure in enumerate(found)]
    return kept(seen, azimuth_deg=view_deg)


@pytest.mark.parametrize("view_deg", [0.0, 30.0, 60.0, 90.0])
def test_a_rep_and_its_motion_come_back_in_the_lifters_own_frame(view_deg):
    rep, own = normalise_rep(rep_from(view_deg)), own_frame()
    assert rep.world == pytest.approx(own, abs=1e-6)
    assert rep.azimuth_deg == pytest.approx(view_deg)
    assert not rep.mirrored
    from_ankles = (own - own[:, landmark.ANKLES].mean(1, keepdims=True)) / TORSO_M
    assert picture_motion(rep, "bar").points == pytest.approx(from_ankles, abs=0.03)


@pytest.mark.parametrize("view_deg", [0.0, 30.0, 60.0, 90.0])
def test_a_rep_is_turned_back_to_what_a_level_camera_sees(view_deg):
    level, looks_up = normalise_rep(rep_from(view_deg)), normalise_rep(rep_from(view_deg, up_deg=10.0))
    back = undo_tilt(looks_up, 10.0, 10.0)
    assert np.abs(looks_up.world - level.world).max() > 0.1
    assert back.world == pytest.approx(level.world, abs=1e-6)
    heights = [rep.picture[..., 1] - rep.picture[:, landmark.HIPS, 1].mean(1, keepdims=True) for rep in (back, level)]
    assert heights[0] == pytest.approx(heights[1], abs=0.05)  # pixels
    assert back.torso_px == pytest.approx(level.torso_px, rel=1e-3)


@pytest.mark.parametrize("view_deg", [-30.0, -60.0, -90.0])
def test_a_rep_filmed_from_the_right_is_mirrored(view_deg):
    """As if the camera stood at the left of a lifter who raised the other hand."""
    rep = normalise_rep(rep_from(view_deg, raised=RIGHT_WRIST))
    mirrored = normalise_rep(rep_from(-view_deg, raised=LEFT_WRIST))
    assert rep.world == pytest.approx(own_frame(raised=LEFT_WRIST), abs=1e-6)
    assert rep.azimuth_deg == pytest.approx(-view_deg)
    assert (rep.mirrored, mirrored.mirrored) == (True, False)
    shift_px = rep.picture[0, 0] - mirrored.picture[0, 0]
    assert rep.picture - mirrored.picture == pytest.approx(np.broadcast_to(shift_px, rep.picture.shape), abs=0.01)


@pytest.mark.parametrize(
    ("view_deg", "others", "is_mirrored"),
    [(-10, None, True), (-10, False, False), (10, True, True), (-45, False, True), (45, True, False)],
)
def test_near_the_front_a_rep_is_mirrored_as_those_that_it_is_compared_with(view_deg, others, is_mirrored):
    assert choose_mirroring(view_deg, others) == (is_mirrored, pytest.approx(-view_deg if is_mirrored else view_deg))


@pytest.mark.parametrize("view_deg", [0.0, 30.0, 90.0])
def test_the_standing_torso_is_not_foreshortened_by_a_lean(view_deg):
    """Bent over towards the camera it looks a third as long; the rep's upright frames tell its length."""
    rep = normalise_rep(rep_from(view_deg))
    assert rep.torso_px == pytest.approx(TORSO_M * HEIGHT * 480, rel=0.01)
    assert rep.torso_m == pytest.approx(TORSO_M, rel=1e-3)


def test_a_motion_has_the_rep_and_its_margins():
    motion = picture_motion(a_normalised_rep(), "bar")
    assert (motion.inside, len(motion.t_s)) == (slice(24, 97), len(CURVE))


def test_too_few_frames_or_a_body_without_size_make_no_normalised_rep():
    rep = rep_from(30.0)
    before = sum(o.t_s < rep.start_s for o in rep.observations)
    for count, enough in ((LEAST_FRAMES, True), (LEAST_FRAMES - 1, False)):
        first = rep.observations[: before + count]
        lost = [replace(o, landmarks=None, world=None) for o in rep.observations[before + count :]]
        assert (normalise_rep(replace(rep, observations=(*first, *lost))) is not None) == enough
    assert normalise_rep(replace(rep, observations=())) is None
    points = tuple(replace(o, world=np.zeros((landmark.COUNT, 3), np.float32)) for o in rep.observations)
    assert normalise_rep(replace(rep, observations=points)) is None


def test_frames_that_came_twice_count_once():
    rep = rep_from(60.0)
    twice = replace(rep, observations=tuple(o for o in rep.observations for _ in range(2)))
    assert normalise_rep(twice).picture == pytest.approx(normalise_rep(rep).picture)
    assert world_motion(normalise_rep(twice), "bar").fps == pytest.approx(30)


def test_the_backs_edge_is_scaled_to_torso_lengths():
    edge = np.full(19, 0.1, np.float32)
    rep = a_kept_rep()
    seen = tuple(replace(o, back=edge) if o.index % 2 else o for o in rep.observations)
    back = normalise_rep(replace(rep, observations=seen)).back
    assert back[1::2] == pytest.approx(np.full((len(back) // 2, 19), 0.1 / (TORSO_M * HEIGHT)), rel=0.02)
    assert np.isnan(back[::2]).all()
