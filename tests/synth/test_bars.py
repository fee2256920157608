"""Barbells of many makes, and where their plates are in a picture."""

import dataclasses

import numpy as np
import pytest

from livecoach.synth.camera import VirtualCamera
from livecoach.synth.clip import ClipSettings, make_clip
from livecoach.synth.figure.body import TRAINING
from livecoach.synth.motion.tokens import parse
from livecoach.synth.picture.barbell import PLATE_RADIUS_M, random_make


def settings(**changes: object) -> ClipSettings:
    plain = ClipSettings(
        exercise="deadlift",
        tokens=parse("good", "deadlift"),
        seed=3,
        camera=VirtualCamera(azimuth_deg=70.0, fps=15.0),
        body=TRAINING[0],
    )
    return dataclasses.replace(plain, **changes)


def test_there_are_full_plates_small_ones_and_none():
    """In every sample of some size; the face that is told of lies on the largest plate."""
    makes = [random_make(np.random.default_rng(seed)) for seed in range(60)]
    radii = np.array([make.radius_m for make in makes])
    assert (radii == 0).any()
    assert (radii == PLATE_RADIUS_M).any()
    assert ((radii > 0) & (radii < PLATE_RADIUS_M)).any()
    for make in makes:
        mesh = make.mesh()
        assert np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 2]).max() >= make.radius_m - 1e-9
        assert make.face_m <= 0.66 + sum(disc.thick_m + 0.004 for disc in make.discs)


def test_another_make_changes_nothing_else():
    """Room, clothes and movement stay as the seed has them."""
    plain, other = make_clip(settings()), make_clip(settings(any_make=True))
    for name in ("room", "sensor", "outfits", "plates"):
        assert getattr(plain.looks, name) == getattr(other.looks, name)
    assert all((plain.movement.posture[name] == other.movement.posture[name]).all() for name in plain.movement.posture)


def test_a_plate_is_as_large_in_the_picture_as_it_is_far():
    """From the side: a full plate's diameter by the pinhole's rule, and it goes up as the bar does."""
    clip = make_clip(settings())
    near = clip.plate_positions()[:, 0]
    camera = clip.settings.camera
    depth_m = camera.distance_m - 0.72 * np.sin(np.radians(camera.azimuth_deg))
    assert np.median(near[:, 2]) == pytest.approx(camera.focal_px * 0.45 / depth_m, rel=0.08)
    assert np.corrcoef(near[:, 1], clip.movement.posture["bar_z"])[0, 1] < -0.99


def test_without_plates_none_is_told():
    """An empty bar, and no bar."""
    assert make_clip(settings(plates=0)).plate_positions() is None
    assert make_clip(settings(bar=False)).plate_positions() is None
