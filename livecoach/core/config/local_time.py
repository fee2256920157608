"""Times in this computer's zone. Only this module makes local times, because the zone may be an impossible one: the C
library accepts `TZ=UTC+24`, and Python refuses it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The time, with the zone's offset from UTC."""
    return local(datetime.now(UTC))


def local(time: datetime) -> datetime:
    """A time in the zone of this computer; in UTC where Python refuses the zone, or the calendar ends between. time: in
    this computer's zone where it has none. Raises OverflowError where it lies outside the calendar in UTC."""
    try:
        return time.astimezone()
    except (ValueError, OverflowError, OSError):
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
