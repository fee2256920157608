"""When the lifter can't be seen well: warnings that begin and end, each with what to do about it."""

from collections.abc import Sequence

import numpy as np

from livecoach import landmark
from livecoach.frame.body import Body
from livecoach.types import Notice, NoticeKind, Observation

HINTS: dict[NoticeKind, str] = {
    "too_dark": "too dark: more light",
    "no_person": "nobody in the picture",
    "out_of_frame": "step back: not all of you is in the picture",
    "two_people": "two people: whoever does not lift, step aside",
}
"""What to do, in order of importance: a dark picture shows nobody either, and who is half outside is seen worse than
who is not alone."""
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
COMPANY_S = 2.5
"""How long two people are there before it is said: who passes by is gone by then (our choice)."""


OUTSIDE = 0.1
"""Share of a rep's frames in which a joint may be outside the picture (our choice).

Percentiles of good reps, here and below: 160 to 240 reps on bodies for training, with the noise model's errors."""
SWAPPED = 0.25
"""Share of a rep's frames in which left and right may have changed places (our choice)."""
JUMP, JUMPS, LEAP = 0.35, 0.3, 1.3
"""Torsos between two frames at 30 frames a second; share of a rep's frames that may come by such a jump, and a jump
that must not happen at all. Shares of .26 and leaps of 1.0 (legs) and 1.3 (hands) are the 98th percentile of good
reps."""
BONE_CHANGE = {"shoulders": 0.45, "elbows": 0.55, "wrists": 0.75, "knees": 0.5, "ankles": 0.5}
"""Change of the length of the bone that ends at the joint, in the world, as a share: 90th percentile over the frames.
The 98th percentile of good reps is .26, .49, .61, .38 and .31, of some sets more. With guesses (.25 here)
every second good rep fails somewhere."""
FEET_MOVED = 0.7
"""Torsos that the ankles may be from their usual place: 90th percentile over the frames. The 98th percentile of good
reps, whose feet stand still, is .64: where plates hide them, feet are guessed."""
ONE_SIDE = 1.7
"""Depth over width of the shoulder line: tan 60°."""
CLEARLY = 0.15
"""Torsos by which left has to lie to the right of right, to be taken for it: less is noise where both lie close."""
_HEAD = [0, *landmark.SHOULDERS]
_FEET = [*landmark.ANKLES, *landmark.HEELS, *landmark.TOES]
_CORE = [*landmark.SHOULDERS, *landmark.HIPS, *landmark.KNEES, *landmark.ANKLES, *landmark.WRISTS]


def state(observation: Observation, body: Body | None) -> NoticeKind | None:
    """What is wrong with this one picture, the most important thing only."""
    if body is None:
        return "too_dark" if observation.brightness < DARK else "no_person"
    if body.inside < INSIDE:
        return "out_of_frame"
    return "two_people" if observation.people >= 2 else None


def state_text(kind: NoticeKind, observation: Observation) -> str:
    """What to do about it, as this picture shows it."""
    if kind == "no_person" and observation.people:  # followed, and for a moment not seen: somebody stands before them
        return "you are hidden: clear the view"
    where = (step_back(observation) or aside(observation)) if kind == "out_of_frame" else None
    return where or HINTS[kind]


def step_back(observation: Observation) -> str | None:
    """What to do where head or feet are cut off, or both sides; None where they are not, or nobody is seen."""
    if observation.landmarks is None:
        return None
    x, y = observation.landmarks[:, 0], observation.landmarks[:, 1]
    head, feet = bool((y[_HEAD] < 0).any()), bool((y[_FEET] > 1).any())
    if head or feet:
        what = "head and feet are" if head and feet else "head is" if head else "feet are"
        return f"step back: {what} cut off"
    return "step back: both sides are cut off" if (x[_CORE] < 0).any() and (x[_CORE] > 1).any() else None


def aside(observation: Observation) -> str | None:
    """What to do where one side is cut off; None where it is not, or nobody is seen. Without left and right, which a
    mirror exchanges."""
    if observation.landmarks is None:
        return None
    x = observation.landmarks[_CORE, 0]
    return "move to the middle: one side is cut off" if (x < 0).any() != (x > 1).any() else None


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


GROUPS: dict[str, tuple[int, int]] = {
    "shoulders": landmark.SHOULDERS,
    "elbows": landmark.ELBOWS,
    "wrists": landmark.WRISTS,
    "hips": landmark.HIPS,
    "knees": landmark.KNEES,
    "ankles": landmark.ANKLES,
    "feet": landmark.TOES,
}
BONES = {"shoulders": "hips", "elbows": "shoulders", "wrists": "elbows", "knees": "hips", "ankles": "knees"}
"""Joint → the other end of the bone that tells whether it is where it seems."""


def failed_joints(
    landmarks: np.ndarray, world: np.ndarray, t_s: np.ndarray, torso_px: float, size_px: tuple[int, int]
) -> dict[str, str]:
    """Joints on which nothing can be measured in a rep, and why: frame, swap, jump, bones or feet_moved. Names: GROUPS.

    landmarks: (T, 33, 5) x, y in 0…1 of the picture; world: (T, 33, 3) metres; t_s: (T,) seconds; torso_px: body scale;
    size_px: width and height of the picture. From about 60° of azimuth on, where one side hides the other, the near one
    has to be seen well, else both.
    """
    points = landmarks[..., :2].astype(float) * np.asarray(size_px) / max(torso_px, 1e-6)
    outside = np.any((landmarks[..., :2] < 0) | (landmarks[..., :2] > 1), axis=-1)
    moves = _moves(points) / np.maximum(np.diff(t_s) * 30.0, 1.0)[:, None]
    sides = _sides(world)
    shoulders = points[:, list(landmark.SHOULDERS)]
    feet_moved = _wander(points[:, list(landmark.ANKLES)]) > FEET_MOVED
    out: dict[str, str] = {}
    for name, pair in GROUPS.items():
        joints = [pair[side] for side in sides]
        if outside[:, joints].mean(0).max() > OUTSIDE:
            out[name] = "frame"
        elif len(sides) == 2 and _swapped(points[:, list(pair)], shoulders) > SWAPPED:
            out[name] = "swap"
        elif _jumps(moves[:, joints]):
            out[name] = "jump"
        elif name in BONES and _bone_change(world, name, sides) > BONE_CHANGE[name]:
            out[name] = "bones"
        elif feet_moved and name in ("ankles", "feet"):
            out[name] = "feet_moved"
    return out


def _sides(world: np.ndarray) -> tuple[int, ...]:
    """Which sides count, 0 left and 1 right: the near one alone from about 60° on, where it hides the other."""
    left, right = landmark.SHOULDERS
    across = np.median(world[:, left] - world[:, right], axis=0)
    if abs(across[2]) < ONE_SIDE * abs(across[0]):
        return (0, 1)
    return (0,) if across[2] < 0 else (1,)


def _moves(points: np.ndarray) -> np.ndarray:
    """(T - 1, n) ways that (T, n, 2) points go between frames."""
    ways: np.ndarray = np.sqrt((np.diff(points, axis=0) ** 2).sum(-1))
    return ways


def _swapped(pair: np.ndarray, shoulders: np.ndarray) -> float:
    """Share of the frames in which a left and a right joint (T, 2, 2) lie clearly the other way round than the
    shoulders (T, 2, 2)."""
    line = shoulders[:, 0] - shoulders[:, 1]
    along = ((pair[:, 0] - pair[:, 1]) * line).sum(-1) / np.maximum(np.sqrt((line**2).sum(-1)), 1e-6)
    return float((along < -CLEARLY).mean())


def _jumps(moves: np.ndarray) -> bool:
    """One of the joints (T - 1, n) jumps too often, or leaps; torsos a thirtieth of a second."""
    return bool(((moves > JUMP).mean(0) > JUMPS).any() or (moves > LEAP).any())


def _bone_change(world: np.ndarray, name: str, sides: Sequence[int]) -> float:
    """90th percentile of the change of a joint's bone, of its median length, on the worse side."""
    ends, others = ([pairs[side] for side in sides] for pairs in (GROUPS[name], GROUPS[BONES[name]]))
    lengths = np.linalg.norm(world[:, ends] - world[:, others], axis=-1)
    change = np.abs(lengths / np.maximum(np.median(lengths, axis=0), 1e-6) - 1)
    return float(np.percentile(change, 90, axis=0).max())


def _wander(ankles: np.ndarray) -> float:
    """How far the middle of the ankles (T, 2, 2) is from its usual place."""
    middle = ankles.mean(1)
    return float(np.percentile(np.sqrt(((middle - np.median(middle, 0)) ** 2).sum(-1)), 90))


class Warnings:
    """Turns what is wrong with single pictures into warnings that begin and end."""

    def __init__(self) -> None:
        self._active: NoticeKind | None = None
        self._text: str | None = None
        self._candidate: NoticeKind | None = None
        self._since_s: float | None = None

    @property
    def active(self) -> NoticeKind | None:
        """The warning that is on."""
        return self._active

    @property
    def text(self) -> str | None:
        """What to do about it now."""
        return self._text

    def step(self, t_s: float, now: NoticeKind | None, text: str | None = None) -> tuple[Notice, ...]:
        """Take the state of the next picture; the warnings that end and begin with it.

        text: what to do about it, where more is known than HINTS says.
        """
        if now != self._candidate or self._since_s is None:
            self._candidate, self._since_s = now, t_s
        told = None if now is None else text or HINTS[now]
        if now == self._active:
            self._text = told
            return ()
        if t_s - self._since_s < (ENDS_S if now is None else COMPANY_S if now == "two_people" else BEGINS_S):
            return ()
        ended = () if self._active is None else (Notice(kind=self._active, active=False, text=HINTS[self._active]),)
        begun = () if now is None else (Notice(kind=now, active=True, text=told or HINTS[now]),)
        self._active, self._text = now, told
        return (*ended, *begun)
