"""BlazePose by LiteRT beside BlazePose by MediaPipe: differences between two observations of a picture."""

from dataclasses import replace

import numpy as np
import pytest

from livecoach import landmark
from livecoach.lab.measure.back_ends import Differences
from livecoach.types import Observation


def seen(**changes: object) -> Observation:
    """A body whose torso is 100 px long."""
    landmarks = np.zeros((landmark.COUNT, 5), np.float32)
    landmarks[list(landmark.SHOULDERS), 1] = 0.25
    landmarks[list(landmark.HIPS), 1] = 0.5
    world = np.random.default_rng(1).normal(size=(landmark.COUNT, 3)).astype(np.float32)
    known = Observation(
        index=0,
        t_s=0.0,
        landmarks=landmarks,
        world=world,
        people=1,
        brightness=0.5,
        width_px=640,
        height_px=400,
        dropped=0,
        back=np.full(19, 0.1, np.float32),
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def test_what_is_the_same_differs_by_nothing() -> None:
    """In each figure."""
    apart = Differences()
    apart.add(seen(), seen())
    assert (apart.pictures, apart.one_alone) == (1, 0)
    assert max(apart.pixels + apart.angles_deg + apart.visibility + apart.edge_px) == 0


def test_a_joint_is_apart_by_torso_lengths() -> None:
    """10 px of 100; the others are where they were."""
    landmarks = seen().landmarks.copy()
    landmarks[list(landmark.KNEES), 0] += 10 / 640
    apart = Differences()
    apart.add(seen(landmarks=landmarks, back=np.full(19, 0.11, np.float32)), seen())
    assert apart.joints["knee"] == pytest.approx([0.1, 0.1])
    assert max(apart.joints["hip"]) == 0
    assert apart.edge_px == pytest.approx([4.0] * 19, abs=1e-4)


def test_who_is_seen_by_one_alone_is_counted() -> None:
    """And enters no other figure."""
    apart = Differences()
    apart.add(seen(landmarks=None, world=None, back=None), seen())
    apart.add(seen(landmarks=None, world=None, back=None), seen(landmarks=None, world=None, back=None))
    assert (apart.pictures, apart.one_alone, apart.pixels) == (2, 1, [])
