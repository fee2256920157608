"""A good rep of the lifter's own, as a reference holds it: measured at once, or when it is first compared."""

from livecoach.judging.population import Population
from livecoach.judging.rep_vector import RepVector, vector_of
from livecoach.rep.measures import Front
from livecoach.rep.view_normalised import normalised_rep, side
from livecoach.types import RepWindow


class ReferenceRep:
    """A good rep of the lifter's own, ready to be compared with."""

    def __init__(self, *, vector: RepVector, window: RepWindow) -> None:
        self.window = window
        self.azimuth_deg, self.mirrored = vector.azimuth_deg, vector.mirrored
        self._vector: RepVector | None = vector

    @property
    def vector(self) -> RepVector:
        """Its vector, with the values behind it."""
        if self._vector is None:
            raise ValueError("expected a rep that is measured")
        return self._vector

    @property
    def front(self) -> Front | None:
        """Which leg is in front, as RepVector says."""
        return self.vector.front


class StoredRep(ReferenceRep):
    """A rep of a profile. It is measured when it is first compared: most of a long history never are."""

    def __init__(
        self, window: RepWindow, population: Population, mirrored: bool | None, previous: "StoredRep | None"
    ) -> None:
        """window: one that normalised_rep can turn; mirrored: as normalised_rep's. previous: the rep before it of its
        set; None for the first."""
        self.window = window
        self.mirrored, self.azimuth_deg = side(window.known_view.azimuth_deg, mirrored)
        self._population = population
        self._previous = None if previous is None else (previous.window, previous.mirrored)
        self._vector = None

    @property
    def vector(self) -> RepVector:
        """Its vector, with the values behind it. Measured now, if it was not before."""
        if self._vector is None:
            seen = normalised_rep(self.window, self.mirrored)
            before = None if self._previous is None else normalised_rep(*self._previous)
            if seen is None:
                raise ValueError("expected a rep that was seen well enough")
            self._vector, self._previous = vector_of(seen, before, self._population), None
        return self._vector

    @property
    def front(self) -> Front | None:
        """Which leg is in front, as RepVector says. Without measuring where both legs do the same."""
        return None if self._population.table.legs == "alike" else self.vector.front
