"""Chooses the sessions to delete by age and total size, oldest first. `deleting` deletes them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from livecoach.errors import ConfigError

_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_BYTES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_AGE = re.compile(r"([0-9]{1,6})\s*([dwmy])")
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([KMGT]?)B?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneCandidate:
    """A session, as far as pruning needs it."""

    name: str
    started: datetime | None
    """With the offset from UTC. A session without it is never pruned."""
    size_bytes: int
    """Size of the whole folder."""
    video_bytes: int
    """Size of the video; 0 without one."""
    recording: bool
    """Whether it is being recorded; then it is never pruned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRules:
    """What to prune; at least one of `before` and `keep_bytes` is set."""

    before: datetime | None
    """Sessions that began before this are pruned; None: any age is kept."""
    keep_bytes: int | None
    """Total size to keep at most; None: any size is kept."""
    videos: bool
    """Only videos are deleted; the rest of each session stays."""


def plan_pruning(sessions: Iterable[PruneCandidate], rules: PruneRules) -> tuple[PruneCandidate, ...]:
    """Return the sessions to prune, oldest first: all that are too old, then as many as the total size requires."""
    everything = list(sessions)
    left_bytes = sum(session.size_bytes for session in everything)
    going = []
    for session in sorted(everything, key=_age):
        size_bytes = session.video_bytes if rules.videos else session.size_bytes
        if session.started is None or session.recording or (rules.videos and not size_bytes):
            continue
        too_old = rules.before is not None and session.started < rules.before
        too_much = rules.keep_bytes is not None and left_bytes > rules.keep_bytes
        if too_old or too_much:
            going.append(session)
            left_bytes -= size_bytes
    return tuple(going)


def _age(session: PruneCandidate) -> tuple[float, str]:
    return (0.0 if session.started is None else session.started.timestamp()), session.name


def parse_age(text: str) -> timedelta:
    """Parse an age such as "90d", "12w", "6m" (of 30 days) or "1y" (of 365 days). Raises ConfigError."""
    found = _AGE.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        raise ConfigError(f"{text!r}: not an age. Write days, weeks, months or years, as in 90d, 12w, 6m or 1y.")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def parse_size(text: str) -> int:
    """Parse a size such as "5GB", "1.5 GB" or "800M" into bytes, with a factor of 1000 between units. Raises
    ConfigError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"{text!r}: not a size. Write it as in 500MB or 5GB.")
    return round(float(found[1]) * _BYTES[found[2].upper()])
