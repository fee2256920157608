"""Find start, turn and end of a rep on the curve of its distance from rest."""

import numpy as np

FOOT = 0.2
"""Share of the range at which a movement is certainly under way; from there it is traced back to its beginning."""
SLOW = 0.12
"""Share of a movement's top speed below which it has not begun, or has ended. With a share of the range alone, the slow
settling before a pull counts as its start: up to a second early on a rendered set, in place of .1 s."""
SPEED_OVER_S = 0.1
"""Time over which the speed is measured."""


def boundaries(t_s: np.ndarray, distance: np.ndarray, *, lockout: bool) -> tuple[int, int, int]:
    """Return the indices of start, turn and end of the rep in a curve that contains one.

    t_s, distance: (n,) seconds, and the distance from rest, largest at the turn. lockout: the turn is where the
    movement out ends and is held, not the farthest point.
    """
    peak = int(np.argmax(distance))
    lowest = int(np.argmin(distance[: peak + 1]))
    later, earlier = (np.interp(t_s + half_s, t_s, distance) for half_s in (SPEED_OVER_S / 2, -SPEED_OVER_S / 2))
    speed = (later - earlier) / SPEED_OVER_S
    span_out, span_back = distance[peak] - distance[lowest], distance[peak] - distance[peak:].min()

    moving = lowest + int(np.flatnonzero(distance[lowest : peak + 1] <= distance[lowest] + FOOT * span_out)[-1])
    top_speed = float(speed[moving : peak + 1].max())
    start = moving
    while start > 0 and speed[start] > SLOW * top_speed:
        start -= 1

    turn = peak
    if lockout:
        # Search after the last climb: a bar that is lost on the way up was not locked out before.
        turn = lowest + int(np.flatnonzero(distance[lowest : peak + 1] <= distance[peak] - FOOT * span_out)[-1])
        while turn < peak and speed[turn] > SLOW * top_speed:
            turn += 1

    end = peak + int(np.argmax(distance[peak:] <= distance[peak] - (1 - FOOT) * span_back))
    top_speed = float((-speed[peak : end + 1]).max())
    while end < len(distance) - 1 and -speed[end] > SLOW * top_speed:
        end += 1
    return start, turn, end
