"""Describes a movement out and back by numbers that distinguish reps from other movements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.core.quantiles import median
from livecoach.core.types import Times
from livecoach.decisions.counting import tuning
from livecoach.decisions.counting.bar_evidence import is_bar_held, measure_hang
from livecoach.decisions.counting.moments import long_pause_excess, resample_moments
from livecoach.decisions.counting.movement_features import MovementFeatures, extract_features
from livecoach.decisions.counting.outcomes import Proposal
from livecoach.perception.body.body import Body


class Place(NamedTuple):
    """The place and the size of a body in the picture."""

    feet_px: np.ndarray  # (2,) mid-ankle
    size_px: float  # length of torso and legs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Movement:
    """A movement out and back, described by its features. Its samples are left out, to save memory."""

    times: Times
    span: float  # Distance of the peak above the resting level
    features: MovementFeatures
    shortened: "Movement | None" = None  # The movement with its long pauses shortened; None without long pauses
    places: tuple[Place, Place, Place]  # Where the body is around the start, within the movement, and around the end
    hang: np.ndarray  # (3,) hang of the hands at the turn, from `bar_evidence.measure_hang`
    by_bar: float = 0.0  # Log likelihood ratio of a lift from whether the hands move the bar
    by_posture: float = 0.0  # Log likelihood ratio of a lift from where the hands begin and how far the hips go
    by_recognition: float = 0.0  # Log likelihood ratio of a lift from the recognition network; never positive


_BY_BAR = {None: 0.0, True: tuning.BAR_HELD_LOG_RATIO, False: tuning.BAR_STAYS_LOG_RATIO}


def describe_movement(proposal: Proposal, rules: RepRules) -> Movement:
    """Compute the features, the places and the evidence of a proposed movement."""
    samples, (start_s, _, end_s) = proposal.samples, proposal.turns
    features = extract_features(resample_moments(samples, start_s, end_s))
    within = [s for s in samples if start_s <= s.t_s <= end_s]
    movement = Movement(
        times=proposal.times,
        span=proposal.span,
        features=features,
        places=(_place_at(samples, start_s), _place_of(within), _place_at(samples, end_s)),
        hang=measure_hang(samples),
        by_bar=_BY_BAR[is_bar_held(samples, start_s, end_s)] if rules.bar_on_floor else 0.0,
        by_posture=_by_posture(features, rules),
        by_recognition=_by_recognition([s.lift_log_odds for s in samples if s.t_s >= start_s]),
    )
    beyond = _beyond_pauses(proposal, rules)
    if not beyond.any():
        return movement
    shortened = replace(movement, features=extract_features(resample_moments(samples, start_s, end_s, beyond)))
    return replace(movement, shortened=shortened)


def _by_posture(features: MovementFeatures, rules: RepRules) -> float:
    unlike = features.start_hands > rules.max_start_hands or features.hips_share < rules.min_hips_share
    return tuning.UNLIKE_LOG_RATIO if unlike else 0.0


def _by_recognition(log_odds: Sequence[float]) -> float:
    """Return the mean log odds if against a lift; odds for a lift say nothing, since they include all exercises."""
    mean = sum(log_odds) / len(log_odds)
    return max(min(tuning.NO_LIFT_WEIGHT * mean, 0.0), tuning.NO_LIFT_LEAST_LOG_RATIO)


def _beyond_pauses(proposal: Proposal, rules: RepRules) -> np.ndarray:
    """Return (samples,) bool: the parts of long pauses that exceed the pauses which the lift model knows."""
    start_s, _, end_s = proposal.turns
    t_s, distance = (np.array([getattr(s, name) for s in proposal.samples]) for name in ("t_s", "distance_from_rest"))
    beyond = long_pause_excess(t_s, distance, tuning.PAUSE_SWAY * min(proposal.span, 1.0), rules.pause_s)
    return (t_s > start_s) & (t_s < end_s) & beyond


def stays_in_place(samples: Sequence[Body], rules: RepRules) -> bool:
    """Return whether the feet move so little that the movement may be a part of a lift.

    The size of the body in the picture does not matter, because it changes with the direction of the thighs.
    """
    first, last = (_place_at(samples, s.t_s) for s in (samples[0], samples[-1]))
    shift_px = float(np.hypot(*(last.feet_px - first.feet_px)))
    return shift_px / max(first.size_px, last.size_px, 1e-6) <= rules.max_feet_shift


def _place_at(samples: Sequence[Body], at_s: float) -> Place:
    return _place_of([s for s in samples if abs(s.t_s - at_s) <= tuning.PLACE_S])


def _place_of(samples: Sequence[Body]) -> Place:
    feet_px, size_px = (median(np.array([getattr(s, name) for s in samples])) for name in ("feet_px", "size_px"))
    return Place(feet_px, float(size_px))
