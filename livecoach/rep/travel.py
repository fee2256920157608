"""How the reps of an exercise travel: whose height leads them, and whether they begin upwards."""

from dataclasses import dataclass
from typing import Literal

Travel = Literal["bar", "hips", "raised_bar", "lowered_bar"]
"""Travel of a rep. bar: a bar that is pulled off the floor and lowered again. raised_bar: one that goes up from the
shoulders or from where it hangs, and down again. lowered_bar: one that goes down first. hips: those of a squat, which
go down first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelKind:
    """What a travel means for the phases of a rep."""

    of_hands: bool
    """The height of the hands, which hold the bar, leads the rep; else that of the hips."""
    up_first: bool
    """The rep begins with the ascent; else with the descent."""


KINDS: dict[Travel, TravelKind] = {
    "bar": TravelKind(of_hands=True, up_first=True),
    "raised_bar": TravelKind(of_hands=True, up_first=True),
    "lowered_bar": TravelKind(of_hands=True, up_first=False),
    "hips": TravelKind(of_hands=False, up_first=False),
}
