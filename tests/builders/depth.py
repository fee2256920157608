"""Depth models that measure the same whatever they see, and reps of squats that they measure."""

from functools import cache

import numpy as np

from builders.observations import a_squat
from builders.pipelines import FakeJudge, a_pipeline
from livecoach.core.types import RepWindow, StandardResult
from livecoach.decisions.rep.depth import INPUTS, LEG_OF_STATURE, DepthModel
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.run.coached import replay

LEG_CM = LEG_OF_STATURE * TYPICAL_HEIGHT_CM


def a_depth_model(crease_cm: float = 0.0, seat_cm: float = 30.0, deviation_cm: float = 3.0) -> DepthModel:
    """A model by which every squat of a lifter of typical height is as deep as that."""
    return DepthModel(
        format=1,
        synthetic=True,
        mean=np.zeros(INPUTS),
        precision=np.eye(INPUTS),
        farthest=1000.0,
        weights=np.zeros((2, INPUTS)),
        bias=np.array([crease_cm, seat_cm]) / LEG_CM,
        azimuth_deg=np.array([30.0, 105.0]),
        deviation=np.array([[deviation_cm], [2 * deviation_cm]]).repeat(2, 1) / LEG_CM,
        growth=np.zeros(2),
        training={},
    )


def a_depth(off_cm: float = 6.2, verdict: str = "missed") -> StandardResult:
    """How deep a rep was: too high by 6 cm, unless told otherwise."""
    return StandardResult(name="depth", verdict=verdict, off=off_cm, deviation=3.0, unit="cm")  # type: ignore[arg-type]


@cache
def a_squat_window(view_deg: float = 60.0) -> RepWindow:
    """The window of one squat from a side."""
    judge = FakeJudge(name="squat")
    for _ in replay(a_pipeline("squat", judge), a_squat(reps=1, fps=30.0, view_deg=view_deg)):
        pass
    (window,) = judge.windows
    return window
