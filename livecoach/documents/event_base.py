"""What every event of a run has."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from livecoach.documents.analysis import SETTINGS
from livecoach.types.bounds import Number, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBase:
    """Fields of every event."""

    __pydantic_config__ = SETTINGS
    # Pydantic does not hand the strings under the fields on to the classes below, but what is annotated.
    t_s: Annotated[Seconds, Field(description="Timestamp of the frame, in seconds from the first frame.")]
    latency_ms: Annotated[
        Number | None,
        Field(description="Milliseconds from the frame's capture to the event; null where the source is not live."),
    ] = None
