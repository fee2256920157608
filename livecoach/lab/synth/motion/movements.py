"""Adds movements that are not reps to a set, as movements.yaml describes them: from standing to postures and back.

Every posture is a row of amounts by which parameters of a `Posture` change. A row may also have `hands` at a place of
the body, `arms` by their directions, the angle of straight `legs` from level, and a body that lies `prone`, on hands
and toes, or `supine`. L in a row means the side that the lifter uses first.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from livecoach.core.config.yaml_files import load_trusted
from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN
from livecoach.lab.synth.figure.geometry import minimum_jerk, slow_noise
from livecoach.lab.synth.figure.posture import BOTH, OUTWARDS, PARAMS, Posture, spine_vector, standing_posture
from livecoach.lab.synth.motion.limbs import Arm, Directions, arm_directions, lean_rad, set_arms, shoulder_middle
from livecoach.lab.synth.motion.motion_sequence import MotionSequence
from livecoach.lab.synth.motion.moves import OTHER_SIDE, SPOT, place_at
from livecoach.lab.synth.motion.ranges import log_uniform, pick
from livecoach.lab.synth.motion.tokens import EXERCISE_LIKE

FILE = Path(__file__).resolve().parent / "movements.yaml"
EXERCISE_TIMES = "4..15"  # Repetitions of an exercise
MOST_S = 30.0  # Approximate longest duration of an exercise
LEAST_TIMES = 3  # Fewest repetitions of an exercise
UNEVEN = {True: 0.07, False: 0.2}
"""Standard deviation between repetitions of the logarithm of a duration, by whether the movement is an exercise."""
SHORTER = 0.07  # Standard deviation between repetitions of the share of an exercise's travel that is missing
SLOWER = 0.3  # Largest share by which the last repetition takes longer
RAISE_S = 0.9  # Time in which hanging arms go up to the start of an exercise
LOOSE = 0.07  # Standard deviation between movements of each component of an arm's directions
TOES_M = 0.19  # Height of the ankles of a lifter on the toes, face down
NO_BAR_M = {True: 0.15, False: 0.9}
"""Height at which a plate would go on an absent bar, by whether the lift has its bar on the floor."""
HAND_M = 0.04  # Height of a palm on the floor
SIDEWAYS = ("hip_y", "yaw", "roll", "side", "twist", "head_yaw", "bar_roll")
"""Parameters of the trunk and the bar with the opposite sign on the other side."""
Amount = float | str | list[Any]
Row = dict[str, Any]  # Amount by the name of the parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class _OtherMovement:
    """A variant of a movement that is not a rep, as described in movements.yaml."""

    pace: str | list[Amount] = "slow"
    """Durations in seconds of the way to each posture of `end` and the time in it, then of the way back and the time
    upright; or the duration of a swing; or names of `paces`."""
    times: str | int | None = None  # repetitions; None for 1, or EXERCISE_TIMES of an exercise
    draw: Row = field(default_factory=dict)  # amounts by name, to which other amounts refer
    still: Row = field(default_factory=dict)  # posture in all frames
    start: Row = field(default_factory=dict)  # posture between the repetitions
    end: Row | list[Row] = field(default_factory=dict)  # posture, or postures in sequence, of a repetition
    turn: float = 0.0
    """Share of lifters who alternate between the left and the right side; `arms` are then the arms of that side."""
    over: list[Amount] | None = None  # directions of the arms halfway; None for the direct way
    around: list[Amount] | None = None
    """Direction in which swinging arms make a circle: forward, outward, up; None without a circle."""
    with_trunk: Amount = 0.0  # share of the trunk's rotation that the directions of the arms follow
    hands_stay: bool = False  # whether the hands stay in their first place
    busy_m: float = 0.0  # distance by which the hands fidget
    stance: Amount | None = None  # half the distance of the feet; None for nearly the stance of the lift
    faces: str = "camera"  # camera; floor: in any direction; away: not towards a bar on the floor
    ahead: bool = False  # whether the movement needs room in front
    at_bar: bool = False  # whether the hands are on the bar on the floor
    ease_s: float | None = None  # time to get into the first posture; None for the usual time
    share: float = 1.0  # weight of this way among the ways of the movement


def _merged(row: Row, way: Row) -> Row:
    return row | {
        name: row[name] | value if isinstance(value, dict) and isinstance(row.get(name), dict) else value
        for name, value in way.items()
    }


class _Table(NamedTuple):
    arms: dict[str, list[Amount]]
    hands: dict[str, list[Amount]]
    paces: dict[str, list[Amount]]
    movements: dict[str, list[_OtherMovement]]  # ways of each movement


@cache
def movement_table() -> _Table:
    """Return the contents of movements.yaml, which is read once."""
    plain = load_trusted(FILE)
    ways = {name: row.pop("ways", [{}]) for name, row in plain["movements"].items()}
    plain["movements"] = {
        name: [_OtherMovement(**_merged(row, way)) for way in ways[name]] for name, row in plain["movements"].items()
    }
    return _Table(**plain)


class _Cycle(NamedTuple):
    """The share to which each frame reaches a posture, on the way there and back or around a swing."""

    hill: np.ndarray  # (T,) 0…1
    ring: np.ndarray  # (T,) -1…1, a full sine wave for each swing


Course = Callable[[_Cycle], np.ndarray]  # Returns the factor on an amount in each frame, (T,)
NUMBER = r"-?\d+(?:\.\d+)?"
TERM = re.compile(
    rf"(?P<low>{NUMBER})(?:\.\.(?P<high>{NUMBER}))?(?: (?!over|midway|around)(?P<unit>\w+))?"
    rf"(?: (?P<course>around|(?:over|midway) (?P<start>{NUMBER})\.\.(?P<end>{NUMBER})))?"
)
"""An amount: a number or a range, the name of its unit, and its course."""


@cache
def _term(text: str) -> tuple[float, float, str | None, Course]:
    """Parse an amount into its smallest and largest value, its unit, and its course."""
    found = TERM.fullmatch(text)
    assert found, f"{FILE.name}: {text}"
    low = float(found["low"])
    return low, float(found["high"] or low), found["unit"], _course(found)


def _course(found: re.Match[str]) -> Course:
    if found["course"] is None:
        return lambda cycle: cycle.hill
    if found["course"] == "around":
        return lambda cycle: cycle.ring
    start, end = float(found["start"]), float(found["end"])

    def share(cycle: _Cycle) -> np.ndarray:
        return np.clip((cycle.hill - start) / (end - start), 0, 1)

    if found["course"].startswith("over"):
        return lambda cycle: minimum_jerk(share(cycle))
    return lambda cycle: np.sin(np.pi * share(cycle))


class _Draw:
    def __init__(self, p: MotionSequence, row: _OtherMovement) -> None:
        self.rng, body, upright = p.rng, p.body, p.rest_posture(1)
        bar_m = float(upright["bar_z"][0])
        self.named = {
            "hips": float(upright["hip_z"][0]),
            "thigh": body.thigh_m,
            "shin": body.shin_m,
            "arm": body.arm_m,
            "shoulder": body.shoulder_half_m,
            "bar": bar_m if bar_m > 0 else NO_BAR_M[p.on_floor],
        }
        self._loosened: dict[str, Arm] = {}
        for name, amount in row.draw.items():
            self.named[name] = self.number(amount)

    def choice(self, text: str) -> str:
        return str(pick(self.rng, text.split(" | "))) if " | " in text else text

    def draw_terms(self, amount: Amount) -> list[tuple[float, Course]]:
        """Draw the random values of an amount's terms, and return each value with its course over a movement."""
        if isinstance(amount, list):
            return [term for part in amount for term in self.draw_terms(part)]
        low, high, unit, course = _term(self.choice(str(amount)))
        value = self.rng.uniform(low, high) if high > low else low
        return [(value * (1.0 if unit is None else self.named[unit]), course)]

    def number(self, amount: Amount) -> float:
        return sum(value for value, _ in self.draw_terms(amount))

    def seconds(self, amount: Amount) -> float:
        low, high, _, _ = _term(str(amount))
        return log_uniform(self.rng, low, high)

    def arm(self, amount: str | list[Amount]) -> Arm:
        """Choose the directions of an arm, at random near `amount`. An equal `amount` returns the same arm again."""
        key = str(amount)
        if key not in self._loosened:
            directions = movement_table().arms[self.choice(amount)] if isinstance(amount, str) else amount
            bones = np.array([self.number(each) for each in directions]).reshape(2, 3)
            self._loosened[key] = Arm(*(tuple(bone) for bone in bones + LOOSE * self.rng.normal(size=(2, 3))))
        return self._loosened[key]


def play_movement(
    p: MotionSequence, name: str, kind: str | None = None, *, at: np.ndarray | None = None, side: str | None = None
) -> None:
    """Append a movement of movements.yaml, with its repetitions, after which the lifter stands.

    Args:
        kind: Kind of the event; None for the name of the movement.
        at: Place on the floor, (2,), in metres; None for the place of the lifter.
        side: Side that the lifter uses first, for which L stands in movements.yaml; None for a random side.
    """
    bar_in_front = p.on_floor and p.bar
    ways = [way for way in movement_table().movements[name] if not (way.ahead and bar_in_front)]
    shares = np.array([way.share for way in ways])
    row = ways[p.rng.choice(len(ways), p=shares / shares.sum())]
    exercise = name in EXERCISE_LIKE
    made = _Player(p, row, exercise, side)._repeated()
    yaw_rad = _yaw_rad(p, row.faces, bar_in_front)
    ease_s = row.ease_s or (1.8 if row.faces == "floor" else 0.8 if exercise else 0.4)
    after = hanging_arms_posture(p, p.count_frames(0.3)) if exercise else p.posture_between_reps(0.3)
    with p.facing(yaw_rad):
        for part in (made, after):
            there = at is None and not yaw_rad
            placed = part if there else place_at(part, SPOT if at is None else at, yaw_rad)
            p.blend_to(placed, ease_s * p.rng.uniform(0.8, 1.3), kind or name)


def reached_posture(p: MotionSequence, name: str, count: int) -> Posture:
    """Return the posture that a movement leads to, for `count` frames. The movement must have a single variant."""
    (row,) = movement_table().movements[name]
    return _Player(p, row, exercise=False).posture([_Cycle(np.ones(count), np.zeros(count))], np.zeros(count, bool))


def _yaw_rad(p: MotionSequence, faces: str, bar_in_front: bool) -> float:
    """Draw the direction that the lifter faces, in radians; 0 is forward, towards a bar on the floor."""
    if faces == "camera" or (faces == "away" and not bar_in_front):
        return 0.0
    if bar_in_front:
        return float(p.rng.uniform(1.7, 2.6 if faces == "away" else np.pi) * p.rng.choice([-1.0, 1.0]))
    return float(p.rng.uniform(-np.pi, np.pi))


def hanging_arms_posture(p: MotionSequence, count: int, half_stance_m: float | None = None) -> Posture:
    """Return the posture of a lifter who stands with hanging arms, for `count` frames; the bar stays in its place.

    Args:
        half_stance_m: Half the distance of the feet; None for the lifter's usual stance, limited to 0.08…0.2 m.
    """
    lifter = p.lifter
    half_m = min(max(lifter.half_stance_m, 0.08), 0.2) if half_stance_m is None else half_stance_m
    posture = standing_posture(p.body, count, half_m, min(lifter.toe_out_rad, 0.35))
    there = p.rest_posture(1)
    posture.put_bar_of(there)
    return posture


class _Player:
    def __init__(self, p: MotionSequence, row: _OtherMovement, exercise: bool, side: str | None = None) -> None:
        self.p, self.row, self.exercise = p, row, exercise
        self.draw = _Draw(p, row)
        self.ends = row.end if isinstance(row.end, list) else [row.end]
        self.first = SIDES[p.rng.integers(2)] if side is None else side
        self.in_turn = bool(p.rng.random() < row.turn)
        self.placed: list[tuple[str, str, list[float], str, np.ndarray]] = []
        """Places of hands: the hands' name in the row, the part of the body, the offset from it, the side that the row
        calls L, and the share to which the place is reached, (T,)."""
        self.legs_rad: np.ndarray | None = None

    def _repeated(self) -> Posture:
        rng, pace = self.p.rng, self.row.pace
        lasting = movement_table().paces[self.draw.choice(pace)] if isinstance(pace, str) else pace
        usual_s = [self.draw.seconds(amount) for amount in lasting]
        low, high, _, _ = _term(str(self.row.times or (EXERCISE_TIMES if self.exercise else 1)))
        times = int(rng.integers(int(low), int(high) + 1))
        if self.exercise and times > 1:
            times = max(min(times, int(MOST_S / sum(usual_s))), LEAST_TIMES * (2 if self.in_turn else 1))
        slower = rng.uniform(0, SLOWER)
        parts = [self._repetition(usual_s, 1 + slower * k / times) for k in range(times)]
        other = np.repeat(np.arange(times) % 2 == 1, [len(ring) for _, ring in parts]) & self.in_turn
        hills, ring = np.concatenate([hills for hills, _ in parts], 1), np.concatenate([ring for _, ring in parts])
        if self._raises_arms():
            before = self.p.count_frames(RAISE_S)
            hills, ring, other = np.pad(hills, ((0, 0), (before, before))), np.pad(ring, before), np.pad(other, before)
        return self.posture([_Cycle(hill, ring) for hill in hills], other)

    def _repetition(self, usual_s: list[float], slower: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the share to which each posture is reached, (K, T), and the ring (T,)."""
        rng, uneven = self.p.rng, UNEVEN[self.exercise]
        lasting = [max(1, round(s * slower * float(np.exp(uneven * rng.normal())) * self.p.fps)) for s in usual_s]
        whole = 1 - min(abs(SHORTER * rng.normal()), 0.15) if self.exercise else 1.0
        if len(lasting) == 1:
            x = (np.arange(lasting[0]) + 1) / lasting[0]
            hill = np.sin(np.pi * x) if self.in_turn else 0.5 - 0.5 * np.cos(2 * np.pi * x)
            return whole * hill[None], np.sin(2 * np.pi * x)
        none, each = np.zeros((1, len(self.ends))), np.eye(len(self.ends))
        weights = []
        for k, (before, after) in enumerate(pairwise([none[0], *each, none[0]])):
            share = minimum_jerk((np.arange(lasting[2 * k]) + 1) / lasting[2 * k])[:, None]
            weights += [before + share * (after - before), np.repeat(after[None], lasting[2 * k + 1], 0)]
        hills = whole * np.concatenate(weights).T
        return hills, np.zeros(hills.shape[1])

    def posture(self, cycles: Sequence[_Cycle], other: np.ndarray) -> Posture:
        """Return the posture in each frame of a movement.

        Args:
            cycles: For each posture of `ends`, the share to which each frame reaches the posture.
            other: (T,) whether the side opposite to `first` moves.
        """
        p, row, count = self.p, self.row, len(other)
        if self.exercise:
            stance = None if row.stance is None else self.draw.number(row.stance)
            posture = hanging_arms_posture(p, count, stance)
        else:
            posture = p.starting_posture(count) if row.at_bar else p.rest_posture(count)
        at_rest = 1 - np.sum([cycle.hill for cycle in cycles], 0)
        rows = [(row.still, _Cycle(np.ones(count), np.zeros(count))), (row.start, _Cycle(at_rest, np.zeros(count)))]
        for amounts, cycle in rows:
            self._change(posture, amounts, cycle, {self.first: np.ones(count)})
        for amounts, cycle in zip(self.ends, cycles, strict=True):
            self._change(posture, amounts, cycle, {self.first: ~other * 1.0, OTHER_SIDE[self.first]: other * 1.0})
        self._straighten_legs(posture)
        self._set_arms(posture, cycles[0], other)
        self._place_hands(posture)
        return posture

    def _change(self, posture: Posture, amounts: Row, cycle: _Cycle, turns: dict[str, np.ndarray]) -> None:
        """Change a posture by a row, while it applies to the side that the row calls L: `turns`, (T,) 0 or 1."""
        drawn: dict[str, float] = {}
        for name, amount in amounts.items():
            if name in ("hands", "hand_L", "hand_R"):
                chosen = movement_table().hands[self.draw.choice(amount)] if isinstance(amount, str) else amount
                offset = [self.draw.number(each) for each in chosen[1:]]
                self.placed += [(name, str(chosen[0]), offset, side, cycle.hill * its) for side, its in turns.items()]
            elif name == "legs":
                self.legs_rad = (0 if self.legs_rad is None else self.legs_rad) + self.draw.number(amount) * cycle.hill
            elif name in ("prone", "supine"):
                for param, value in self._lying(name, amount, drawn).items():
                    posture[param] = posture[param] + value * cycle.hill
            elif not name.startswith("arms"):
                terms = self.draw.draw_terms(amount)
                drawn[name] = self.draw.named[name] = sum(value for value, _ in terms)
                changed = sum(value * course(cycle) for value, course in terms)
                for side, its in turns.items():
                    _add(posture, name, side, changed * its)

    def _straighten_legs(self, posture: Posture) -> None:
        if self.legs_rad is None:
            return
        angle, leg_m = self.legs_rad, 0.975 * (self.p.body.thigh_m + self.p.body.shin_m)
        foot_x, foot_z = posture["hip_x"] + leg_m * np.cos(angle), posture["hip_z"] + leg_m * np.sin(angle)
        posture.put(BOTH, foot_x=foot_x, foot_z=foot_z, foot_yaw=0.0)
        posture.put(BOTH, foot_pitch=-(np.pi / 2 + angle) + 0.5, knee_up=angle + np.pi / 2)

    def _raises_arms(self) -> bool:
        return not self.row.hands_stay and any(self._arm(self.row.start, mine).upper[2] > 0 for mine in (True, False))

    def _set_arms(self, posture: Posture, cycle: _Cycle, other: np.ndarray) -> None:
        row, end = self.row, self.ends[0]
        start = {name: amount for name, amount in (row.still | row.start).items() if name.startswith("arms")}
        if not start and not any(name.startswith("arms") for name in end):
            return
        theirs = {name: arm for name, arm in end.items() if name != "arms"} if self.in_turn else end
        over = None if row.over is None else self.draw.arm(row.over)
        around = 0.0 if row.around is None else np.array([self.draw.number(each) for each in row.around])
        ways = {}
        for side in SIDES:
            its_turn = other == (side != self.first)
            at_start = self._arm(start, side == self.first)
            ends = (self._arm(start | (end if mine else theirs), mine) for mine in (True, False))
            left, right = (arm_directions(at_start, at_end, cycle.hill, over) for at_end in ends)
            upper, fore = (np.where(its_turn[:, None], a, b) for a, b in zip(left, right, strict=True))
            ring = around * cycle.ring[:, None]
            way = upper + ring, fore + ring
            ways[side] = self._raised(at_start, way, len(other)) if self._raises_arms() else way
        set_arms(posture, self.p.body, ways, self.draw.number(row.with_trunk))

    def _arm(self, amounts: Row, mine: bool) -> Arm:
        """Draw the arm of the side that the row calls L (`mine`), or of the other side."""
        side = "arms_L" if mine else "arms_R"
        amount: str | list[Amount] = amounts[side] if side in amounts else amounts.get("arms", "hanging")
        return self.draw.arm(amount)

    def _raised(self, start: Arm, moving: Directions, count: int) -> Directions:
        """Return the directions of arms that go up from hanging to the start, and down at the end."""
        up = minimum_jerk(np.arange(self.p.count_frames(RAISE_S)) / self.p.count_frames(RAISE_S))
        share = np.concatenate([up, np.ones(count - 2 * len(up)), up[::-1]])
        aside = self.draw.arm("aside") if start.upper[2] > 0 else None
        getting, ready = arm_directions(self.draw.arm("hanging"), start, share, aside), (share >= 1)[:, None]
        return np.where(ready, moving[0], getting[0]), np.where(ready, moving[1], getting[1])

    def _place_hands(self, posture: Posture) -> None:
        """Move the hands to their places, to the share to which the posture is reached."""
        hands = {side: posture.point("hand", side) for side in SIDES}
        moved = {side: np.zeros_like(hand) for side, hand in hands.items()}
        for name, body_part, offset, left, weight in self.placed:
            end = left if name == "hand_L" else OTHER_SIDE[left]
            for side in SIDES if name == "hands" else (end,):
                away = np.array(offset) * (1, SIGN[side], 1)
                goal = _place(self.p, posture, body_part, left, hands[side]) + away
                moved[side] += weight[:, None] * (goal - hands[side])
        for side in SIDES:
            hand = hands[side] + moved[side]
            if self.row.hands_stay:
                hand = np.repeat(hand[:1], len(hand), 0)
            if self.row.busy_m:
                wandering = [slow_noise(self.p.rng, len(hand), self.p.fps, 0.3, self.row.busy_m) for _ in "xyz"]
                hand = hand + np.stack(wandering, -1)
            posture.put_point("hand", side, hand)

    def _lying(self, name: str, amounts: list[Amount], bent: dict[str, float]) -> dict[str, np.ndarray]:
        """Return the differences of a lying from an upright posture, (1,) each, with the spine bent by `bent`."""
        upright = hanging_arms_posture(self.p, 1)
        lying = upright.copy()
        lying.put(lumbar=bent.get("lumbar", 0.0), thoracic=bent.get("thoracic", 0.0))
        (_prone if name == "prone" else _supine)(self.p, lying, *(self.draw.number(each) for each in amounts))
        lying.put(lumbar=0.0, thoracic=0.0)
        return {param: lying[param] - upright[param] for param in PARAMS}


def _add(posture: Posture, name: str, left: str, value: np.ndarray) -> None:
    """Add to a parameter, for the side that the row calls L; hands move with the hips."""
    plain, side = (name[:-2], name[-1]) if name[-2:] in ("_L", "_R") else (name, "")
    if plain in posture:
        posture.add(**{plain: SIGN[left] * value if plain in SIDEWAYS else value})
        if plain in ("hip_x", "hip_z"):
            _add(posture, plain.replace("hip", "hand"), left, value)
        return
    for real in SIDES if not side else (left if side == "L" else OTHER_SIDE[left],):
        posture.add(real, **{plain: SIGN[real] * value if plain in OUTWARDS else value})


def _place(p: MotionSequence, posture: Posture, body_part: str, left: str, standing_m: np.ndarray) -> np.ndarray:
    """Return the place of a part of the body, (T, 3); `standing_m` is the place of the hand before it moves."""
    hips = posture.point("hip")
    if body_part == "standing":
        return standing_m
    if body_part == "floor":
        return np.zeros_like(hips)
    if body_part == "foot_L":
        return posture.point("foot", left)
    if body_part == "shoulders":
        x, z = shoulder_middle(p.body, posture)
        return np.stack([x, posture["hip_y"], z], -1)
    if body_part == "head":
        up_m, bow = p.body.joint_position("head")[2], posture["pitch"]
        return hips + np.stack([up_m * np.sin(bow), 0 * bow, up_m * np.cos(bow)], -1)
    return hips


def _prone(p: MotionSequence, posture: Posture, shoulder_m: float, ahead_m: float, out_m: float, sag_m: float) -> None:
    """Put the body on hands, `ahead_m` in front of the shoulders, and toes, straight from ankles to shoulders."""
    body = p.body
    leg_m = 0.985 * (body.thigh_m + body.shin_m)
    spine = spine_vector(body, posture["lumbar"], posture["thoracic"])
    spine_m = np.linalg.norm(spine, axis=-1)
    up = np.arcsin(np.clip((shoulder_m - TOES_M) / (leg_m + spine_m), -0.2, 0.8))
    ankle_x = -0.75 * (leg_m + spine_m)
    posture.put(hip_x=ankle_x + leg_m * np.cos(up), hip_z=TOES_M + leg_m * np.sin(up) - sag_m, neck=-0.25)
    rise_m = shoulder_m - posture["hip_z"]
    posture.put(pitch=np.arccos(np.clip(rise_m / spine_m, -0.9, 0.9)) - lean_rad(spine))
    hand_x = shoulder_middle(body, posture)[0] + ahead_m
    posture.put(BOTH, foot_x=ankle_x, foot_z=TOES_M, foot_yaw=0.0, foot_pitch=1.25, knee_up=-1.4)
    posture.put(BOTH, hand_x=hand_x, hand_y=out_m, hand_z=HAND_M, pole_x=-0.8, pole_y=0.7, pole_z=0.3)


def _supine(p: MotionSequence, posture: Posture, shoulder_m: float, hip_m: float, feet_m: float) -> None:
    """Put the body on the back with the head towards -x, bent knees, and flat feet, `feet_m` from the hips."""
    spine = spine_vector(p.body, posture["lumbar"], posture["thoracic"])
    posture.put(hip_x=0.0, hip_z=hip_m)
    rise = np.clip((shoulder_m - hip_m) / np.linalg.norm(spine, axis=-1), -0.9, 1)
    posture.put(pitch=-np.arccos(rise) - lean_rad(spine))
    posture.put(BOTH, foot_x=feet_m, knee_up=1.3)
