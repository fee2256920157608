"""Standards that a rep is held against, chosen by the lifter, and the result for one rep."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from livecoach.types.bounds import Number
from livecoach.types.message import Message

StandardName = Literal["depth"]
StandardVerdict = Literal["met", "missed", "close"]
DepthStandard = Literal["parallel", "below", "none"] | Annotated[float, Field(ge=15, le=70)]
CountedReps = Literal["all", "standard"]
BELOW_CM = 3.0
"""How far below parallel "below" is: clearly lower for a referee who looks from the side. Our choice."""
UNDER_KNEE_CM = {"parallel": 0.0, "below": BELOW_CM}
"""How far under the top of the knee the hip crease is to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """The standards that the lifter chose."""

    depth: DepthStandard = "parallel"
    """How deep a squat is to be: parallel (the hip crease level with the top of the knee), below (3 cm lower), a number
    (the height of a box in cm), or none."""
    count: CountedReps = "all"
    """Which reps count: all, or those that miss no standard."""

    @property
    def under_knee_cm(self) -> float | None:
        """How far under the top of the knee the hip crease is to come; None for a box and for no standard of depth."""
        return None if isinstance(self.depth, float) else UNDER_KNEE_CM.get(self.depth)


SHOWN = Standards()  # of a lifter who chose none: depth is shown, and all reps count
COUNTED: dict[CountedReps, str] = {"all": "all reps", "standard": "deep reps only"}


def depth_words(depth: DepthStandard) -> str:
    """Return a standard of depth as it is shown: "to parallel", "box 35 cm"."""
    if isinstance(depth, float):
        return Message("box {text}", text=Message("{n} cm", n=f"{depth:g}"))
    return {"parallel": "to parallel", "below": "below parallel", "none": "not checked"}[depth]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardResult:
    """A rep held against a standard that the lifter chose, such as a squat to parallel."""

    name: StandardName
    """depth: how low the hips came."""
    verdict: StandardVerdict
    """close: nearer to the standard than the error of the measurement, so it is neither met nor missed."""
    off: Number
    """Distance from the standard, in `unit`; above 0 on the side that misses it, such as hips that stay too high."""
    deviation: Number
    """Standard deviation of its error, in `unit`."""
    unit: Literal["cm"]
    """Unit of both."""

    @property
    def words(self) -> str:
        """The result as it is shown beside the rep's number: "deep", "high 4 cm", "close"."""
        if self.verdict == "missed":
            return Message("high {text}", text=Message("{n} cm", n=f"{self.off:.0f}"))
        return "deep" if self.verdict == "met" else "close"
