"""Notice that the lifter does another exercise than the given one, from the beliefs of the recogniser. Pure."""

from collections.abc import Collection

from livecoach.types.feedback import Recognition
from livecoach.types.message import Message, in_words

WHOLE_REP_S = 2.0
"""How long the recogniser must be sure of another exercise. Of 262 real and synthetic sets, run as what they are, 8 are
warned of, most of them cleans that look like squats; of 382 run as a deadlift or a squat that they are not, 221. With
1.5 s it is 10 and 238, with 1 s 15 and 263, with 3 s 5 and 187."""


class OtherLift:
    """Follows one source. It warns once of each exercise, and until a rep fits."""

    def __init__(self, given: Collection[str]) -> None:
        """given: names by which the recogniser may know the given exercise."""
        self._given = given
        self._sure: tuple[str, float] | None = None  # the exercise that it is sure of, and since when
        self._warned: set[str] = set()
        self.like: str | None = None
        """The exercise that a whole rep looked like; None where it is the given one."""

    @property
    def warning(self) -> str | None:
        """Text of the warning; None where there is nothing to warn of."""
        return None if self.like is None else advice(self.like)

    def step(self, t_s: float, now: Recognition, *, counted: bool) -> None:
        """Take the belief at a time. counted: whether a rep of the given exercise has just counted."""
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
    """Return the warning that the reps look like those of `exercise`, which is not the given one."""
    return Message("this looks like {text}: press e", text=in_words(exercise))
