"""A camera that looks up from the floor, beside reps that one at hip height saw."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from builders.observations import a_set
from builders.references import an_own_rep
from builders.stick_figure import bends

from livecoach.core.types import Observation
from livecoach.decisions import assembly
from livecoach.decisions.judging.reference import SHORTER, UP_DEG, Reference, ReferenceKind, reference_of
from livecoach.decisions.rep.measured import LOOKS_UP, MeasuredRep

COACH = assembly.load("deadlift")
SCORER = COACH.exercises["deadlift"].scorer
WHOLE = bends(reps=1, rest=1.0, fps=30)
FEET = 0.9  # height in the picture that stays where it is


def from_below(seen: Iterable[Observation], *, narrower: float, away_deg: float) -> list[Observation]:
    """Return what a camera that looks up sees: a picture that narrows upwards, and a lifter who leans away."""
    sine, cosine, found = np.sin(np.radians(away_deg)), np.cos(np.radians(away_deg)), []
    for one in seen:
        assert one.landmarks is not None
        assert one.world is not None
        landmarks, world = one.landmarks.copy(), one.world.copy()
        up = FEET - landmarks[:, 1]
        landmarks[:, 0] = 0.5 + (landmarks[:, 0] - 0.5) / (1 + narrower * up)
        landmarks[:, 1] = FEET - up / (1 + narrower * up)
        world[:, 1:] = world[:, 1:] @ np.array([[cosine, -sine], [sine, cosine]], np.float32)
        found.append(replace(one, landmarks=landmarks, world=world))
    return found


@cache
def seen(narrower: float = 0.0, away_deg: float = 0.0) -> list[Observation]:
    """Three reps, and less than half of one."""
    curve = np.concatenate([WHOLE, WHOLE, WHOLE, 1 - 0.4 * (1 - WHOLE), np.ones(90)])
    return from_below(a_set(curve, lift="deadlift", view_deg=60.0), narrower=narrower, away_deg=away_deg)


@cache
def judged(narrower: float, away_deg: float) -> tuple[list[str | None], list[str]]:
    """Return why reps were not judged, beside those of a level camera on another day, and why others do not count."""
    level = [one.window for step in map(COACH.pipeline().step, seen()) for one in step.judged if one.window]
    pipeline = COACH.pipeline([replace(one, day="2026-11-01", chosen=True) for one in level * 2])
    steps = [pipeline.step(one) for one in seen(narrower, away_deg)]
    partial = [step.partial.reason for step in steps if step.partial is not None]
    return [one.rep.unsure for step in steps for one in step.judged], partial


@pytest.mark.parametrize(
    ("narrower", "away_deg", "unsure", "reason"),
    [(0.0, 0.0, None, "short"), (0.1, 3.0, None, "short"), (0.5, UP_DEG + 2, LOOKS_UP, "from_below")],
)
def test_what_is_seen_from_far_below_is_neither_judged_nor_called_half(narrower, away_deg, unsure, reason):
    assert judged(narrower, away_deg) == ([unsure] * 3, [reason])


def a_rep(number: int = 0, *, tilt_deg: float = -12.0, trunk_share: float = 0.7) -> MeasuredRep:
    rep = an_own_rep(number, tilt_deg=tilt_deg)
    rep.trunk_share = trunk_share
    return rep


@pytest.mark.parametrize(
    ("kind", "up_deg", "shorter", "is_from_below"),
    [
        ("day", UP_DEG + 0.1, SHORTER + 0.01, True),
        ("day", UP_DEG + 0.1, SHORTER - 0.01, False),  # who leans away is as long as before
        ("day", UP_DEG - 0.1, 3 * SHORTER, False),  # who bends is shorter
        ("day", -20.0, 3 * SHORTER, False),
        ("set", 2 * UP_DEG, 3 * SHORTER, False),  # the same camera has seen all of it
    ],
)
def test_both_the_lean_and_the_trunk_tell_of_a_camera_that_looks_up(
    kind: ReferenceKind, up_deg, shorter, is_from_below
):
    reference: Reference = reference_of(SCORER, [a_rep(i) for i in range(3)], kind)
    assert reference.is_from_below(up_deg - 12, (1 - shorter) * 0.7) == is_from_below
