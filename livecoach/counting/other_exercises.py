"""Counts the reps of other exercises beside those of the one that was asked for, to notice where one of them is done.
Pure."""

from collections.abc import Mapping

from livecoach.counting.counter import Counter
from livecoach.counting.mistaken import Looked, Mistaken
from livecoach.frame.body import Body
from livecoach.types import Notice


class OtherExercises:
    """Follows one source. Deterministic: the same bodies give the same."""

    def __init__(self, counters: Mapping[str, Counter]) -> None:
        """counters: by the names of the exercises."""
        self._counters, self._mistaken = dict(counters), Mistaken()

    @property
    def like(self) -> str | None:
        """The exercise that the latest reps look like, where it is another one than was asked for."""
        return self._mistaken.like

    @property
    def warning(self) -> str | None:
        """What to do about it; None where there is nothing to do."""
        return None if self.like is None else advice(self.like)

    def step(self, t_s: float, seen: Body | None, latest: Looked | None) -> tuple[Notice, ...]:
        """Take what is seen at a time, and the latest movement of the exercise that was asked for; news, if any."""
        before = self.warning
        for counter in self._counters.values():
            counter.step(t_s, seen)
        self._mistaken.step(latest, {name: counter.latest for name, counter in self._counters.items()})
        now = self.warning
        text = now or before
        if now == before or text is None:
            return ()
        return (Notice(kind="other_exercise", active=now is not None, text=text),)

    def doubt(self, start_s: float, end_s: float, latest: Looked | None) -> str | None:
        """Why a rep is not judged: it looks like one of another exercise; None where it does not.

        latest: the latest movement of the exercise that was asked for.
        """
        own = latest.own if latest is not None and latest.counts else 0.0
        like = self._mistaken.of(start_s, end_s, own)
        return None if like is None else f"looks like a {like}"


def advice(exercise: str) -> str:
    """What to do where the reps look like those of `exercise`, which is not the one that was asked for."""
    return f"these look like {exercise}s: press e"
