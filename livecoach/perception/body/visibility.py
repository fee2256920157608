"""Checks of the lifter's visibility: warnings that begin and end, and joints that can't be measured in a rep."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Hint, Notice, NoticeKind, Observation
from livecoach.core.types.message import Message, joined
from livecoach.perception.body.body import Body, lengths, sizes_px
from livecoach.perception.body.quantiles import median, percentile
from livecoach.perception.tracking.stance import standing_turn

STEP_BACK = "step back"
OUT_OF_FRAME = Hint(kind="step_back", text=joined(": ", STEP_BACK, "not all of you is in the picture"), direction="up")
HINTS: dict[NoticeKind, str] = {
    "too_dark": "too dark: add light",
    "no_person": "nobody in the picture",
    "out_of_frame": OUT_OF_FRAME.text,
    "turned": "the picture lies on its side: turning it",
    "leans": joined(": ", "the camera leans", "levelled"),
    "on_its_side": "picture on its side? Turn the camera, or --rotate",
    "two_people": "two people: if you are not lifting, step aside",
    "moves": "the camera moves: put it down",
}
"""Problem → what to do, in order of importance."""
DARK = 0.12  # mean brightness 0…1 below which darkness may hide somebody: of real clips one in ten is darker
INSIDE = 0.999
UNSTEADY = 0.5  # relative change of a leg bone's length above which the legs are guessed; good views have .1 to .25
BEGINS_S, ENDS_S = 0.7, 0.4  # how long a problem must last, or be gone: one lost frame changes nothing
COMPANY_S = 2.5  # a passer-by is gone by then, and a picture on its side is turned. Our choice.
LEANS_DEG = 3.0  # roll of the camera from which it is shown that the picture is levelled. Our choice.
TURNED_S = 4.0  # for which it is shown that the picture is turned, or levelled

OUTSIDE = 0.1  # share of a rep's frames in which a joint may be outside the picture. Our choice, as the next.
SWAPPED = 0.25  # the same, with left and right exchanged
JUMP, JUMPS, LEAP = 0.35, 0.3, 1.3
"""A jump, in torso lengths from frame to frame at 30 a second; the share of frames that may have one; a leap that must
not happen. With these and the next two nearly all good synthetic reps can be measured."""
BONE_CHANGE = {"shoulders": 0.45, "elbows": 0.55, "wrists": 0.75, "knees": 0.5, "ankles": 0.5}
"""Largest relative change in the world of the bone that ends at the joint: 90th percentile over the frames."""
FEET_MOVED = 0.7  # the same of the ankles from their median position, in torso lengths: feet behind plates are guessed
ONE_SIDE = 1.7  # depth over width of the shoulder line above which one side hides the other: tan 60°
CLEARLY = 0.15  # torso lengths by which left must lie to the right of right to count as exchanged; less is noise
ASKEW = 0.25  # share of a step by which turned shoulders move the feet sideways: shoulders that are off by 14 degrees
_HEAD = [0, *landmark.SHOULDERS]
OVER_NOSE = 0.06
"""Height of the head over the nose, in lengths of torso and legs, of which less is a head that is cut off: half of what
there is. BlazePose puts the nose of a head that is cut off at the edge of the picture, not above it."""
_FEET = [*landmark.ANKLES, *landmark.HEELS, *landmark.TOES]
_CORE = [*landmark.CORE, *landmark.WRISTS]


def visibility_problem(observation: Observation, body: Body | None) -> NoticeKind | None:
    if body is None:
        return "too_dark" if observation.brightness < DARK else "no_person"
    if observation.landmarks is not None and standing_turn(observation.points_px) not in {None, 0}:
        return "on_its_side"
    if body.inside < INSIDE or _is_head_cut(observation):
        return "out_of_frame"
    return "two_people" if observation.people >= 2 else None


def problem_text(kind: NoticeKind, observation: Observation, roll_deg: float = 0.0) -> str:
    """Return what to do about a problem of a picture that leans by `roll_deg`."""
    if kind == "leans":
        return joined(": ", Message("the camera leans {n}°", n=f"{abs(roll_deg):.0f}"), "levelled")
    if kind == "no_person" and observation.people:  # the lifter is followed but not visible: somebody stands in front
        return "you are hidden: clear the view"
    if kind == "turned" and observation.turn_deg == 180:
        return "the picture is upside down: turning it"
    where = cut_off(observation) if kind == "out_of_frame" else None
    return HINTS[kind] if where is None else where.text


def cut_off(observation: Observation) -> Hint | None:
    """What to do where a part of the lifter is outside the picture, and it is clear which."""
    return step_back(observation) or move_aside(observation)


def step_back(observation: Observation) -> Hint | None:
    """What to do where head or feet, or both sides, are cut off."""
    if observation.landmarks is None:
        return None
    x, y = observation.landmarks[:, 0], observation.landmarks[:, 1]
    head, feet = _is_head_cut(observation), bool((y[_FEET] > 1).any())
    if head or feet:
        cut = "head and feet are cut off" if head and feet else "head is cut off" if head else "feet are cut off"
    elif (x[_CORE] < 0).any() and (x[_CORE] > 1).any():
        cut = "both sides are cut off"
    else:
        return None
    return replace(OUT_OF_FRAME, text=joined(": ", STEP_BACK, cut))


def _is_head_cut(observation: Observation) -> bool:
    if observation.landmarks is None:
        return False
    points_px = observation.points_px
    over_nose_px = OVER_NOSE * float(sizes_px(points_px[landmark.JOINTS][None])[0])
    return bool((points_px[_HEAD, 1] < 0).any() or points_px[0, 1] < over_nose_px)


def move_aside(observation: Observation) -> Hint | None:
    """What to do where one side is cut off. The text avoids left and right, which a mirror exchanges."""
    if observation.landmarks is None:
        return None
    x = observation.landmarks[_CORE, 0]
    at_left, at_right = bool((x < 0).any()), bool((x > 1).any())
    if at_left == at_right:
        return None
    text = joined(": ", "move to the middle", "one side is cut off")
    return Hint(kind="move_aside", text=text, direction="right" if at_left else "left")


def leg_unsteadiness(worlds: Sequence[np.ndarray]) -> float:
    """Relative change of thighs and shins over a rep. Bones do not change; where they seem to, joints are guessed.

    It is the 90th percentile over the frames of the largest deviation of a bone from its median length. worlds: (33, 3)
    each, metres.
    """
    points = np.array(worlds)
    hips, knees, ankles = (points[:, list(pair)] for pair in (landmark.HIPS, landmark.KNEES, landmark.ANKLES))
    bones = np.linalg.norm(np.concatenate([hips - knees, knees - ankles], axis=1), axis=-1)
    off = np.abs(bones / np.maximum(median(bones), 1e-6) - 1)
    return float(percentile(off.max(axis=1), 90))


GROUPS: dict[str, tuple[int, int]] = {
    "shoulders": landmark.SHOULDERS,
    "elbows": landmark.ELBOWS,
    "wrists": landmark.WRISTS,
    "hips": landmark.HIPS,
    "knees": landmark.KNEES,
    "ankles": landmark.ANKLES,
    "feet": landmark.TOES,
}
OF_LEGS = ("knees", "ankles", "feet")
NO_TOES, NO_MASK = "toes", "mask"  # keys of `failed_joints`: the pose model gives no heels or toes; no mask
NO_BAR = "no_bar"  # where no bar was seen. LifterJudge adds it, because one rep of a set that shows the bar is enough.
BONES = {"shoulders": "hips", "elbows": "shoulders", "wrists": "elbows", "knees": "hips", "ankles": "knees"}
"""Joint → the other end of the bone that checks it."""


def failed_joints(
    landmarks: np.ndarray,
    world: np.ndarray,
    t_s: np.ndarray,
    torso_px: float,
    size_px: tuple[int, int],
    *,
    steadied: np.ndarray | None = None,
    split_torso_m: float | None = None,
) -> dict[str, str]:
    """Return the joints (GROUPS) that can't be measured in a rep, and why: frame, swap, jump, bones or feet_moved.

    NO_TOES (whose ankles stand for the feet) and NO_MASK (any landmark is missing, so it is not BlazePose, which alone
    makes masks) have the reason not_given. From about 60° of azimuth on only the near side must be visible, else both.

    landmarks: (T, 33, 5) x, y in 0…1 of the picture; world: (T, 33, 3) metres; t_s: (T,); torso_px: body scale;
    size_px: width and height of the picture. steadied: landmarks as if the camera had not moved; None if it has not.
    split_torso_m: torso of a lifter with one leg in front of the other: such legs cross in the picture, so the world
    tells whether they are exchanged, and a foot may step.
    """
    points = landmarks if steadied is None else steadied
    points = points[..., :2].astype(float) * np.asarray(size_px) / max(torso_px, 1e-6)
    x, y = landmarks[..., 0], landmarks[..., 1]
    outside = ((x < 0) | (x > 1) | (y < 0) | (y > 1)).mean(0)
    moves = lengths(np.diff(points, axis=0)) / np.maximum(np.diff(t_s) * 30.0, 1.0)[:, None]
    jumps = ((moves > JUMP).mean(0) > JUMPS) | (moves > LEAP).any(0)
    sides = _sides(world)
    split = split_torso_m is not None
    feet_moved = not split and _wander(points[:, list(landmark.ANKLES)]) > FEET_MOVED
    level = world[..., ::2] / max(split_torso_m or 1.0, 1e-6)
    given = np.isfinite(points).all(0).all(1)  # twice as fast as over both at once, and more
    toes = bool(given[[*landmark.HEELS, *landmark.TOES]].all())
    missing = {NO_TOES: not toes, NO_MASK: not given.all()}
    out = {name: "not_given" for name, absent in missing.items() if absent}
    pairs = {name: group if toes or name != "feet" else landmark.ANKLES for name, group in GROUPS.items()}
    swapped = {} if len(sides) == 1 else _swapped(points, pairs, 0.0)
    if swapped and split:
        swapped |= _swapped(level, {name: pairs[name] for name in OF_LEGS}, ASKEW)
    bones = _bone_changes(world, sides)
    for name, pair in pairs.items():
        joints = [pair[side] for side in sides]
        if outside[joints].max() > OUTSIDE:
            out[name] = "frame"
        elif swapped.get(name, 0.0) > SWAPPED:
            out[name] = "swap"
        elif jumps[joints].any():
            out[name] = "jump"
        elif name in BONES and bones[name] > BONE_CHANGE[name]:
            out[name] = "bones"
        elif feet_moved and name in ("ankles", "feet"):
            out[name] = "feet_moved"
    return out


def _sides(world: np.ndarray) -> tuple[int, ...]:
    """The sides that count, 0 left and 1 right: from about 60° on, only the near one, which hides the other."""
    left, right = landmark.SHOULDERS
    across = median(world[:, left] - world[:, right])
    if abs(across[2]) < ONE_SIDE * abs(across[0]):
        return (0, 1)
    return (0,) if across[2] < 0 else (1,)


def _swapped(points: np.ndarray, pairs: Mapping[str, tuple[int, int]], askew: float) -> dict[str, float]:
    """Return the share of frames in which the left and the right joint of each pair are clearly exchanged.

    The shoulders of points (T, 33, 2) show which side is left; askew is their deviation, as a share of the joints'
    distance across.
    """
    line = points[:, landmark.SHOULDERS[0]] - points[:, landmark.SHOULDERS[1]]
    along_x, along_y = (line / np.maximum(np.sqrt((line**2).sum(-1, keepdims=True)), 1e-6)).T
    left, right = np.array(list(pairs.values())).T
    x, y = (points[:, left] - points[:, right]).T
    margins = CLEARLY + askew * np.abs(x * along_y - y * along_x)
    shares = (x * along_x + y * along_y < -margins).mean(-1)
    return dict(zip(pairs, shares.tolist(), strict=True))


def _bone_changes(world: np.ndarray, sides: Sequence[int]) -> dict[str, float]:
    """90th percentile of the relative change, on the worse side."""
    ends, others = ([GROUPS[name][side] for name in names for side in sides] for names in (BONES, BONES.values()))
    bones = np.linalg.norm(world[:, ends] - world[:, others], axis=-1)
    change = percentile(np.abs(bones / np.maximum(median(bones), 1e-6) - 1), 90)
    return dict(zip(BONES, change.reshape(-1, len(sides)).max(1).tolist(), strict=True))


def _wander(ankles: np.ndarray) -> float:
    """Distance of the middle of the ankles (T, 2, 2) from its median position, 90th percentile."""
    middle = ankles.mean(1)
    return float(percentile(np.sqrt(((middle - median(middle)) ** 2).sum(-1)), 90))


class _Lately:
    """Whether something was so for most of the latest seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._share, self._t_s = seconds, 0.0, 0.0  # share of the time

    def step(self, t_s: float, now: bool | None) -> bool:
        """Timestamps must never decrease. now: None where it is not known, which changes nothing."""
        dt_s, self._t_s = min(max(t_s - self._t_s, 0.0), self._seconds), t_s
        if now is not None:
            self._share += (now - self._share) * dt_s / self._seconds
        return self._share > 0.5


HIDDEN_S = 1.0  # over which it is averaged whether a plate hides the legs: landmarks behind one are guessed, and jump


class LegsBehindPlate:
    """Whether the near plate has lately hidden a leg that counts, most of the time."""

    def __init__(self) -> None:
        self._hidden = _Lately(HIDDEN_S)

    def step(self, observation: Observation, body: Body | None) -> bool:
        """A picture without a plate, or without a lifter, changes nothing."""
        hidden = None
        if body is not None and observation.world is not None and np.isfinite(body.bar_px).all():
            legs = [GROUPS[name][side] for side in _sides(observation.world[None]) for name in OF_LEGS]
            points_px = observation.levelled(body.levelled_deg).points_px[legs]
            hidden = bool((np.hypot(*(points_px - body.bar_px[:2]).T) < body.bar_px[2] / 2).any())
        return self._hidden.step(observation.t_s, hidden)


MOVING, MOVING_S = 0.12, 2.0
"""Speed of the picture's middle in picture heights a second, and seconds over which it is averaged whether it is
faster. A phone that is shaken by 4 % of the height reaches .1, and by 10 % .2; a bump is over within a second."""


class CameraMoves:
    """Whether the camera has lately moved fast, most of the time."""

    def __init__(self) -> None:
        self._moving = _Lately(MOVING_S)
        self._at, self._t_s = np.zeros(2), 0.0

    def step(self, observation: Observation) -> bool:
        """Timestamps must never decrease."""
        before, before_s = self._at, self._t_s
        self._at, self._t_s = observation.middle_moved, observation.t_s
        fast = np.hypot(*(self._at - before)) > MOVING * (self._t_s - before_s)
        return self._moving.step(self._t_s, bool(fast))


_BEGINS_S: dict[NoticeKind | None, float] = {
    None: ENDS_S,
    "turned": 0.0,
    "leans": 0.0,
    "two_people": COMPANY_S,
    "on_its_side": COMPANY_S,
}


class Warnings:
    """Turns problems of single pictures into warnings that begin and end."""

    def __init__(self) -> None:
        self.active: NoticeKind | None = None
        self.text: str | None = None  # what to do about it
        self._candidate: NoticeKind | None = None
        self._since_s: float | None = None

    def step(self, t_s: float, now: NoticeKind | None, text: str | None = None) -> tuple[Notice, ...]:
        """Return warnings that end and begin with the next picture. text: what to do about `now`; None for HINTS."""
        if now != self._candidate or self._since_s is None:
            self._candidate, self._since_s = now, t_s
        advice = None if now is None else text or HINTS[now]
        if now == self.active:
            self.text = advice
            return ()
        if t_s - self._since_s < _BEGINS_S.get(now, BEGINS_S):
            return ()
        ended = () if self.active is None else (Notice(kind=self.active, active=False, text=HINTS[self.active]),)
        begun = () if now is None else (Notice(kind=now, active=True, text=advice or HINTS[now]),)
        self.active, self.text = now, advice
        return (*ended, *begun)
