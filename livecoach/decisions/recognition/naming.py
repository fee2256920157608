"""Decides which exercise a set gets as its name, from the beliefs during the set.

Counting never waits for the name: in a first set, the likeliest exercise counts as soon as it is likelier than no
exercise. The exercise of the last set goes on until another exercise is clearly done: the recogniser believes in it,
and its counter finds reps while the counter of the last exercise finds no reps, or not more (measured in
docs/figures.md). If the lifter has named the exercise, the beliefs only show that another exercise is done
(`OtherExerciseWarning`).

`SetNaming` holds the state of the set under way and that of the last set. Every set is `Unknown` at first. An event
changes the state of the set under way; while that is `Unknown`, all but the first rep change the state of the last set.
The transitions, as `next_state` makes them:

    State                      Event                                          Next state
    -------------------------  ---------------------------------------------  -------------------------------
    Unknown                    FirstRep; last set Confirmed at the start      Confirmed at the start
    Unknown                    FirstRep; last set Confirmed, same exercise    Confirmed by the last set
    Unknown                    FirstRep; last set Tentative, which continues  Tentative, as the last set
    Unknown                    FirstRep otherwise                             Tentative
    Unknown or Tentative       Settled by anything                            Confirmed by that
    Tentative                  SetOver; the exercise was believed in          Confirmed by belief
    Tentative                  SetOver otherwise                              Tentative, with another exercise
    Confirmed by the last set  Settled by anything                            Confirmed by that
    Confirmed by the lifter    Settled by anything                            Confirmed by that
    Any other                  Any other                                      The same
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar, Literal

from livecoach.core.documents import WarningEvent
from livecoach.core.types import LikelyExercise, Recognition
from livecoach.core.types.message import Message, in_words
from livecoach.decisions.recognition.recogniser import BELIEVED
from livecoach.perception.body.visibility import warning_change

CLEARLY = 0.99  # Least belief in another exercise to replace the last set's exercise before a rep has counted
SLIGHT = 0.1  # Largest belief in another exercise at which a believed exercise needs no question. Our choice.
LEAST_REPS = 2  # Least reps that another exercise must find to replace the last set's exercise after a rep has counted

Settler = Literal["belief", "lifter", "length", "end"]
"""The cause that settles the exercise of a set: the recogniser's belief, the lifter's choice or correction, more frames
than are kept to count the set anew, or the end of the source."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The state of a set in which no rep has counted, and whose exercise nothing has settled yet."""

    exercise: ClassVar[None] = None


@dataclass(frozen=True, slots=True)
class Tentative:
    """The state of a set whose reps are counted as the likeliest exercise, which may still change."""

    exercise: str
    other: str | None = None  # Exercise that the lifter may choose once the set is over; None for no choice


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The state of a set whose exercise is taken as certain.

    An exercise from the last set may still be replaced. An exercise chosen during the set is replaced only by a
    correction, or at the end of the source.
    """

    exercise: str
    by: Settler | Literal["start", "last set"]


@dataclass(frozen=True, slots=True)
class FirstRep:
    """The event that a rep of an exercise was counted while the set had no exercise yet."""

    exercise: str
    continues: bool = False  # Whether the last set, which seemed over, continues with the rep


@dataclass(frozen=True, slots=True)
class Settled:
    """The event that the exercise of the set became certain."""

    exercise: str
    by: Settler


@dataclass(frozen=True, slots=True)
class SetOver:
    """The event that the set ended."""

    recognition: Recognition
    """The largest beliefs during the set in its exercise and in the likeliest other exercise."""


State = Unknown | Tentative | Confirmed
Event = FirstRep | Settled | SetOver


def next_state(state: State, event: Event, last: State) -> State:
    """Return the state of a set after an event; `last` is the state of the previous set."""
    match state, event:
        case Unknown(), FirstRep(exercise, continues):
            if isinstance(last, Confirmed) and last.exercise == exercise:
                return last if last.by == "start" else Confirmed(exercise, "last set")
            return last if continues and isinstance(last, Tentative) else Tentative(exercise)
        case ((Unknown() | Tentative() | Confirmed(by="last set" | "lifter")), Settled(exercise, by)):
            return Confirmed(exercise, by)
        case Tentative(exercise), SetOver(seen):
            is_alone = all(other.probability <= SLIGHT for other in seen.alternatives)
            other = next((other.name for other in seen.alternatives), None)
            is_believed = is_alone and seen.probability >= BELIEVED
            return Confirmed(exercise, "belief") if is_believed else Tentative(exercise, other)
    return state


class SetNaming:
    """Decides which exercise the current set is counted as, and how surely, by its events and the last set's state."""

    def __init__(self, chosen_exercise: str | None = None) -> None:
        """Begin before the first set, with the exercise that the lifter has named for all sets, if any."""
        self.begin_set(Unknown() if chosen_exercise is None else Confirmed(chosen_exercise, "start"))

    def begin_set(self, last: State) -> None:
        """Begin a set after a set with the state `last`."""
        self.last = last
        self.state: State = Unknown()
        self._peaks: dict[str, float] = {}  # exercise → largest belief in it during the set

    @property
    def latest_state(self) -> State:
        """The state of the set under way or, while this set is Unknown, of the last set."""
        return self.last if isinstance(self.state, Unknown) else self.state

    @property
    def is_tentative(self) -> bool:
        """Whether the exercise is Tentative in the current set or, while this set is Unknown, in the last set."""
        return isinstance(self.latest_state, Tentative)

    @property
    def offered_exercises(self) -> tuple[str, ...]:
        """The two exercises between which the lifter may choose, the counted exercise first; empty without a choice."""
        latest = self.latest_state
        return (latest.exercise, latest.other) if isinstance(latest, Tentative) and latest.other is not None else ()

    @property
    def is_settled(self) -> bool:
        """Whether the exercise of the set under way is certain, so that beliefs do not change it any more."""
        return isinstance(self.state, Confirmed) and self.state.by != "last set"

    def apply(self, event: Event) -> None:
        """Apply an event to the set under way.

        While this set is Unknown, events other than a FirstRep apply to the last set, unless both sets are Unknown.
        """
        concerns_last = isinstance(self.state, Unknown) and not isinstance(self.last, Unknown)
        if concerns_last and not isinstance(event, FirstRep):
            self.last = next_state(self.last, event, Unknown())
        else:
            self.state = next_state(self.state, event, self.last)

    def note_recognition(self, latest: Recognition) -> None:
        """Update the largest beliefs of the set, and settle its exercise if the recogniser is sure of this exercise."""
        beliefs = {other.name: other.probability for other in latest.alternatives}
        if latest.name is not None:
            beliefs[latest.name] = latest.probability
        for name, probability in beliefs.items():
            self._peaks[name] = max(probability, self._peaks.get(name, 0.0))
        if latest.sure and latest.name is not None and latest.name == self.state.exercise:
            self.apply(Settled(latest.name, "belief"))

    def end_set(self) -> Recognition | None:
        """End the set and begin the next; return `SetOver.recognition`, or None if the exercise was not Tentative."""
        name, was_open = self.latest_state.exercise, self.is_tentative
        others = (LikelyExercise(name=other, probability=peak) for other, peak in self._peaks.items() if other != name)
        likeliest = sorted(others, key=lambda other: -other.probability)[:1]
        peak = self._peaks.get(name or "", 0.0)
        seen = Recognition(name=name, probability=peak, alternatives=tuple(likeliest), sure=False)
        self.apply(SetOver(seen))
        self.begin_set(self.latest_state)
        return seen if was_open else None

    def exercise_before_first_rep(self, latest: Recognition) -> str | None:
        """Return the exercise to look for before a set's first rep; None in a first set if no exercise is likely.

        The exercise of the last set is kept until the recogniser is sure of another exercise, or its belief in another
        exercise reaches CLEARLY.
        """
        is_clear = latest.name is not None and (latest.sure or latest.probability >= CLEARLY)
        return latest.name if is_clear or self.last.exercise is None else self.last.exercise

    def reps_needed(self, reps: int) -> int:
        """Return how many reps of another exercise must be found in a set to replace an exercise with `reps` reps."""
        return max(LEAST_REPS, reps) if isinstance(self.state, Confirmed) else reps


SURE_FOR_S = 1.0  # Time in seconds for which the recogniser must be sure of another exercise


class OtherExerciseWarning:
    """Warns, once for each exercise, that the lifter seems to do an exercise that differs from the named exercise.

    A warning ends when a rep of the named exercise counts and the recogniser does not believe in another exercise.
    """

    def __init__(self, names: Collection[str]) -> None:
        """Start before the first observation. The recogniser may know the named exercise by any of `names`."""
        self._names = names
        self._sure: tuple[str, float] | None = None  # the other exercise that is sure, and since when
        self._warned: set[str] = set()
        self.similar_exercise: str | None = None  # the other exercise of the active warning; None without a warning
        self.warning: str | None = None  # text of the active warning

    def step(self, t_s: float, recognised: Recognition | None, *, counted: bool) -> tuple[WarningEvent, ...]:
        """Update the warning for a frame, and return its event if the warning begins, changes or ends.

        Args:
            recognised: The recognised exercise; None if no recogniser runs, which leaves the warning unchanged.
            counted: Whether a rep of the named exercise counted in this frame.
        """
        before = self.warning
        if recognised is None:
            return ()
        is_other = recognised.name not in (None, *self._names)
        other = recognised.name if is_other and recognised.sure else None
        if other is None:
            self._sure = None
        elif self._sure is None or self._sure[0] != other:
            self._sure = other, t_s
        elif t_s - self._sure[1] >= SURE_FOR_S and other not in self._warned:
            self._warned.add(other)
            self.similar_exercise, self.warning = other, other_exercise_hint(other)
        if counted and not (is_other and recognised.probability >= BELIEVED):  # Some squats count as deadlifts
            self.similar_exercise = self.warning = None
        return warning_change(t_s, "other_exercise", before, self.warning)


def other_exercise_hint(exercise: str) -> str:
    """Return a hint with the exercise that the reps look like, and with the key that changes the exercise."""
    return Message("this looks like {text}: press e", text=in_words(exercise))
