"""The findings of `livecoach doctor`."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "missing", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check."""

    name: str
    status: Status
    found: str
    advice: str | None = None
    """What to do; None if nothing needs doing."""
    needed: bool = True
    """Whether `livecoach live` needs it."""
