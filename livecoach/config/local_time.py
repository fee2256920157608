"""Times of this computer's zone. Nothing else turns a time into a local one, because a zone may be none that there can
be: `TZ=UTC+24` is one that the C library takes and Python refuses."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, with the zone's offset from UTC."""
    return local(datetime.now(UTC))


def local(time: datetime) -> datetime:
    """Return a time in the zone of this computer; in UTC where Python knows no such zone, or the calendar ends between.

    time: one without a zone is of this computer's. Raises OverflowError for one that lies outside the calendar in UTC.
    """
    try:
        return time.astimezone()
    except (ValueError, OverflowError, OSError):
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
