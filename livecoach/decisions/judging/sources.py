"""Where the reps of a reference come from."""

from dataclasses import dataclass
from typing import Literal

from livecoach.core.types import ReferenceName


@dataclass(frozen=True, slots=True, kw_only=True)
class RepSource:
    """Where the reps of a reference come from, and what follows from that."""

    name: ReferenceName
    """Name of the reference for the lifter, unless the lifter has confirmed one of its reps: then they are "own"."""
    limit: Literal["set", "session", "everybody"]
    """Field of the trained Limits that holds the limit of the distance."""
    apart: Literal["nothing", "sets", "days"]
    """What lies between its reps and the judged rep. The camera may have been moved; after days, more has changed."""


EARLIER_DAYS = RepSource(name="own", limit="session", apart="days")
EARLIER_SET = RepSource(name="session", limit="session", apart="sets")
THIS_SET = RepSource(name="none", limit="set", apart="nothing")
EVERYBODY = RepSource(name="none", limit="everybody", apart="nothing")
