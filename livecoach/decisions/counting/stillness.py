"""Detects stillness: whether a body has settled at rest, and whether it holds its turn."""

from collections.abc import Sequence

import numpy as np

from livecoach.decisions.counting import tuning
from livecoach.perception.body.body import Body
from livecoach.perception.body.quantiles import percentile


def has_settled(samples: Sequence[Body], returned: float, *, in_rest_stage: bool) -> bool:
    """Return whether a body that has come back by a share of its way has arrived at rest."""
    return (
        returned >= tuning.ARRIVED
        or (returned >= tuning.SLOW_RETURNED and return_per_s(samples, tuning.SLOW_OVER_S) < tuning.SLOW_SPEED)
        or (
            in_rest_stage
            and returned >= tuning.STILL_RETURNED
            and return_per_s(samples, tuning.STILL_OVER_S) < tuning.STILL_SPEED
        )
    )


def return_per_s(samples: Sequence[Body], over_s: float) -> float:
    """Return the speed towards rest over the last seconds, in distances per second."""
    last = samples[-1]
    before = next((s for s in reversed(samples) if last.t_s - s.t_s >= over_s), samples[0])
    return (before.distance_from_rest - last.distance_from_rest) / max(last.t_s - before.t_s, 1e-6)


def is_held(samples: Sequence[Body], peak: float) -> bool:
    """Return whether the body has been motionless at the peak of its way, and as tall as anywhere on the way."""
    since_s = samples[-1].t_s - tuning.HOLD_S
    latest = [s for s in samples if s.t_s >= since_s]
    if min(s.distance_from_rest for s in latest) < peak - tuning.HOLD_SWAY:
        return False
    tall = percentile(np.array([s.measures.shoulder_height for s in samples]), 90)
    return bool(min(s.measures.shoulder_height for s in latest) >= tall - tuning.HOLD_LOWER)
