"""Plays a set token by token: pose parameters of every frame, with the ground truth of each rep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from livecoach.core.errors import ConfigError
from livecoach.lab.synth.figure.posture import Posture, solve
from livecoach.lab.synth.motion import breaks
from livecoach.lab.synth.motion.moves import OtherPerson, play_visit
from livecoach.lab.synth.motion.programme import Performer, Programme
from livecoach.lab.synth.motion.ranges import pick
from livecoach.lab.synth.motion.rep import RepTrajectory, Timing, moving, sample_rep
from livecoach.lab.synth.motion.tokens import PARTIAL, PEOPLE, REP, USUAL_SHARE, Deviation, Token
from livecoach.lab.truth import TrueEvent, TrueFault, TrueRep

OFF_FLOOR = 0.03  # share of the lift at which a rep starts
STILL_A_REP = 0.8  # share of the travel above which a partial rep counts as a rep
LEAST_SHARE = 0.1  # share of the travel below which a partial rep takes no less time


@dataclass(frozen=True, kw_only=True, eq=False)
class SetMotion:
    who: Performer
    fps: float
    posture: Posture
    reps: tuple[TrueRep, ...]
    events: tuple[TrueEvent, ...]
    others: tuple[OtherPerson, ...]  # with as many frames as the lifter's posture

    @cached_property
    def joints(self) -> tuple[np.ndarray, np.ndarray]:
        """As posture.solve."""
        return solve(self.who.body, self.posture)

    @cached_property
    def landmarks(self) -> np.ndarray:
        """World positions, (T, 33, 3), m."""
        return self.who.body.landmarks(*self.joints)


def play_set(
    who: Performer, tokens: Iterable[Token], rng: np.random.Generator, fps: float, view_deg: float = 0.0
) -> SetMotion:
    """view_deg: as Programme's. Raises ConfigError for a sequence that can't be played."""
    p, whole = Programme(who, rng, fps, view_deg), tuple(tokens)
    visits: list[tuple[str, int]] = []
    p.place.begin(whole)
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
            breaks.play(p, token)
    if not p.parts:
        raise ConfigError("a set of other people alone: give the lifter something to do, for example idle")
    others = tuple(play_visit(p, *visit, p.view_rad, p.count) for visit in visits)
    return SetMotion(
        who=who, fps=p.fps, posture=p.finished(), reps=tuple(p.reps), events=tuple(p.events), others=others
    )


def _rep(p: Programme, token: Token, after: Token | None, through: float) -> None:
    """through: position of the rep in the set, 0..1."""
    breaks.grip(p)
    deviations = tuple(_with_way(p, d) for d in token.deviations)
    faults = {d.fault: d for d in deviations}
    if "stance_shift" in faults and p.reps:
        p.place.step(p.rng, faults["stance_shift"])
        p.go(p.still(p.frames(0.2)), 0.5, "setup")
    tired = p.lifter.drift * through
    timing = _timing(p, deviations, tired)
    if after is not None and any(d.fault == "bounced" for d in after.deviations):
        timing.back = moving(0.0, 0.4)
    curve = sample_rep(timing, p.fps, p.lift.turns_low, p.left)
    p.left = timing.ends
    _note(p, deviations, curve)
    p.pull(curve, deviations, tired, REP)
    if after is None or after.name != REP:
        p.hold(timing.rest_s, REP)


def _partial(p: Programme, share: float, through: float) -> None:
    """Play that share of the travel and back; above STILL_A_REP it counts as a rep."""
    breaks.grip(p)
    tired = p.lifter.drift * through
    timing = _timing(p, (), tired)
    timing.amplitude *= share
    timing.away_s, timing.back_s = (s * np.sqrt(max(share, LEAST_SHARE)) for s in (timing.away_s, timing.back_s))
    curve = sample_rep(timing, p.fps, p.lift.turns_low)
    p.left = 0.0
    is_rep = share > STILL_A_REP
    if is_rep:
        _note(p, (), curve)
    p.pull(curve, (), tired, REP if is_rep else PARTIAL, None if is_rep else share)
    p.hold(timing.rest_s, REP if is_rep else "ready")


def _timing(p: Programme, deviations: Sequence[Deviation], tired: float) -> Timing:
    """With the rep's faults. tired: position in the set times the lifter's drift."""
    timing = p.lift.timing(p.rng, p.lifter, tired)
    for deviation in deviations:
        p.lift.faults[deviation.fault][deviation.way].timing(timing, deviation.knob)
    return timing


def _with_way(p: Programme, deviation: Deviation) -> Deviation:
    drawn = pick(p.rng, tuple(p.lift.faults[deviation.fault]))
    return deviation if deviation.way else deviation._replace(way=drawn)


def _note(p: Programme, deviations: Sequence[Deviation], curve: RepTrajectory) -> None:
    most, ends = curve.lift.max(), np.where(curve.back, curve.lift[-1], curve.lift[0])
    moving = np.flatnonzero(curve.lift - ends > OFF_FLOOR * (most - ends))
    start, turn = int(p.count + moving[0]), int(p.count + curve.turn)
    end = int(p.count + min(moving[-1] + 1, len(curve.lift) - 1))
    p.reps.append(
        TrueRep(
            index=len(p.reps) + 1,
            faults=tuple(TrueFault(name=d.fault, way=d.way, knob=round(d.knob, 3)) for d in deviations),
            start_frame=start,
            turn_frame=turn,
            end_frame=end,
            start_s=p.seconds_at(start),
            turn_s=p.seconds_at(turn),
            end_s=p.seconds_at(end),
        )
    )
