"""What a doctor's look at one thing gives."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "missing", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    status: Status
    found: str
    advice: str | None = None
    """What to do, where something is to be done."""
    needed: bool = True
    """`livecoach live` can't run without it."""
