"""Turns the tokens of a set into the pose parameters of every frame and the ground truth of each rep."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from livecoach.core.errors import ConfigError
from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN
from livecoach.lab.synth.figure.geometry import fall_height_m
from livecoach.lab.synth.figure.posture import Posture, solve_joints
from livecoach.lab.synth.motion import movements, moves
from livecoach.lab.synth.motion.motion_sequence import MotionSequence, Performer
from livecoach.lab.synth.motion.moves import SPOT, OtherPerson, make_visitor
from livecoach.lab.synth.motion.ranges import pick
from livecoach.lab.synth.motion.rep import RepProgress, Timing, moving_phase, sample_rep, shape_through
from livecoach.lab.synth.motion.tokens import PARTIAL, PEOPLE, REP, USUAL_SHARE, WITH_BAR_ON_FLOOR, Token, TokenFault
from livecoach.lab.truth import TrueEvent, TrueFault, TrueRep, make_true_rep

OFF_FLOOR = 0.03  # Share of the lift at which a rep starts
STILL_A_REP = 0.8  # Share of the travel above which a partial rep counts as a rep
LEAST_SHARE = 0.1  # Share of the travel below which the duration of a partial rep stays the same


@dataclass(frozen=True, kw_only=True, eq=False)
class SetMotion:
    """The motion of a lifter, and of other people, in all frames of a set, with its truth."""

    performer: Performer  # lifter with body and exercise
    fps: float
    posture: Posture  # of the lifter
    reps: tuple[TrueRep, ...]
    events: tuple[TrueEvent, ...]
    others: tuple[OtherPerson, ...]  # with as many frames as the lifter's posture

    @cached_property
    def joints(self) -> tuple[np.ndarray, np.ndarray]:
        """Rotations (T, J, 3, 3) of the lifter's joints, and their positions (T, J, 3) in the world, in metres."""
        return solve_joints(self.performer.body, self.posture)

    @cached_property
    def landmarks(self) -> np.ndarray:
        """World positions of the lifter's landmarks, (T, 33, 3), in metres."""
        return self.performer.body.landmark_positions(*self.joints)


def play_set(
    performer: Performer, tokens: Iterable[Token], rng: np.random.Generator, fps: float, view_deg: float = 0.0
) -> SetMotion:
    """Turn the tokens of a set into the motion of the lifter and of visitors.

    Args:
        view_deg: Azimuth of the camera, by which visitors and the way in and out of the picture are placed.

    Raises:
        ConfigError: The exercise is unknown, a hold comes before any movement of the lifter, or there is no movement.
    """
    p, whole = MotionSequence(performer, rng, fps, view_deg), tuple(tokens)
    visits: list[tuple[str, int]] = []
    p.begin(whole)
    planned = sum(token.name == REP for token in whole)
    for token, after in zip(whole, [*whole[1:], None], strict=True):
        if token.name in PEOPLE:
            visits.append((token.name, p.count))
        elif token.name == REP:
            _rep(p, token, after, len(p.reps) / max(planned - 1, 1))
        elif token.name == PARTIAL:
            share = USUAL_SHARE if token.share is None else token.share
            _partial(p, share, len(p.reps) / max(planned - 1, 1))
        elif token.name == "hold":
            p.hold(1.0 if token.seconds is None else token.seconds, "hold")
        else:
            p.left = 0.0
            _break(p, token)
    if not p.parts:
        raise ConfigError("a set of other people alone: give the lifter something to do, for example idle")
    others = tuple(make_visitor(p, *visit, p.view_rad, p.count) for visit in visits)
    return SetMotion(
        performer=performer,
        fps=p.fps,
        posture=p.join_postures(),
        reps=tuple(p.reps),
        events=tuple(p.events),
        others=others,
    )


def _rep(p: MotionSequence, token: Token, after: Token | None, place: float) -> None:
    _grip(p)
    # The variant is drawn even if the token names another, so that both sets are the same otherwise.
    drawn = [pick(p.rng, tuple(p.lift.faults[fault.name])) for fault in token.faults]
    faults = tuple(fault._replace(way=fault.way or way) for fault, way in zip(token.faults, drawn, strict=True))
    by_name = {fault.name: fault for fault in faults}
    if "stance_shift" in by_name and p.reps:
        p.shift_feet(by_name["stance_shift"])
        p.blend_to(p.starting_posture(p.count_frames(0.2)), 0.5, "setup")
    tired = p.lifter.drift * place
    timing = _timing(p, faults, tired)
    if after is not None and any(fault.name == "bounced" for fault in after.faults):
        timing.back = moving_phase(0.0, 0.4)
    progress = sample_rep(timing, p.fps, p.lift.turns_low, p.left)
    p.left = timing.ends
    _note(p, faults, progress)
    p.add_rep(progress, faults, tired, REP)
    if after is None or after.name != REP:
        p.hold(timing.rest_s, REP)


def _partial(p: MotionSequence, share: float, place: float) -> None:
    """Append a partial rep over a share of the travel; above STILL_A_REP, the movement counts as a rep."""
    _grip(p)
    tired = p.lifter.drift * place
    timing = _timing(p, (), tired)
    timing.amplitude *= share
    timing.away_s, timing.back_s = (s * np.sqrt(max(share, LEAST_SHARE)) for s in (timing.away_s, timing.back_s))
    progress = sample_rep(timing, p.fps, p.lift.turns_low)
    p.left = 0.0
    is_rep = share > STILL_A_REP
    if is_rep:
        _note(p, (), progress)
    p.add_rep(progress, (), tired, REP if is_rep else PARTIAL, None if is_rep else share)
    p.hold(timing.rest_s, REP if is_rep else "ready")


def _timing(p: MotionSequence, faults: Sequence[TokenFault], tired: float) -> Timing:
    timing = p.lift.timing(p.rng, p.lifter, tired)
    for fault in faults:
        p.lift.faults[fault.name][fault.way].change_timing(timing, fault.knob)
    return timing


def _note(p: MotionSequence, faults: Sequence[TokenFault], progress: RepProgress) -> None:
    most, ends = progress.lift.max(), np.where(progress.is_after_turn, progress.lift[-1], progress.lift[0])
    away = np.flatnonzero(progress.lift - ends > OFF_FLOOR * (most - ends))
    start, turned = int(p.count + away[0]), int(p.count + progress.turn)
    end = int(p.count + min(away[-1] + 1, len(progress.lift) - 1))
    true_faults = tuple(TrueFault(name=fault.name, way=fault.way, knob=round(fault.knob, 3)) for fault in faults)
    frames = start, turned, end
    p.reps.append(make_true_rep(len(p.reps) + 1, true_faults, frames, list(map(p.seconds_at, frames))))


def _break(p: MotionSequence, token: Token) -> None:
    if token.name in ("idle", "shift"):
        usual = 2.0 if token.name == "idle" else 3.0
        _idle(p, usual if token.seconds is None else token.seconds, stepping=token.name == "shift")
    elif token.name == "unrack":
        _grip(p)
    elif not p.lift.on_floor and token.name in WITH_BAR_ON_FLOOR:
        _idle(p, 1.5, stepping=False)
    elif token.name in ("failed_pull", "let_go"):
        _grip(p)
        (_failed_pull if token.name == "failed_pull" else _let_go)(p)
    else:
        _free_hands(p)
        if token.name in FREE:
            FREE[token.name](p)
        else:
            movements.play_movement(p, token.name)


def _free_hands(p: MotionSequence) -> None:
    if not p.can_free_hands():
        if p.lift.rack_m > 0:
            starting = p.starting_posture(p.count_frames((1.0, 1.6)))
            p.blend_to(moves.step_along(starting, 0.0, p.lift.rack_m), 0.3, "rerack")
        p.blend_to(p.under_bar_posture(p.count_frames(0.3)), 0.6, "rerack")
        p.racked, p.ready = True, False
        _sit_on_bench(p, "rerack")
        p.blend_to(p.posture_between_reps(0.4), (1.0, 1.5), "rerack")
    elif p.on_floor and p.ready:
        over_bar = p.over_bar_posture(p.count_frames(0.3))
        if over_bar is not None:
            p.blend_to(over_bar, (0.8, 1.3), "put_down")
        p.blend_to(p.posture_between_reps(0.2), (0.8, 1.3), "stand_up")
    p.ready = not p.on_floor and not p.bar


def _idle(p: MotionSequence, seconds: float, stepping: bool) -> None:
    if p.on_floor and p.ready:
        _free_hands(p)
    posture = p.posture_between_reps(seconds)
    p.fidget(posture, hands_free=p.can_free_hands())
    if stepping:
        p.step_about(posture)
    p.blend_to(posture, 0.4, "shift" if stepping else "idle")


def _door(p: MotionSequence) -> np.ndarray:
    """Draw a place outside the picture, (2,), in metres, that the lifter can reach without crossing the bar."""
    away = np.array([np.cos(p.view_rad), np.sin(p.view_rad)])
    across = np.array([-np.sin(p.view_rad), np.cos(p.view_rad)]) * p.rng.choice([-1, 1])
    if not p.bar and p.rng.random() < 0.6:
        return 2.2 * away + 1.1 * across
    return 2.6 * (-across if across[0] > 0 else across) + np.array([-0.5, 0])


def _walk_in(p: MotionSequence) -> None:
    walking = p.walking_posture_with_still_bar(_door(p), SPOT)
    p.blend_to(walking, 0.6, "walk")
    p.blend_to(p.posture_between_reps(0.3), 0.3 + 0.45 * abs(walking["yaw"][-1]), "turn")


def _walk_out(p: MotionSequence) -> None:
    walking = p.walking_posture_with_still_bar(SPOT, _door(p))
    p.blend_to(walking, 0.3 + 0.45 * abs(walking["yaw"][0]), "walk")


def _failed_pull(p: MotionSequence) -> None:
    """Pull without lifting the bar, or lift the bar only part of the way."""
    height = p.rng.choice([0.02, p.rng.uniform(0.08, 0.4)])
    count = p.count_frames(p.rng.uniform(1.0, 3.0))
    x = (np.arange(count) + 1) / count
    lift = height * shape_through((0.0, 1.0, 0.9, 0.0), (1.0, 1.5, 0.6))(x)
    progress = RepProgress(lift=lift, phase=np.where(x < 0.8, 1.0, -1.0), turn=int(0.6 * count), rest=0)
    p.add_rep(progress, (), 0.5, "failed_pull")


def _let_go(p: MotionSequence) -> None:
    """Pull to the top and drop the bar: the hands open and go to the sides while it falls and bounces once."""
    count = p.count_frames(p.lifter.raise_s)
    lift = shape_through((0.0, 1.0), (1.0,))((np.arange(count) + 1) / count)
    p.add_rep(RepProgress(lift=lift, phase=np.ones(count), turn=count - 1, rest=0), (), 0.5, "let_go")
    standing, before = p.posture_between_reps((1.0, 2.0)), p.parts[-1]
    t_s, floor_z = np.arange(standing.count) / p.fps, float(standing["bar_z"][0])
    weight = np.clip(t_s / 0.7, 0, 1)
    falling = Posture({name: (1 - weight) * before[name][-1] + weight * values for name, values in standing.items()})
    falling.put(bar_x=before["bar_x"][-1], bar_z=fall_height_m(float(before["bar_z"][-1]), floor_z, t_s))
    p.add(falling, "let_go")
    p.ready = False


def _grip(p: MotionSequence) -> None:
    if p.ready and p.parts:
        return
    if p.racked:
        _unrack(p)
        return
    over_bar = p.over_bar_posture(p.count_frames(0.3))
    if over_bar is not None and p.parts:
        p.blend_to(over_bar, (0.8, 1.3), "setup")
    ready = p.starting_posture(p.count_frames((0.25, 0.8)))
    p.blend_to(ready, (0.9, 1.6), "setup" if p.parts else "ready")
    p.ready = True


def _unrack(p: MotionSequence) -> None:
    under = p.under_bar_posture(p.count_frames(0.3))
    if p.parts:
        _sit_on_bench(p, "unrack")
        p.blend_to(under, (1.2, 1.8), "unrack")
    else:
        p.add(under, "unrack")
    p.racked, p.ready = False, True
    standing, rack_m = p.starting_posture(p.count_frames(0.3)), p.lift.rack_m
    p.blend_to(standing.shifted_forward(rack_m), 0.7, "unrack")
    if rack_m > 0:
        p.add(moves.step_along(p.starting_posture(p.count_frames((1.0, 1.8))), rack_m, 0.0), "unrack")
    p.add(p.starting_posture(p.count_frames((0.4, 1.0))), "ready")


def _sit_on_bench(p: MotionSequence, kind: str) -> None:
    """Sit on the bench, on the way to or from a lift in which the lifter lies."""
    if p.lift.lies:
        p.blend_to(p.seated_posture(p.count_frames((0.1, 1.0))), (0.8, 1.4), kind)


def _turn_around(p: MotionSequence) -> None:
    yaw_rad = float(p.rng.uniform(1.2, np.pi) * p.rng.choice([-1, 1]))
    with p.facing(yaw_rad, "turn_around"):
        away = p.posture_between_reps((0.8, 5.0))
        p.fidget(away, hands_free=True)
        p.blend_to(moves.place_at(away, SPOT, yaw_rad), 0.3, "turn_around")


def _treadmill(p: MotionSequence) -> None:
    yaw_rad = p.rng.uniform(-np.pi, np.pi)
    goal = SPOT + p.rng.uniform(6.0, 12.0) * np.array([np.cos(yaw_rad), np.sin(yaw_rad)])
    walking = p.walking_posture_with_still_bar(SPOT, goal)
    x, y = -(np.linspace(0, 1, walking.count + 1)[1:, None] * (goal - SPOT)).T
    walking.add(hip_x=x, hip_y=y)
    for side in SIDES:
        walking.add(side, foot_x=x, foot_y=y, hand_x=x, hand_y=y)
    for part in (walking, movements.hanging_arms_posture(p, p.count_frames(0.3))):
        p.blend_to(part, 0.8 * p.rng.uniform(0.8, 1.3), "treadmill")


BAR_END_M = 0.97  # Distance from the middle of the bar to the place where the lifter lifts its end or adds a plate


def _at_bar_end(p: MotionSequence, name: str) -> None:
    side = SIDES[p.rng.integers(2)]
    place = np.array([-0.35, SIGN[side] * BAR_END_M])
    p.turn_on_spot(place, _go_to(p, SPOT, place, 0.0), 0.0, name)
    movements.play_movement(p, name, at=place, side=side)
    _go_back(p, place, 0.0)


def _pick_up(p: MotionSequence) -> None:
    where, there = _places(p)
    yaw_rad = _carry(p, where, there, "pick_up")
    p.blend_to(_reached(p, there, yaw_rad), (0.7, 1.6), "pick_up")
    p.blend_to(moves.place_at(p.posture_between_reps(0.2), there, yaw_rad), (0.6, 1.4), "pick_up")
    _go_back(p, there, yaw_rad)


def _plate_carry(p: MotionSequence) -> None:
    where, _ = _places(p)
    at_bar = np.array([-0.35, float(np.sign(where[1]) or 1.0) * BAR_END_M])
    yaw_rad = _carry(p, where, at_bar, "plate_carry")
    p.turn_on_spot(at_bar, yaw_rad, 0.0, "plate_carry")
    movements.play_movement(p, "slide_on_low" if p.on_floor else "slide_on", "plate_carry", at=at_bar)
    _go_back(p, at_bar, 0.0)


def _places(p: MotionSequence) -> tuple[np.ndarray, np.ndarray]:
    """Draw two places behind the bar, in metres: next to the lifter's place, and a few steps further."""
    side = float(p.rng.choice([-1.0, 1.0]))
    where = np.array([p.rng.uniform(-0.6, -0.25), side * p.rng.uniform(0.3, 0.8)])
    return where, where + np.array([p.rng.uniform(-0.4, 0.1), side * p.rng.uniform(0.4, 0.8)])


def _go_to(
    p: MotionSequence, start: np.ndarray, goal: np.ndarray, yaw_rad: float, carried: tuple[float, float] | None = None
) -> float:
    """Turn and walk to `goal`, perhaps with a load `carried` in front of and above the hips; return the yaw there."""
    walking = p.walking_posture_with_still_bar(start, goal)
    goal_rad = float(walking["yaw"][-1])
    if carried is None:
        p.turn_on_spot(start, yaw_rad, goal_rad, "turn")
    else:
        _in_both_hands(walking, *carried)
    p.blend_to(walking, 0.3 if carried is None else 0.3 + 0.3 * abs(goal_rad - yaw_rad), "walk")
    return goal_rad


def _go_back(p: MotionSequence, place: np.ndarray, yaw_rad: float) -> None:
    p.turn_on_spot(SPOT, _go_to(p, place, SPOT, yaw_rad), 0.0, "turn")


def _in_both_hands(posture: Posture, ahead_m: float, above_m: float) -> None:
    c, s = np.cos(posture["yaw"]), np.sin(posture["yaw"])
    for side in SIDES:
        out = SIGN[side] * 0.13
        posture[f"hand_x_{side}"] = posture["hip_x"] + ahead_m * c - out * s
        posture[f"hand_y_{side}"] = posture["hip_y"] + ahead_m * s + out * c
        posture[f"hand_z_{side}"] = posture["hip_z"] + above_m


def _carry(p: MotionSequence, where: np.ndarray, there: np.ndarray, kind: str) -> float:
    """Pick up a thing, carry it to another place, and return the lifter's yaw there, in radians."""
    yaw_rad = _go_to(p, SPOT, where, 0.0)
    carried = p.rng.uniform(0.2, 0.34), p.rng.uniform(-0.15, 0.2)
    p.blend_to(_reached(p, where, yaw_rad), (0.7, 1.6), kind)
    standing = moves.place_at(p.posture_between_reps((0.1, 0.8)), where, yaw_rad)
    _in_both_hands(standing, *carried)
    p.blend_to(standing, (0.7, 1.8), kind)
    return _go_to(p, where, there, yaw_rad, carried)


def _reached(p: MotionSequence, place: np.ndarray, yaw_rad: float) -> Posture:
    return moves.place_at(movements.reached_posture(p, "reach", p.count_frames((0.2, 1.0))), place, yaw_rad)


FREE: dict[str, Callable[[MotionSequence], None]] = {
    "walkin": _walk_in,
    "walkout": _walk_out,
    "load_plate": partial(_at_bar_end, name="load_plate"),
    "lift_end": partial(_at_bar_end, name="lift_end"),
    "rerack": lambda p: p.blend_to(p.posture_between_reps(0.5), 0.4, "idle"),
    "turn_around": _turn_around,
    "treadmill": _treadmill,
    "pick_up": _pick_up,
    "plate_carry": _plate_carry,
}
"""Movement that needs free hands, and that movements.yaml does not describe → function that appends the movement."""
