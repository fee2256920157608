"""Judges every movement that the state machine counts, even if the lift model would reject it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from livecoach.counting import lift_filter
from livecoach.pipeline import Pipeline
from livecoach.run.stepping import steps
from livecoach.types import Observation, Step


@contextmanager
def every_movement() -> Iterator[None]:
    """Disable the lift model in the block, so that the verdict is measured independently of counting."""
    kept = lift_filter.LiftFilter.counted
    lift_filter.LiftFilter.counted = lambda _, candidate, *__: (candidate,)  # type: ignore[method-assign]
    try:
        yield
    finally:
        lift_filter.LiftFilter.counted = kept  # type: ignore[method-assign]


def rep_steps(pipeline: Pipeline, observations: Sequence[Observation]) -> list[Step]:
    """Return the steps of a source that have reps, and the last one, which tells what is learned."""
    with every_movement():
        *before, last = steps(pipeline, observations)
        return [*(step for step in before if step.judged), last]
