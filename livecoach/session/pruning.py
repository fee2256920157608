"""Which sessions go, by age and by size: the oldest first. Nothing is taken away here (`removing`)."""

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
    """A session, as far as it matters here."""

    name: str
    started: datetime | None
    """With the offset from UTC; of a session that does not tell it None: it is left alone."""
    size_bytes: int
    """Of the whole folder."""
    video_bytes: int
    """Of its video; 0 without one."""
    recording: bool
    """It is being recorded, and left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRules:
    """What is wanted; one of the two at the least."""

    before: datetime | None
    """What began before this goes; None: age does not matter."""
    keep_bytes: int | None
    """More than this is not to be left; None: size does not matter."""
    videos: bool
    """Only videos go; the rest of the session stays."""


def plan_pruning(sessions: Iterable[PruneCandidate], rules: PruneRules) -> tuple[PruneCandidate, ...]:
    """Those that go, or whose videos go, the oldest first: all that are too old, and then as many as it takes."""
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
    """What "90d", "12w", "6m" (of 30 days) and "1y" (of 365) say. Raises ConfigError."""
    found = _AGE.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        raise ConfigError(f"{text!r}: no age. Write days, weeks, months or years, as in 90d, 12w, 6m or 1y.")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def parse_size(text: str) -> int:
    """Bytes that "5GB", "1.5 GB" and "800M" say, a thousand to the next unit. Raises ConfigError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"{text!r}: no size. Write it as in 500MB or 5GB.")
    return round(float(found[1]) * _BYTES[found[2].upper()])
