"""Checks how well the lifter is visible: warnings that begin and end, and joints that can't be measured in a rep."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from livecoach.core import landmark
from livecoach.core.documents import WarningEvent
from livecoach.core.quantiles import median, percentile
from livecoach.core.types import Hint, Observation, WarningKind
from livecoach.core.types.message import Message, join_texts
from livecoach.perception.body.body import HIP, Body, lengths, plate_px, size_px, sizes_px
from livecoach.perception.tracking.stance import standing_turn

STEP_BACK = "step back"
OUT_OF_FRAME = Hint(
    kind="step_back", text=join_texts(": ", STEP_BACK, "not all of you is in the picture"), direction="up"
)
WARNING_TEXTS: dict[WarningKind, str] = {
    "too_dark": "too dark: add light",
    "no_person": "nobody in the picture",
    "out_of_frame": OUT_OF_FRAME.text,
    "turned": "the picture lies on its side: turning it",
    "leans": join_texts(": ", "the camera leans", "levelled"),
    "on_its_side": "picture on its side? Turn the camera, or use --rotate",
    "two_people": "two people: if you are not lifting, step aside",
    "moves": "the camera moves: put it down",
    "not_clear": "picture not clear",
}
"""Problem → usual text of the warning about the problem."""
DARK = 0.12  # mean brightness, 0…1, below which darkness may hide somebody. One of 174 real clips is darker.
INSIDE = 0.999  # share of joints inside the picture below which some are outside
UNSTEADY = 0.5  # relative change of a leg bone's length above which the legs are guessed; .1 to .25 in good views
BEGINS_S, ENDS_S = 0.7, 0.4  # time for which a problem must last, or must have gone: a lost frame changes nothing
COMPANY_S = 2.5  # time for problems that often end by themselves: passers-by, a picture that gets turned. Our choice.
ALONE_S = 1.0
"""Longest gap in the time for which somebody else must be in the picture, and time alone after which the warning ends:
a person who squats beside the lifter is lost for .3 to .6 s at each turn (three films side by side). Our choice."""
LEANS_DEG = 3.0  # roll of the camera from which the levelling of the picture is shown. Our choice.
LEAST_FRAMES, MOVES = 12, 0.25
"""Fewest frames from which `motion_clarity` is measured, and speed above which joints move, in lengths of torso and
legs a second. Our choice."""
TURNED_S = 4.0  # time for which the turning or the levelling of the picture is shown

OUTSIDE = 0.1  # share of a rep's frames in which a joint may be outside the picture. Our choice.
SWAPPED = 0.25  # share of a rep's frames in which left and right may be exchanged. Our choice.
JUMP, JUMPS, LEAP = 0.35, 0.3, 1.3
"""Way of a joint that is a jump, in torso lengths from frame to frame at 30 frames a second; share of frames that may
have a jump; way that no frame may have. With these, BONE_CHANGE and FEET_MOVED, nearly all good synthetic reps can
be measured."""
BONE_CHANGE = {"shoulders": 0.45, "elbows": 0.55, "wrists": 0.75, "knees": 0.5, "ankles": 0.5}
"""Joint → largest relative change of the bone that ends there, in the world, as the 90th percentile of the frames."""
FEET_MOVED = 0.7
"""Largest distance of the ankles from their median place, torso lengths (90th percentile). Plates hide some feet."""
ONE_SIDE = 1.7  # depth over width of the shoulder line above which one side hides the other: tan 60°
CLEARLY = 0.15  # distance of a left joint to the right of the right joint above which they are exchanged, torso lengths
ASKEW = 0.25  # sideways error of a step's feet, as a share of the step, if the shoulders' direction is off by 14°
_HEAD = [0, *landmark.SHOULDERS]
OVER_NOSE = 0.06
"""Distance of the nose from the picture's upper edge below which the head is cut off, in lengths of torso and legs:
half of the head above the nose. BlazePose puts the nose of a cut-off head at the picture's edge, not above it."""
_FEET = [*landmark.ANKLES, *landmark.HEELS, *landmark.TOES]
_CORE = [*landmark.CORE, *landmark.WRISTS]


def visibility_problem(observation: Observation, body: Body | None) -> WarningKind | None:
    """Return the most important problem with the lifter or the light in one picture; None without a problem."""
    if body is None:
        return "too_dark" if observation.brightness < DARK else "no_person"
    if observation.landmarks is not None and standing_turn(observation.points_px) not in (None, 0):
        return "on_its_side"
    if body.share_inside < INSIDE or _is_head_cut(observation):
        return "out_of_frame"
    return "two_people" if observation.people >= 2 else None


def problem_text(kind: WarningKind, observation: Observation, roll_deg: float = 0.0) -> str:
    """Return the text of the warning about a problem that an observation shows. The text of "leans" states the roll."""
    if kind == "leans":
        return join_texts(": ", Message("the camera leans {n}°", n=f"{abs(roll_deg):.0f}"), "levelled")
    if kind == "no_person" and observation.people:  # the lifter is followed but not visible: somebody stands in front
        return "you are hidden: clear the view"
    if kind == "turned" and observation.turn_deg == 180:
        return "the picture is upside down: turning it"
    where = cut_off_hint(observation) if kind == "out_of_frame" else None
    return WARNING_TEXTS[kind] if where is None else where.text


def cut_off_hint(observation: Observation) -> Hint | None:
    """Return the hint to step back or aside, because head, feet or a side is cut off; None otherwise."""
    return step_back_hint(observation) or move_aside_hint(observation)


def step_back_hint(observation: Observation) -> Hint | None:
    """Return the hint to step back, because head, feet or both sides are cut off; None otherwise."""
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
    return replace(OUT_OF_FRAME, text=join_texts(": ", STEP_BACK, cut))


def _is_head_cut(observation: Observation) -> bool:
    if observation.landmarks is None:
        return False
    nose, left, right = observation.landmarks[_HEAD, 1].tolist()
    if nose < 0 or left < 0 or right < 0:
        return True
    return nose * observation.height_px < OVER_NOSE * size_px(observation.points_px[landmark.JOINTS])


def move_aside_hint(observation: Observation) -> Hint | None:
    """Return the hint to move to the middle, because one side is cut off; None otherwise."""
    if observation.landmarks is None:
        return None
    x = observation.landmarks[_CORE, 0]
    at_left, at_right = bool((x < 0).any()), bool((x > 1).any())
    if at_left == at_right:
        return None
    text = join_texts(": ", "move to the middle", "one side is cut off")
    return Hint(kind="move_aside", text=text, direction="right" if at_left else "left")


def leg_unsteadiness(worlds: Sequence[np.ndarray]) -> float:
    """Return the relative change in length of thighs and shins in a rep.

    Bones do not change, so a large value means that joints are guessed. The value is the 90th percentile, over the
    frames, of the largest relative deviation of a bone from the bone's median length.

    Args:
        worlds: (33, 3) world landmarks of each frame, at least one.
    """
    legs = np.array(worlds)[:, landmark.JOINTS[HIP:]]  # hips, knees and ankles
    bones = np.linalg.norm(legs[:, :-1] - legs[:, 1:], axis=-1)
    off = np.abs(bones / np.maximum(median(bones), 1e-6) - 1)
    return float(percentile(off.max(axis=(1, 2)), 90))


def motion_clarity(observations: Sequence[Observation]) -> float:
    """Return how clearly joints are seen while they move, as a share of the clarity while they rest.

    Motion blur makes only fast joints less clear. For each joint that moves, the median clarity in its fastest quarter
    of the frames is divided by the median clarity in its slowest two fifths; the median of these ratios is returned. It
    is NaN if no joint moves, or if fewer than LEAST_FRAMES frames have a clarity.
    """
    seen = [o for o in observations if o.landmarks is not None and o.clarity is not None]
    if len(seen) < LEAST_FRAMES:
        return math.nan
    t_s, clarity = np.array([o.t_s for o in seen]), np.array([o.clarity for o in seen])
    joints = np.array([o.points_px[landmark.JOINTS] for o in seen])  # frame, joint, side, x and y
    moved = lengths(joints[2:] - joints[:-2]).mean(2) / np.maximum(t_s[2:] - t_s[:-2], 1e-6)[:, None]
    speed, clarity = moved / float(sizes_px(joints).max()), clarity[1:-1]
    shares = []
    for of_joint, peaks in zip(speed.T, clarity.T, strict=True):
        slow, fast = percentile(of_joint, 40), percentile(of_joint, 75)
        if of_joint[of_joint >= fast].mean() > MOVES:
            shares.append(float(median(peaks[of_joint >= fast]) / median(peaks[of_joint <= slow])))
    return float(median(np.array(shares))) if shares else math.nan


# Name of each group of joints → its left and right landmark
GROUPS: dict[str, tuple[int, int]] = {
    "shoulders": landmark.SHOULDERS,
    "elbows": landmark.ELBOWS,
    "wrists": landmark.WRISTS,
    "hips": landmark.HIPS,
    "knees": landmark.KNEES,
    "ankles": landmark.ANKLES,
    "feet": landmark.TOES,
}
LEG_GROUPS = ("knees", "ankles", "feet")
NO_TOES, NO_MASK = "toes", "mask"  # keys of `unmeasurable_joints` for a pose model without toes, or without masks
NO_BAR = "no_bar"  # key for an unseen bar, which LifterJudge adds unless a rep of the set shows the bar
BONES = {"shoulders": "hips", "elbows": "shoulders", "wrists": "elbows", "knees": "hips", "ankles": "knees"}
"""Joint → the other end of the bone by which the joint is checked."""
_BONE_ENDS = np.array([[GROUPS[name] for name in names] for names in (BONES, BONES.values())])  # (2 ends, bone, side)


def unmeasurable_joints(
    landmarks: np.ndarray,
    world: np.ndarray,
    t_s: np.ndarray,
    torso_px: float,
    size_px: tuple[int, int],
    *,
    steadied: np.ndarray,
    split_torso_m: float | None = None,
) -> dict[str, str]:
    """Return the groups of joints (GROUPS) that can't be measured in a rep, each with the reason.

    The reasons are frame (outside the picture), swap (left and right exchanged), jump (too far between frames), bones
    (of changing length) and feet_moved. The keys NO_TOES and NO_MASK, with the reason not_given, mean that the pose
    model lacks heels and toes (the ankles then stand for the feet), or masks (which only BlazePose makes). Both sides
    must be visible; from the side (azimuths of about 60° to 120°), only the near side.

    Args:
        landmarks: (T, 33, 5) landmarks in the picture, x and y 0…1.
        world: (T, 33, 3) world landmarks, metres.
        steadied: (T, 33, 2) landmarks as if the camera had not moved.
        split_torso_m: Length of the torso of a lifter with one leg in front of the other; None otherwise. In the
            picture, these legs cross, so the world shows whether they are exchanged, and the feet may step.
    """
    points = steadied.astype(float) * np.asarray(size_px) / max(torso_px, 1e-6)
    x, y = landmarks[..., 0], landmarks[..., 1]
    outside = ((x < 0) | (x > 1) | (y < 0) | (y > 1)).mean(0)
    moves = lengths(np.diff(points, axis=0)) / np.maximum(np.diff(t_s) * 30.0, 1.0)[:, None]
    jumps = ((moves > JUMP).mean(0) > JUMPS) | (moves > LEAP).any(0)
    sides = _sides(world)
    split = split_torso_m is not None
    feet = points[:, list(landmark.ANKLES)].mean(1)
    feet_moved = not split and percentile(np.sqrt(((feet - median(feet)) ** 2).sum(-1)), 90) > FEET_MOVED
    level = world[..., ::2] / max(split_torso_m or 1.0, 1e-6)
    known = np.isfinite(points).all(0).all(1)  # more than twice as fast as over both axes at once
    toes = bool(known[[*landmark.HEELS, *landmark.TOES]].all())
    missing = {NO_TOES: not toes, NO_MASK: not known.all()}
    out = {name: "not_given" for name, absent in missing.items() if absent}
    pairs = {name: group if toes or name != "feet" else landmark.ANKLES for name, group in GROUPS.items()}
    swapped = {} if len(sides) == 1 else _swapped(points, pairs, 0.0)
    if swapped and split:
        swapped |= _swapped(level, {name: pairs[name] for name in LEG_GROUPS}, ASKEW)
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
    """Return the sides that must be visible, 0 for left and 1 for right: from about 60° to 120°, only the near side."""
    left, right = landmark.SHOULDERS
    across = median(world[:, left] - world[:, right])
    if abs(across[2]) < ONE_SIDE * abs(across[0]):
        return (0, 1)
    return (0,) if across[2] < 0 else (1,)


def _swapped(points: np.ndarray, pairs: Mapping[str, tuple[int, int]], askew: float) -> dict[str, float]:
    """Return the share of frames in which each pair is clearly exchanged, for points (T, 33, 2).

    `askew` is the error of the shoulders' direction, as a share of the distance of a pair across it.
    """
    line = points[:, landmark.SHOULDERS[0]] - points[:, landmark.SHOULDERS[1]]
    along_x, along_y = (line / np.maximum(np.sqrt((line**2).sum(-1, keepdims=True)), 1e-6)).T
    left, right = np.array(list(pairs.values())).T
    x, y = (points[:, left] - points[:, right]).T
    margins = CLEARLY + askew * np.abs(x * along_y - y * along_x)
    shares = (x * along_x + y * along_y < -margins).mean(-1)
    return dict(zip(pairs, shares.tolist(), strict=True))


def _bone_changes(world: np.ndarray, sides: Sequence[int]) -> dict[str, float]:
    """Return the relative change of each bone: the 90th percentile of the frames, on the worse side."""
    ends, others = _BONE_ENDS[:, :, list(sides)]
    bones = np.linalg.norm(world[:, ends] - world[:, others], axis=-1)
    change = percentile(np.abs(bones / np.maximum(median(bones), 1e-6) - 1), 90)
    return dict(zip(BONES, change.max(1).tolist(), strict=True))


def warning_change(t_s: float, kind: WarningKind, before: str | None, after: str | None) -> tuple[WarningEvent, ...]:
    """Return the event of a change of a warning's text, as a tuple; empty if the texts are equal.

    A text is None while the warning is not active. The event that ends a warning has the text before.
    """
    if after == before:
        return ()
    return (WarningEvent(t_s=t_s, warning=kind, active=after is not None, text=after or before or ""),)


class _RecentShare:
    """Measures for which share of the recent time a condition has held."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._share, self._t_s = seconds, 0.0, math.inf  # `_share`: share of the time

    def step(self, t_s: float, is_true: bool | None) -> bool:
        """Add whether the condition holds (None if unknown); return whether it has held for most of the recent time."""
        dt_s, self._t_s = min(max(t_s - self._t_s, 0.0), self._seconds), t_s  # 0 at the first time
        if is_true is not None:
            self._share += (is_true - self._share) * dt_s / self._seconds
        return self._share > 0.5


HIDDEN_S = 1.0  # time over which the hiding of the legs is averaged. Landmarks behind a plate are guessed, and jump.


class LegsBehindPlate:
    """Detects whether the near plate hides a leg that the camera would otherwise see."""

    def __init__(self) -> None:
        self._hidden = _RecentShare(HIDDEN_S)

    def step(self, observation: Observation, body: Body | None) -> bool:
        """Add the next observation, and return whether a leg has been hidden for most of the last HIDDEN_S.

        An observation without a visible plate, or without a body, does not change the result.
        """
        hidden = None
        *middle_px, diameter_px = plate_px(observation.bar, observation)
        if body is not None and observation.world is not None and np.isfinite(diameter_px):
            legs = [GROUPS[name][side] for side in _sides(observation.world[None]) for name in LEG_GROUPS]
            away_px = np.hypot(*(observation.points_px[legs] - middle_px).T)
            hidden = bool((away_px < diameter_px / 2).any())
        return self._hidden.step(observation.t_s, hidden)


MOVING, MOVING_S = 0.12, 2.0
"""Speed of the picture's middle above which the camera moves, in picture heights a second, and seconds over which the
moving is averaged. A phone that is shaken by 4 % of the height reaches .1, and by 10 % .2. A bump is over within a
second."""


class FastCameraMotion:
    """Detects whether the camera has moved fast for most of the last MOVING_S seconds. Times must never decrease."""

    def __init__(self) -> None:
        self._moving = _RecentShare(MOVING_S)
        self._at, self._t_s = np.zeros(2), 0.0

    def step(self, observation: Observation) -> bool:
        """Add the next observation, and return whether the camera has moved fast for most of the last MOVING_S."""
        before, before_s = self._at, self._t_s
        self._at, self._t_s = observation.middle_shift, observation.t_s
        fast = np.hypot(*(self._at - before)) > MOVING * (self._t_s - before_s)
        return self._moving.step(self._t_s, bool(fast))


_BEGINS_S: dict[WarningKind | None, float] = {
    None: ENDS_S,
    "turned": 0.0,
    "leans": 0.0,
    "two_people": COMPANY_S,
    "on_its_side": COMPANY_S,
}
"""Problem, or None for its absence → time for which it must last, if that is not BEGINS_S."""


class Warnings:
    """Raises a warning when a problem of single pictures lasts, and clears the warning when the problem has gone."""

    def __init__(self) -> None:
        self.active: WarningKind | None = None  # the problem of the active warning; None without a warning
        self.text: str | None = None  # text of the active warning; None without a warning
        self._candidate: WarningKind | None = None
        self._since_s: float | None = None
        self._company_s = self._in_company_s = -math.inf  # begin and end of the latest company, with gaps up to ALONE_S

    def step(self, t_s: float, problem: WarningKind | None, text: str | None = None) -> tuple[WarningEvent, ...]:
        """Add the next picture, and return the events of warnings: at most one end, and then at most one beginning.

        Args:
            problem: The most important problem of the picture; None without a problem.
            text: Text of the problem's warning; None for the usual text.
        """
        if problem != self._candidate or self._since_s is None:
            self._candidate, self._since_s = problem, t_s
        if problem == "two_people":
            if t_s - self._in_company_s > ALONE_S:
                self._company_s = t_s
            self._since_s, self._in_company_s = self._company_s, t_s
        is_alone_again = problem is None and self.active == "two_people"
        wait_s = ALONE_S if is_alone_again else _BEGINS_S.get(problem, BEGINS_S)
        hint = None if problem is None else text or WARNING_TEXTS[problem]
        if problem == self.active:
            self.text = hint
            return ()
        if t_s - self._since_s < wait_s:
            return ()
        before, self.active, self.text = self.active, problem, hint
        changes = ((before, False, None), (problem, True, hint))
        return tuple(
            WarningEvent(t_s=t_s, warning=kind, active=active, text=text or WARNING_TEXTS[kind])
            for kind, active, text in changes
            if kind is not None
        )
