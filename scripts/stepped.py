"""A pipeline over stored observations."""

from collections.abc import Iterator, Sequence

from livecoach.pipeline import Pipeline
from livecoach.types import Observation, Step


def steps(pipeline: Pipeline, observations: Sequence[Observation]) -> Iterator[Step]:
    """Each step, and that at the end of the source."""
    for observation in observations:
        yield pipeline.step(observation)
    yield pipeline.finish(observations[-1])
