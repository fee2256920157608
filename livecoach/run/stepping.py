"""Runs a pipeline over observations that are already there."""

from collections.abc import Iterable, Iterator

from livecoach.pipeline import AutoPipeline, Pipeline
from livecoach.types import Observation, Step


def steps(pipeline: Pipeline | AutoPipeline, observations: Iterable[Observation]) -> Iterator[Step]:
    """Yield the step of each observation, and the one at the end of the source; nothing where there is no
    observation."""
    last: Observation | None = None
    for last in observations:
        yield pipeline.step(last)
    if last is not None:
        yield pipeline.finish(last)
