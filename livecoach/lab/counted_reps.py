"""Counts and judges the reps of stored observations."""

from collections.abc import Iterator, Sequence

from livecoach.assembly import Coach
from livecoach.types import JudgedRep, Observation


def counted_reps(observations: Sequence[Observation], coach: Coach, pose: str) -> Iterator[JudgedRep]:
    """Yield the reps that the pipeline counts, in order. pose: name of the pose model."""
    pipeline = coach.pipeline(learn=False, pose=pose)
    for step in (*map(pipeline.step, observations), *(pipeline.finish(last) for last in observations[-1:])):
        yield from step.judged
