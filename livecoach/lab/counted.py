"""The reps that livecoach counts in what was seen of a recording."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from livecoach.assembly import Coach
from livecoach.types import KeptRep, Observation, Rep


class CountedRep(NamedTuple):
    """A rep, and what was seen of it."""

    rep: Rep
    window: KeptRep | None
    """None where the view is not known."""


def counted_reps(observations: Sequence[Observation], coach: Coach, pose: str) -> Iterator[CountedRep]:
    """In order. pose: name of the pose model."""
    pipeline = coach.pipeline(learn=False, pose=pose)
    for step in (*map(pipeline.step, observations), *(pipeline.finish(last) for last in observations[-1:])):
        if step.rep is not None:
            yield CountedRep(step.rep, step.window)
