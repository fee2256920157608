"""Where a rep starts, turns and ends on the curve of its travel."""

import numpy as np

FOOT = 0.2
"""Share of the range at which a movement is certainly under way; it is followed from there to where it began."""
SLOW = 0.12
"""Share of a movement's top speed under which it has not begun, or has ended. A share of the range alone takes the slow
settling before a pull for its start: up to a second early on a rendered set, against .1 s so."""
SPEED_OVER_S = 0.1


def boundaries(t_s: np.ndarray, away: np.ndarray, *, lockout: bool) -> tuple[int, int, int]:
    """Indices of start, turn and end of the rep in a curve that holds one.

    t_s, away: (n,) seconds, and the distance from rest, highest at the turn. lockout: the turn is where the movement
    out ends (and is held), not the farthest point.
    """
    peak = int(np.argmax(away))
    lowest = int(np.argmin(away[: peak + 1]))
    speed = (np.interp(t_s + SPEED_OVER_S / 2, t_s, away) - np.interp(t_s - SPEED_OVER_S / 2, t_s, away)) / SPEED_OVER_S
    span_out, span_back = away[peak] - away[lowest], away[peak] - away[peak:].min()

    moving = lowest + int(np.flatnonzero(away[lowest : peak + 1] <= away[lowest] + FOOT * span_out)[-1])
    top_speed = float(speed[moving : peak + 1].max())
    start = moving
    while start > 0 and speed[start] > SLOW * top_speed:
        start -= 1

    turn = peak
    if lockout:
        # After the last climb: a bar that is lost on the way up has not been locked out before.
        turn = lowest + int(np.flatnonzero(away[lowest : peak + 1] <= away[peak] - FOOT * span_out)[-1])
        while turn < peak and speed[turn] > SLOW * top_speed:
            turn += 1

    end = peak + int(np.argmax(away[peak:] <= away[peak] - (1 - FOOT) * span_back))
    top_speed = float((-speed[peak : end + 1]).max())
    while end < len(away) - 1 and -speed[end] > SLOW * top_speed:
        end += 1
    return start, turn, end
