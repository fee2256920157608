"""When the lifter can't be seen well: warnings that begin and end, each with what to do about it."""

from collections.abc import Sequence

import numpy as np

from livecoach import landmark
from livecoach.form.body import Body
from livecoach.types import Notice, NoticeKind, Observation

HINTS: dict[NoticeKind, str] = {
    "too_dark": "too dark: more light",
    "no_person": "nobody in the picture",
    "out_of_frame": "step back: not all of you is in the picture",
}
"""What to do, in order of importance: a dark picture shows nobody either."""
DARK = 0.06
"""Mean brightness under which a picture is dark; the darkest of 90 real clips in which someone is seen has .15."""
INSIDE = 0.999
"""Share of the joints from shoulder to ankle that must lie inside the picture."""
UNSTEADY = 0.5
"""Change of a leg bone's length, as a share, from which the legs are guessed rather than seen. Good views of real and
rendered lifters have .1 to .25, legs behind plates and lifters who are 150 pixels tall .45 to .7."""
BEGINS_S = 0.7
ENDS_S = 0.4
"""How long a state lasts before it is said to begin or end: one lost frame is no news."""


def state(observation: Observation, body: Body | None) -> NoticeKind | None:
    """What is wrong with this one picture, the most important thing only."""
    if body is None:
        return "too_dark" if observation.brightness < DARK else "no_person"
    return "out_of_frame" if body.inside < INSIDE else None


def leg_unsteadiness(worlds: Sequence[np.ndarray]) -> float:
    """How much thigh and shin change their length over a rep: the 90th percentile over its frames of the bone that is
    furthest from its own median, as a share of it.

    worlds: (33, 3) each, metres. Bones do not change; where they seem to, joints are guessed.
    """
    points = np.stack(worlds)
    hips, knees, ankles = (points[:, list(pair)] for pair in (landmark.HIPS, landmark.KNEES, landmark.ANKLES))
    lengths = np.linalg.norm(np.concatenate([hips - knees, knees - ankles], axis=1), axis=-1)
    off = np.abs(lengths / np.maximum(np.median(lengths, axis=0), 1e-6) - 1)
    return float(np.percentile(off.max(axis=1), 90))


class Warnings:
    """Turns what is wrong with single pictures into warnings that begin and end."""

    def __init__(self) -> None:
        self._active: NoticeKind | None = None
        self._candidate: NoticeKind | None = None
        self._since_s: float | None = None

    @property
    def active(self) -> NoticeKind | None:
        """The warning that is on."""
        return self._active

    def step(self, t_s: float, now: NoticeKind | None) -> tuple[Notice, ...]:
        """Take the state of the next picture; the warnings that end and begin with it."""
        if now != self._candidate or self._since_s is None:
            self._candidate, self._since_s = now, t_s
        wait_s = ENDS_S if now is None else BEGINS_S
        if now == self._active or t_s - self._since_s < wait_s:
            return ()
        ended, self._active = self._active, now
        return tuple(
            Notice(kind=kind, active=active, text=HINTS[kind])
            for kind, active in ((ended, False), (now, True))
            if kind is not None
        )
