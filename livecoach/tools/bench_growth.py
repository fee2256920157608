"""How the cost of the decisions grows with the length of a session, and with the number of the lifter's own reps.

The observations of the demo clip's first turn are repeated, and go through the pipeline as fast as it takes them; pose
is estimated once. Run in a process of its own: `python -m livecoach.tools.bench_growth POSE LENGTHS REPS`.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path

import pydantic

from livecoach import assembly
from livecoach.assembly import Coach
from livecoach.config.paths import assets_dir
from livecoach.errors import OutputError
from livecoach.pose.opening import open_estimator
from livecoach.source.file import VideoFile
from livecoach.tools.bench_figures import percentile
from livecoach.tools.bench_memory import rss_mib
from livecoach.tools.children import answer
from livecoach.types import Observation, RepWindow

LENGTHS_S = (10.0, 60.0, 300.0, 1200.0, 3600.0)
OWN_REPS = (3, 10, 30, 100, 300, 500)
EXERCISE = "deadlift"
"""Exercise of the demo clip."""
LAST_S = 10.0
"""The cost at a length is that of so many seconds before it."""
GIVE_UP_S = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthCost:
    """What a frame costs after a session has run for some time."""

    length_s: float
    frame_ms: float
    """CPU time: mean over the last LAST_S before that."""
    frame_ms_p95: float
    rss_mib: float | None
    """Memory of the process; None if the system does not report it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepsCost:
    """What a lifter with so many own reps costs: one turn of the clip."""

    reps: int
    start_ms: float
    """CPU time of measuring the own reps, once, when the run starts."""
    frame_ms: float
    """CPU time, mean."""
    rep_ms: float | None
    """CPU time: median of the steps that complete a rep; None if there is none."""
    rss_mib: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Both."""

    by_length: tuple[LengthCost, ...]
    by_reps: tuple[RepsCost, ...]


def run_growth(pose: str, lengths_s: Sequence[float] = LENGTHS_S, reps: Sequence[int] = OWN_REPS) -> Growth:
    """Measure in a process of its own. Raises OutputError if it fails."""
    command = [sys.executable, "-m", __name__, pose, json.dumps(list(lengths_s)), json.dumps(list(reps))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=GIVE_UP_S, check=False)
    except subprocess.TimeoutExpired as err:
        raise OutputError(f"the measurement took more than {GIVE_UP_S:g} s.") from err
    if done.returncode or not done.stdout:
        why = done.stderr.strip().splitlines() or [f"the measurement ended with status {done.returncode}"]
        raise OutputError(why[-1])
    return pydantic.TypeAdapter(Growth).validate_json(done.stdout)


def observed(clip: Path, pose: str) -> tuple[Observation, ...]:
    """Estimate the poses of a clip once."""
    with closing(open_estimator(pose)) as estimator, closing(VideoFile(clip)) as video:
        observer = assembly.observer(estimator)
        return tuple(observer.observe(frame) for frame in iter(video.read, None))


def repeated(turn: Sequence[Observation]) -> Iterator[Observation]:
    """Repeat observations without an end, with times that keep rising."""
    interval_s = (turn[-1].t_s - turn[0].t_s) / (len(turn) - 1)
    period_s = turn[-1].t_s - turn[0].t_s + interval_s
    for number, one in enumerate(cycle(turn)):
        yield replace(one, index=number, t_s=one.t_s + number // len(turn) * period_s)


def by_length(
    step: Callable[[Observation], object],
    observations: Iterator[Observation],
    lengths_s: Sequence[float],
    clock: Callable[[], float] = time.thread_time,
    memory: Callable[[], float | None] = rss_mib,
) -> Iterator[LengthCost]:
    """Run observations up to each length in turn.

    lengths_s: rising, LAST_S or more apart. clock: CPU time in seconds.
    """
    for length_s in lengths_s:
        costs = []  # ms; of the last frames alone, so that they do not count as memory of the pipeline
        for one in observations:
            began_s = clock()
            step(one)
            if one.t_s > length_s - LAST_S:
                costs.append(1000 * (clock() - began_s))
            if one.t_s >= length_s:
                break
        yield LengthCost(
            length_s=length_s,
            frame_ms=sum(costs) / len(costs),
            frame_ms_p95=percentile(costs, 95) or 0.0,
            rss_mib=memory(),
        )


def own_reps(coach: Coach, turn: Sequence[Observation]) -> tuple[RepWindow, ...]:
    """Return the good reps of the clip."""
    pipeline = coach.pipeline()
    steps = [pipeline.step(one) for one in turn]
    return tuple(
        step.window
        for step in steps
        if step.rep is not None
        and step.rep.verdict == "good"
        and step.window is not None
        and step.window.view is not None
    )


def by_reps(coach: Coach, turn: Sequence[Observation], good: Sequence[RepWindow], reps: int) -> RepsCost:
    """Run one turn with so many own reps, which repeat the good ones in sets of five."""
    kept = [replace(one, set_name=f"set {number // 5}") for number, one in enumerate(islice(cycle(good), reps))]
    began_s = time.thread_time()
    pipeline = coach.pipeline(kept)
    start_ms, frames_ms, reps_ms = 1000 * (time.thread_time() - began_s), [], []
    for one in turn:
        began_s = time.thread_time()
        step = pipeline.step(one)
        frames_ms.append(1000 * (time.thread_time() - began_s))
        if step.rep is not None:
            reps_ms.append(frames_ms[-1])
    return RepsCost(
        reps=reps,
        start_ms=start_ms,
        frame_ms=sum(frames_ms) / len(frames_ms),
        rep_ms=percentile(reps_ms, 50),
        rss_mib=rss_mib(),
    )


def grow(pose: str, lengths_s: Sequence[float], reps: Sequence[int]) -> Growth:
    """Measure in this process. Raises LivecoachError."""
    turn, coach = observed(assets_dir() / "demo.mp4", pose), assembly.load(EXERCISE)
    of_length = tuple(by_length(coach.pipeline().step, repeated(turn), lengths_s))
    good = own_reps(coach, turn)
    if not good:
        raise OutputError(f"pose {pose}: the demo clip shows no good rep with it.")
    return Growth(by_length=of_length, by_reps=tuple(by_reps(coach, turn, good, number) for number in reps))


def main() -> None:
    """Measure what the arguments say, and print it as JSON."""
    pose, lengths_s, reps = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
    answer(lambda: grow(pose, lengths_s, reps))


if __name__ == "__main__":
    main()
