"""The way out and back that is under way: how far it is, and where it began, turned and ended."""

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.decisions.counting.boundary_regression import Boundaries
from livecoach.decisions.counting.movement import Movement, Times
from livecoach.perception.body.body import Body

UNDER_WAY = 0.2  # share of the range at which a movement is under way: its start is sought before, its end after
SLOW_SHARE = 0.12
"""Share of the top speed below which a movement has not begun, or has ended: by a share of the range alone, the slow
settling before a pull would be its start."""
SPEED_OVER_S = 0.1


def turning_points(t_s: np.ndarray, distance: np.ndarray, *, lockout: bool) -> tuple[int, int, int]:
    """Indices of start, turn and end in a curve (n,). lockout: the turn is where the way out ends and is held."""
    peak = int(np.argmax(distance))
    lowest = int(np.argmin(distance[: peak + 1]))
    later, earlier = (np.interp(t_s + half_s, t_s, distance) for half_s in (SPEED_OVER_S / 2, -SPEED_OVER_S / 2))
    speed = (later - earlier) / SPEED_OVER_S
    span_out, span_back = distance[peak] - distance[lowest], distance[peak] - distance[peak:].min()

    moving = lowest + int(np.flatnonzero(distance[lowest : peak + 1] <= distance[lowest] + UNDER_WAY * span_out)[-1])
    top_speed = float(speed[moving : peak + 1].max())
    start = moving
    while start > 0 and speed[start] > SLOW_SHARE * top_speed:
        start -= 1

    turn = peak
    if lockout:
        # Search after the last climb: a bar that is lost on the way up was not locked out before that.
        turn = lowest + int(np.flatnonzero(distance[lowest : peak + 1] <= distance[peak] - UNDER_WAY * span_out)[-1])
        while turn < peak and speed[turn] > SLOW_SHARE * top_speed:
            turn += 1

    end = peak + int(np.argmax(distance[peak:] <= distance[peak] - (1 - UNDER_WAY) * span_back))
    top_speed = float((-speed[peak : end + 1]).max())
    while end < len(distance) - 1 and -speed[end] > SLOW_SHARE * top_speed:
        end += 1
    return start, turn, end


class Way:
    def __init__(self, rules: RepRules, boundaries: Boundaries | None) -> None:
        self._rules, self._boundaries = rules, boundaries
        self._latest: tuple[Body, Times, Times] | None = None  # of `_refined`: what was refined, and the result
        self.samples: list[Body] = []
        self.level = 0.0  # at rest, of the distance from rest
        self.peak = 0.0
        self.low = 0.0  # since the peak
        self.turned = False  # the stage of the turn was visited

    @property
    def last(self) -> Body:
        return self.samples[-1]

    @property
    def span(self) -> float:
        return self.peak - self.level

    @property
    def duration_s(self) -> float:
        return self.last.t_s - self.samples[0].t_s

    def returned(self, distance: float | None = None) -> float:
        """Share of the way back that the body has covered. distance: None for that of the last sample."""
        distance = self.last.distance_from_rest if distance is None and self.samples else distance or 0.0
        return (self.peak - distance) / max(self.span, 1e-6)

    def return_speed(self, over_s: float) -> float:
        """Distance per second, towards rest."""
        last, before = self.last, self.sample_before(over_s)
        return (before.distance_from_rest - last.distance_from_rest) / max(last.t_s - before.t_s, 1e-6)

    def sample_before(self, seconds: float) -> Body:
        now_s = self.last.t_s
        return next((s for s in reversed(self.samples) if now_s - s.t_s >= seconds), self.samples[0])

    def remaining_s(self) -> float:
        """How far ahead the end of the rep lies."""
        return self._refined(self.turns())[2] - self.last.t_s

    def turns(self, end_s: float | None = None) -> Times:
        """Turning points of the curve. end_s: None for the curve's own end."""
        t_s, distance = (np.array([getattr(s, name) for s in self.samples]) for name in ("t_s", "distance_from_rest"))
        start, turn, end = turning_points(t_s, distance, lockout=self._rules.rest == "down")
        last_s = self.samples[end].t_s if end_s is None else end_s
        return Times(self.samples[start].t_s, self.samples[turn].t_s, last_s)

    def movement(self, turns: Times, released_s: float | None) -> Movement:
        """released_s: when the lifter released the bar."""
        start_s, turn_s, end_s = self._refined(turns)
        times = Times(start_s, turn_s, min(end_s, self.last.t_s) if released_s is None else released_s)
        return Movement(self.samples, turns, times, span=self.span, released=released_s is not None)

    def _refined(self, turns: Times) -> Times:
        """The boundaries from the whole body, whose end may be yet to come; `turns` where those make no rep."""
        if self._boundaries is None:
            return turns
        if self._latest is None or self._latest[0] is not self.last or self._latest[1] != turns:
            start_s, turn_s, end_s = self._boundaries.refine(self.samples, turns)
            start_s = max(start_s, self.samples[0].t_s)
            found = Times(start_s, turn_s, end_s) if start_s < turn_s < min(end_s, self.last.t_s) else turns
            self._latest = self.last, turns, found
        return self._latest[2]
