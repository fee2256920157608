"""Makes times in this computer's time zone.

Only this module makes local times, because the zone may be impossible: the C library accepts `TZ=UTC+24`, and Python
refuses it.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present time in this computer's zone, or in UTC if Python can't represent the zone."""
    return to_local(datetime.now(UTC))


def to_local(time: datetime) -> datetime:
    """Convert a time to this computer's zone, or to UTC if Python can't represent the zone or the result.

    A time without a zone counts as local time, or as UTC if Python can't represent the local zone or time.

    Raises OverflowError if the time is outside Python's calendar in UTC, too.
    """
    try:
        return time.astimezone()
    except (ValueError, OverflowError, OSError):
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
