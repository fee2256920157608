"""Names of the parts of a rep, in the order in which an exercise goes through them."""

from dataclasses import dataclass

from livecoach.rep.travel import KINDS, Travel

_REST: dict[Travel, str] = {"bar": "floor", "raised_bar": "start", "lowered_bar": "top", "hips": "standing"}
"""Travel → the name of where a rep begins and ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepParts:
    """The names of a rep's parts."""

    ways: tuple[str, str, str]
    """The way out, the turn, and the way back."""
    ends: tuple[str, str, str]
    """Where a rep begins, turns and ends."""


def rep_parts(travel: Travel, turn: str) -> RepParts:
    """Return the names for the reps of an exercise. travel: as FaultTable's. turn: as Exercise's."""
    out, back = ("way up", "way down") if KINDS[travel].up_first else ("way down", "way up")
    return RepParts(ways=(out, turn, back), ends=(_REST[travel], turn, _REST[travel]))
