"""What counting keeps of each frame, and what is read from the frames of one movement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach.counting.bar_evidence import BarEvidence, moves_with_hands
from livecoach.counting.bar_release import Hands
from livecoach.counting.candidate import Candidate
from livecoach.counting.outcome import Times
from livecoach.counting.segments import Movement
from livecoach.frame.body import Body
from livecoach.types import StageName

MOMENT_S = 0.2
"""Feet, scale and hands are looked at over this time before and after a rep's start, turn and end."""
MARGIN_S = 0.5
"""How much from before its start is taken into a movement."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """What counting needs of one frame."""

    t_s: float
    away: float
    """0 at rest, 1 at the usual turn; smoothed."""
    stage: StageName
    feet_px: np.ndarray
    """(2,) mid-ankle."""
    wrists_px: np.ndarray
    """(2, 2) left and right wrist."""
    shoulders_px: np.ndarray
    """(2, 2) left and right shoulder."""
    size_px: float
    """Torso and legs as seen."""
    points_px: np.ndarray | None = None
    """(6, 2, 2) as Body's; needed by a lift model only, as the next."""
    world: np.ndarray | None = None
    """(6, 2, 3) as Body's."""
    bar_px: np.ndarray | None = None
    """(3,) as Body's; None where it is not looked for."""


def sample_of(body: Body, away: float, stage: StageName) -> Sample:
    """What counting needs of a body. away: smoothed."""
    return Sample(
        t_s=body.t_s,
        away=away,
        stage=stage,
        feet_px=body.feet_px,
        wrists_px=body.wrists_px,
        shoulders_px=body.shoulders_px,
        size_px=body.size_px,
        points_px=body.points_px,
        world=body.world,
        bar_px=body.bar_px,
    )


def hands(samples: Sequence[Sample]) -> Hands:
    """The hands of all samples."""
    names = ("t_s", "away", "wrists_px", "shoulders_px", "size_px")
    return Hands(**{name: np.array([getattr(s, name) for s in samples]) for name in names})


def movement_of(samples: Sequence[Sample], start_s: float, end_s: float) -> Movement:
    """The movement between two times, with what is there around it. The samples have `points_px` and `world`."""
    kept = [s for s in samples if s.t_s >= start_s - MARGIN_S]
    t_s = np.array([s.t_s for s in kept])
    return Movement(
        t_s=t_s,
        away=np.array([s.away for s in kept]),
        world=np.array([s.world for s in kept], np.float64),
        points_px=np.array([s.points_px for s in kept], np.float64),
        start=int(np.argmin(np.abs(t_s - start_s))),
        end=int(np.argmin(np.abs(t_s - end_s))),
    )


def candidate_of(
    samples: Sequence[Sample], times: Times, *, span: float, refined: Times, let_go_s: float | None
) -> Candidate:
    """A movement that may be a rep. times: where its curve turns; refined: the same by the whole body, of which the end
    may be yet to come; let_go_s: when the bar was let go, None where it was not."""
    inside = [s for s in samples if times[0] <= s.t_s <= times[2]]
    start_s, turn_s, end_s = refined
    return Candidate(
        start_s=start_s,
        turn_s=turn_s,
        end_s=min(end_s, samples[-1].t_s) if let_go_s is None else let_go_s,
        span=span,
        hang=hands(samples).at_lockout(),
        feet_px=np.median([s.feet_px for s in inside], axis=0),
        size_px=float(np.median([s.size_px for s in inside])),
    )


def bar_evidence(samples: Sequence[Sample], start_s: float, end_s: float) -> BarEvidence | None:
    """Whether the bar moves with the hands between two times; None where no bar is seen."""
    near = [s for s in samples if start_s <= s.t_s <= end_s and s.bar_px is not None]
    bar = np.array([s.bar_px for s in near])
    if not np.isfinite(bar).any():
        return None
    anywhere = (np.inf, np.inf)  # a plate is only found inside the picture
    return moves_with_hands(np.array([s.t_s for s in near]), bar, np.array([s.wrists_px for s in near]), anywhere)


class Ends(NamedTuple):
    """How the end of a movement differs from its start."""

    feet_shift: float
    """Lengths of torso and legs."""
    scale_change: float
    """How much larger or smaller the body looks, as a share."""


def compare(samples: Sequence[Sample], start_s: float, end_s: float) -> Ends:
    """Start and end of the movement between two times."""
    first, last = _near(samples, start_s), _near(samples, end_s)
    size_before, size_after = (float(np.median([s.size_px for s in moment])) for moment in (first, last))
    feet_before, feet_after = (np.median([s.feet_px for s in moment], axis=0) for moment in (first, last))
    size = max(size_before, size_after, 1e-6)
    return Ends(
        feet_shift=float(np.linalg.norm(feet_after - feet_before)) / size,
        scale_change=abs(size_after - size_before) / size,
    )


def hand_tilt(samples: Sequence[Sample], at_s: float) -> float:
    """Height of one hand over the other around a time, in lengths of torso and legs."""
    near = _near(samples, at_s)
    return float(np.median([abs(s.wrists_px[0, 1] - s.wrists_px[1, 1]) / max(s.size_px, 1.0) for s in near]))


def _near(samples: Sequence[Sample], at_s: float) -> list[Sample]:
    return [s for s in samples if abs(s.t_s - at_s) <= MOMENT_S]
