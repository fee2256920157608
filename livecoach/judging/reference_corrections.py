"""What a lifter's reference and limits learn from corrections of reps. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from livecoach.types import ReferenceChange, RepWindow

IN_A_ROW = 3
"""Alarms in a row that are corrected to good reps before the limits widen."""
WIDER, WIDEST = 1.25, 2.0
"""Factor of one widening, and the largest factor. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorrectionEffect:
    """The effect of a correction on the reference and on the limits."""

    learned: tuple[RepWindow, ...] = ()
    """Reps that enter the reference."""
    forgotten: tuple[RepWindow, ...] = ()
    """Reps that leave it."""
    reference: ReferenceChange | None = None
    """Whether the rep entered or left the reference; None where nothing changed."""
    widened: bool = False
    """The limits are wider from now on."""


class Windowed(Protocol):
    """A rep that can be part of a reference."""

    @property
    def window(self) -> RepWindow:
        """Its window."""
        ...


K = TypeVar("K", bound=Windowed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReferenceReps(Generic[K]):
    """The reps that make a reference, in their order."""

    earlier: list[K]
    """Reps of earlier sets."""
    now: list[K]
    """Reps of the set under way."""
    first: list[K]
    """Reps of this set from before the reference was settled."""
    untold: list[K]
    """Reps that were not reported as learned yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a rep was before its first correction."""

    inside: bool
    first: bool
    untold: bool


class ReferenceCorrections(Generic[K]):
    """The corrections of one run, as far as the reference depends on them."""

    def __init__(self) -> None:
        self._places: dict[float, _Place] = {}  # by the start of the rep, as the next ones
        self._good: set[float] = set()
        self._excused: dict[float, bool] = {}  # in the order of the corrections

    @property
    def widening(self) -> float:
        """Return the factor on the limits."""
        return widening(self._excused.values())

    def called_good(self, rep: K) -> bool:
        """Return whether a correction calls the rep good; such a rep is never left out."""
        return rep.window.start_s in self._good

    def excuse(self, start_s: float, excused: bool | None) -> bool:
        """Take a correction of the rep that starts at `start_s`. Returns whether it widens the limits.

        excused: it calls a rep good that was judged anomalous; None: nothing is said of it any more.
        """
        before = self.widening
        self._excused.pop(start_s, None)
        if excused is not None:
            self._excused[start_s] = excused
        return self.widening > before

    def correct(
        self, held: ReferenceReps[K], rep: K, good: bool | None, *, of_set: bool
    ) -> tuple[ReferenceReps[K], CorrectionEffect]:
        """Return the reference after a correction of a rep of this run, and the effect.

        good: the rep enters it, and stays; False: it leaves it; None: it is where it was before anything was said.
        of_set: it is of the set under way.
        """
        start_s = rep.window.start_s
        inside = _holds(held.earlier, rep) or _holds(held.now, rep)
        place = _Place(inside=inside, first=_holds(held.first, rep), untold=_holds(held.untold, rep))
        was = self._places.setdefault(start_s, place)
        self._good.discard(start_s)
        if good is None:
            del self._places[start_s]
        elif good:
            self._good.add(start_s)
        wanted = was.inside if good is None else good
        reference: ReferenceChange | None = None if wanted == inside else "entered" if wanted else "left"
        if not wanted:
            gone = () if good is None and not inside else (rep.window,)
            return _without(held, rep), CorrectionEffect(forgotten=gone, reference=reference)
        if not inside:
            held = _with(held, rep, of_set=of_set, first=was.first and good is None, untold=was.untold)
        if good is None and (inside or was.untold):
            return held, CorrectionEffect(reference=reference)
        untold = [one for one in held.untold if one.window is not rep.window]
        held = ReferenceReps(earlier=held.earlier, now=held.now, first=held.first, untold=untold)
        return held, CorrectionEffect(learned=(rep.window,), reference=reference)


def widening(excused: Iterable[bool]) -> float:
    """Return the factor on the limits.

    excused: of each correction that stands, in the order in which they were given: it calls a rep good that was judged
    anomalous.
    """
    factor, row = 1.0, 0
    for one in excused:
        row = row + 1 if one else 0
        if row == IN_A_ROW:
            factor, row = min(factor * WIDER, WIDEST), 0
    return factor


def _with(held: ReferenceReps[K], rep: K, *, of_set: bool, first: bool, untold: bool) -> ReferenceReps[K]:
    return ReferenceReps(
        earlier=held.earlier if of_set else _in_order(held.earlier, rep),
        now=_in_order(held.now, rep) if of_set else held.now,
        first=_in_order(held.first, rep) if first and of_set else held.first,
        untold=_in_order(held.untold, rep) if untold else held.untold,
    )


def _without(held: ReferenceReps[K], rep: K) -> ReferenceReps[K]:
    earlier, now, first, untold = (
        [one for one in reps if one.window is not rep.window]
        for reps in (held.earlier, held.now, held.first, held.untold)
    )
    return ReferenceReps(earlier=earlier, now=now, first=first, untold=untold)


def _holds(reps: Sequence[K], rep: K) -> bool:
    return any(one.window is rep.window for one in reps)


def _in_order(reps: Sequence[K], rep: K) -> list[K]:
    """Insert a rep before the later ones of its set."""
    of_set = [(n, one.window) for n, one in enumerate(reps) if one.window.set_name == rep.window.set_name]
    place = next((n for n, kept in of_set if kept.start_s > rep.window.start_s), len(reps))
    return [*reps[:place], rep, *reps[place:]]
