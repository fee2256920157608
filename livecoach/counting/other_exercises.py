"""Count the reps of other exercises beside those of the chosen one, to notice when the lifter does one of them."""

from collections.abc import Mapping

from livecoach.counting.counter import Counter
from livecoach.counting.exercise_mismatch import ExerciseMismatch, ScoredMovement
from livecoach.frame.body import Body
from livecoach.types import Notice
from livecoach.types.message import Message


class OtherExercises:
    """Follows one source. It is deterministic: the same bodies give the same result."""

    def __init__(self, counters: Mapping[str, Counter]) -> None:
        """counters: counters of the other exercises by name."""
        self._counters, self._mismatch = dict(counters), ExerciseMismatch()

    @property
    def like(self) -> str | None:
        """The exercise that the latest reps look like; None where it is the chosen one."""
        return self._mismatch.like

    @property
    def warning(self) -> str | None:
        """Text of the warning; None where there is nothing to warn of."""
        return None if self.like is None else advice(self.like)

    def step(self, t_s: float, seen: Body | None, latest: ScoredMovement | None) -> tuple[Notice, ...]:
        """Add the body at a time and the latest movement of the chosen exercise, and return the notices."""
        before = self.warning
        for counter in self._counters.values():
            counter.step(t_s, seen)
        self._mismatch.step(latest, {name: counter.latest for name, counter in self._counters.items()})
        now = self.warning
        text = now or before
        if now == before or text is None:
            return ()
        return (Notice(kind="other_exercise", active=now is not None, text=text),)


def advice(exercise: str) -> str:
    """Return the warning that the reps look like those of `exercise`, which is not the chosen one."""
    return Message("these look like {text}s: press e", text=exercise.replace("_", " "))
