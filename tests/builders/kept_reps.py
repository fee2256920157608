"""Reps of a stick figure as a profile keeps them, with what was seen before and after each."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from builders.observations import a_set
from builders.steps import a_view
from builders.stick_figure import Lift, bends
from livecoach.core.types import Observation, RepWindow
from livecoach.decisions.rep.view_normalised import NormalisedRep, normalise_rep
from livecoach.perception.pose.dorsal import trunk_leans

STIFF = (2.0, 25.0, 80.0)
"""Shin, thigh and trunk at the bottom of a pull with straight legs: the knee is at 153° instead of 110°."""


def a_kept_rep(
    *,
    azimuth_deg: float = 30.0,
    set_name: str = "1",
    lift: Lift = "deadlift",
    deepest_deg: tuple[float, float, float] | None = None,
    seed: int = 0,
    fps: float = 30.0,
    **changes: object,
) -> RepWindow:
    """One rep of a stick figure with what was seen before and after it, from .8 s to 3.2 s."""
    rest = 1.0 if lift == "deadlift" else 0.0
    curve = bends(reps=1, rest=rest, fps=fps)
    seen = a_set(curve, lift=lift, fps=fps, view_deg=azimuth_deg, seed=seed, deepest_deg=deepest_deg)
    return replace(kept(seen, azimuth_deg=azimuth_deg, set_name=set_name), **changes)  # type: ignore[arg-type]


def kept(observations: Sequence[Observation], *, azimuth_deg: float = 30.0, set_name: str = "1") -> RepWindow:
    """Those observations as a rep from .8 s to 3.2 s with its turn in the middle."""
    return RepWindow(
        observations=tuple(observations),
        start_s=0.8,
        turn_s=2.0,
        end_s=3.2,
        view=a_view(azimuth_deg),
        set_name=set_name,
        pose="lite",
        number=1,
    )


def with_back(observations: Sequence[Observation]) -> list[Observation]:
    """The same, with a straight back whose edge was found."""
    edge = np.zeros(19, np.float32)
    return [replace(seen, back=edge) for seen in observations]


def with_round_back(rep: RepWindow, bulge: float, *, until_s: float = 9.0, **changes: object) -> RepWindow:
    """Return a rep whose back bulges by so much in its middle, torso lengths, wherever its trunk leans.

    until_s: when its edge is lost.
    """
    found = normalise_rep(rep)
    shape = 0.2 + bulge * (1 - (2 * np.linspace(0.05, 0.95, 19) - 1) ** 2)
    edge = (shape * found.torso_px / rep.observations[0].height_px).astype(np.float32)
    seen = tuple(replace(one, back=edge if one.t_s < until_s and _leans(one) else None) for one in rep.observations)
    return replace(rep, observations=seen, **changes)  # type: ignore[arg-type]


def _leans(one: Observation) -> bool:
    assert one.landmarks is not None
    return trunk_leans(one.landmarks[:, :2] * (one.width_px, one.height_px))


def a_normalised_rep(**rep: object) -> NormalisedRep:
    """Return the rep of `a_kept_rep`, ready to be measured."""
    found = normalise_rep(a_kept_rep(**rep))  # type: ignore[arg-type]
    assert found is not None
    return found
