"""Steps of the pipeline, and the values that they carry."""

from builders.observations import an_observation
from livecoach.types import Rep, Step


def a_rep(**changes: object) -> Rep:
    """A good first rep."""
    fields = {
        "index": 1,
        "start_s": 0.0,
        "turn_s": 1.0,
        "end_s": 2.0,
        "verdict": "good",
        "score": 0.4,
        "threshold": 1.0,
        "confidence": 1.0,
        "reference": "population",
    }
    return Rep(**{**fields, **changes})  # type: ignore[arg-type]


def a_step(**changes: object) -> Step:
    """A frame in which nothing happens."""
    fields: dict[str, object] = {
        "stage": None,
        "view": None,
        "progress": None,
        "count": 0,
        "rep": None,
        "partial": None,
        "cue": None,
        "notices": (),
        "warning": None,
    }
    observation = changes.pop("observation", None) or an_observation()
    return Step(observation=observation, **{**fields, **changes})  # type: ignore[arg-type]
