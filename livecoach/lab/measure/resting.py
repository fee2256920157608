"""What a live run loses by looking at few pictures while nothing happens.

Each clip is replayed as if it began in the middle of a rest, so the first rep is the hardest: once with the exercise
named, and once with it recognised.
"""

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

import numpy as np

from livecoach import assembly
from livecoach.config.settings import load_settings
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.counts import CountedClip, observed
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.pipeline import AutoPipeline, Pipeline
from livecoach.run.resting import RestingRate
from livecoach.types import Observation, Step

EVERY_FPS = 1000.0
"""Rate at rest that leaves out no picture."""
RESTED_S = -1e6
"""Time until which the lifter of a clip was awake: long before it began."""


class RestedReps(NamedTuple):
    """What a run makes of a clip."""

    verdicts: tuple[str, ...]
    """Of its reps, in order."""
    looked: int
    """Pictures that it looked at."""
    woke_s: float | None
    """When it began to look at each picture; None if nothing moved."""


class _Compared(NamedTuple):
    clip: CountedClip
    named: bool
    every: RestedReps
    resting: RestedReps


def measure_resting(clips: Sequence[CountedClip], cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Return which clips have other reps or verdicts where the run rests, and how many have the same."""
    fps = load_settings({}).capture.rest_fps
    coaches = {name: assembly.load(name) for name in {clip.exercise for clip in clips}}
    recognising = assembly.load_recognising()
    results: list[_Compared] = []
    done, lifted = count(), [clip for clip in clips if clip.reps]
    for clip in lifted:
        progress(f"resting in {clip.path.name}", next(done) / len(lifted))
        observations = observed(clip, cache, pose)
        for coach in (coaches[clip.exercise], recognising):
            runs = [
                reps_of(coach.pipeline((), pose=pose), observations, rate)
                for rate in (RestingRate(fps=rate_fps, awake_until_s=RESTED_S) for rate_fps in (EVERY_FPS, fps))
            ]
            results.append(_Compared(clip, coach is not recognising, *runs))
    return [_changed(results), _summary(results)]


def reps_of(pipeline: Pipeline | AutoPipeline, observations: Sequence[Observation], rate: RestingRate) -> RestedReps:
    """Return the reps of a source."""
    steps: list[Step] = []
    woke_s: float | None = None
    for observation in observations:
        if rate.looks(observation.t_s):
            steps.append(pipeline.step(observation))
            rate.step(steps[-1])
            if woke_s is None and not rate.is_resting(observation.t_s):
                woke_s = observation.t_s
    looked = len(steps)
    if steps:
        steps.append(pipeline.finish(steps[-1].observation))
    return RestedReps(tuple(one.rep.verdict for step in steps for one in step.judged), looked, woke_s)


def _changed(results: Sequence[_Compared]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            one.clip.path.name,
            _how(one.named),
            one.clip.reps,
            len(one.every.verdicts),
            len(one.resting.verdicts),
            sum(a != b for a, b in zip(one.every.verdicts, one.resting.verdicts, strict=False)),
        )
        for one in results
        if one.every.verdicts != one.resting.verdicts
    ]
    columns = ("clip", "exercise", "reps", "counted at the full rate", "counted from a rest", "other verdicts")
    return Table(title="Clips that a rest before them changes", columns=columns, rows=tuple(rows))


def _summary(results: Sequence[_Compared]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for named in (True, False):
        mine = [one for one in results if one.named == named]
        same = sum(len(one.every.verdicts) == len(one.resting.verdicts) for one in mine)
        alike = sum(one.every.verdicts == one.resting.verdicts for one in mine)
        looked = sum(one.resting.looked for one in mine) / max(sum(one.every.looked for one in mine), 1)
        late_s = [late for one in mine if (late := _late_s(one)) is not None] or [0.0]
        waking = Rounded(float(np.median(late_s)), 2), Rounded(max(late_s), 2)
        rows.append((_how(named), Share(same, len(mine)), Share(alike, len(mine)), Rounded(looked, 2), *waking))
    columns = (
        *("exercise", "same number of reps", "same verdicts", "share of pictures looked at"),
        *("wakes later by, s (median)", "(most)"),
    )
    return Table(title="Clips that begin in a rest", columns=columns, rows=tuple(rows))


def _late_s(one: _Compared) -> float | None:
    """Return how much later a run woke than one that looks at every picture; None where one of them never did."""
    if one.resting.woke_s is None or one.every.woke_s is None:
        return None
    return one.resting.woke_s - one.every.woke_s


def _how(named: bool) -> str:
    return "named" if named else "recognised"
