"""Notice that the lifter does another exercise than the given one, from the beliefs of the recogniser. Pure."""

from collections.abc import Collection

from livecoach.types.feedback import Recognition
from livecoach.types.message import Message, in_words

WHOLE_REP_S = 2.0
"""How long the recogniser must be sure of another exercise (docs/figures.md)."""


class OtherLift:
    """Follows one source. It warns once of each exercise, and until a rep fits."""

    def __init__(self, given: Collection[str]) -> None:
        """Names by which the recogniser may know the given exercise."""
        self._given = given
        self._sure: tuple[str, float] | None = None  # the exercise that it is sure of, and since when
        self._warned: set[str] = set()
        self.like: str | None = None
        """What a whole rep looked like; None where it is the given exercise."""

    @property
    def warning(self) -> str | None:
        return None if self.like is None else advice(self.like)

    def step(self, t_s: float, now: Recognition, *, counted: bool) -> None:
        """counted: whether a rep of the given exercise has just counted."""
        other = now.name if now.sure and now.name is not None and now.name not in self._given else None
        if other is None:
            self._sure = None
        elif self._sure is None or self._sure[0] != other:
            self._sure = other, t_s
        elif t_s - self._sure[1] >= WHOLE_REP_S and other not in self._warned:
            self._warned.add(other)
            self.like = other
        if counted and other is None:
            self.like = None


def advice(exercise: str) -> str:
    """The reps look like those of `exercise`, which is not the given one."""
    return Message("this looks like {text}: press e", text=in_words(exercise))
