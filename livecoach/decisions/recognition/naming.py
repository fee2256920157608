"""Names the exercise of a set from the beliefs during it. Pure.

Counting never waits for the name: in a first set, the likeliest exercise counts as soon as it is likelier than none.
The exercise of the last set goes on until another exercise is clearly done: the recogniser believes in it, and its own
counter finds reps while that of the last exercise finds none, or not more (measured in docs/figures.md). If the lifter
has named the exercise, the beliefs only show that another exercise is done (`OtherLift`).
"""

from collections.abc import Collection

from livecoach.core.types import LikelyExercise, Notice, Observation, Recognition
from livecoach.core.types.message import Message, in_words
from livecoach.decisions.recognition.recogniser import BELIEVED, Recogniser
from livecoach.perception.body.body import Body

CLEARLY = 0.99  # Least belief in another exercise for it to replace that of the last set before a rep has counted
SLIGHT = 0.1  # Largest belief in another exercise at which a believed exercise needs no question. Our choice.
LEAST_REPS = 2  # Least reps that another exercise must find to replace that of the last set after a rep has counted


class Naming:
    """Names the set under way, or the next set: which exercise counts, which exercise takes its place, and when.

    The name of a set that has counted may stay open until the next set begins.
    """

    def __init__(self, named: str | None = None) -> None:
        """Begin with the exercise of all sets if the lifter has named it, or with None."""
        self._is_named = named is not None
        self.question: tuple[str, ...] = ()  # two exercises between which the lifter may choose for the last set
        self._open: int | None = None  # number of the last set, if its name is open
        self.begin(named)

    def begin(self, going_on: str | None, *, doubted: bool = False) -> None:
        """Begin to name the next set.

        Args:
            going_on: Exercise of the last set; None in a first set.
            doubted: Whether that name is open.
        """
        self.going_on = going_on
        self._known = None if doubted else going_on  # the exercise that needs no further confirmation
        self.settled = self._is_named  # whether the name no longer changes by itself
        self.has_counted = False  # whether a rep of the set has counted
        self._now: Recognition | None = None
        self._peaks: dict[str, float] = {}  # exercise → largest belief in it

    @property
    def is_open(self) -> bool:
        """Whether the last set's name is only the likeliest."""
        return self._open is not None

    def counted(self, name: str, index: int, *, began: bool) -> None:
        """Note that a rep counts.

        Args:
            name: Exercise of the rep.
            index: Number of its set.
            began: Whether it begins a set; the last set then keeps its name.
        """
        if not self.has_counted:
            was_open = self.is_open
            if began:
                self.give_up()
                self.question = ()
            if was_open or self.going_on != name:
                self._open = index
        self.has_counted = True
        self.settle(name)

    def over(self, name: str) -> Recognition | None:
        """End the set: ask for its name if that is in doubt, and begin to name the next set.

        Return what the set looked like if its name was open; otherwise None.
        """
        self.confirm()
        found = self._summary(name) if self.is_open else None
        if self._believes(name):
            self._open = None
        self.question = self._doubts(name) if self.is_open else ()
        self.begin(name, doubted=self.is_open)
        return found

    def confirm(self) -> bool:
        """Return whether the set has counted and its name is settled; it is then no longer open."""
        if self.settled and self.has_counted:
            self._open = None
        return self.settled and self.has_counted

    def answer(self) -> None:
        """Note that the lifter has named the last set."""
        self._open, self.question = None, ()

    def give_up(self) -> None:
        """Note that nobody has answered."""
        self._open = None

    def add(self, now: Recognition) -> None:
        """Add the latest belief."""
        self._now = now
        for likely in now.likely:
            self._peaks[likely.name] = max(likely.probability, self._peaks.get(likely.name, 0.0))

    @property
    def likeliest(self) -> str | None:
        """The exercise that may count while no rep of the set has counted; None if nothing is done."""
        now = self._now
        if self.going_on is None or now is None:
            return self.going_on if now is None else now.name
        clearly = now.name is not None and (now.sure or now.probability >= CLEARLY)
        return now.name if clearly else self.going_on

    def settle(self, counting: str) -> None:
        """Settle the name if the latest belief confirms the exercise whose reps have counted."""
        self.settled |= self._now is not None and self._now.name == counting and self._now.sure

    def rival(self, counting: str) -> str | None:
        """Return the exercise that replaces the counting exercise if it finds enough reps; None if there is none."""
        now = self._now
        return now.name if now is not None and now.sure and now.name != counting else None

    def enough(self, counting: str, reps: int) -> int:
        """Return how many reps a rival must find.

        Args:
            counting: The exercise that counts.
            reps: Number of reps that have counted.
        """
        return max(LEAST_REPS if counting == self._known and reps else 1, reps)

    def _doubts(self, counted: str) -> tuple[str, ...]:
        """Return the exercises between which the lifter may choose, the counted exercise first; empty if certain."""
        other = self._other(counted)
        return () if other is None or self._believes(counted) else (counted, other)

    def _believes(self, counted: str) -> bool:
        """Return whether the name of a finished set is certain."""
        if self.settled or counted == self._known:
            return True
        other = self._other(counted)
        alone = other is None or self._peaks[other] <= SLIGHT
        return alone and self._peaks.get(counted, 0.0) >= BELIEVED

    def _summary(self, counted: str) -> Recognition:
        other = self._other(counted)
        likely = () if other is None else (LikelyExercise(name=other, probability=self._peaks[other]),)
        return Recognition(name=counted, probability=self._peaks.get(counted, 0.0), alternatives=likely, sure=False)

    def _other(self, counted: str) -> str | None:
        """Return the likeliest other exercise; None if no other was likely."""
        others = (name for name in self._peaks if name != counted)
        return max(others, key=lambda name: self._peaks[name], default=None)


WHOLE_REP_S = 1.0  # Time in seconds for which the recogniser must be sure of another exercise


class OtherLift:
    """Warns if the lifter does another exercise than the named one: once of each exercise, and until a rep fits."""

    def __init__(self, names: Collection[str], recogniser: Recogniser | None) -> None:
        """Start a source.

        Args:
            names: Names by which the recogniser may know the named exercise.
            recogniser: Recognises exercises; None to notice nothing.
        """
        self._names, self._recogniser = names, recogniser
        self._sure: tuple[str, float] | None = None  # the exercise of which it is sure, and since when
        self._warned: set[str] = set()
        self.like: str | None = None  # the exercise that a whole rep looked like; None for the named exercise

    @property
    def warning(self) -> str | None:
        """The warning that is active; None if there is none."""
        return None if self.like is None else advice(self.like)

    def step(self, observation: Observation, body: Body | None, *, counted: bool) -> tuple[Notice, ...]:
        """Return the warning that the lifter does another exercise, if it begins or ends.

        Args:
            observation: The observation.
            body: The lifter's body; None if nobody is in view.
            counted: Whether a rep of the named exercise has just counted.
        """
        before = self.warning
        if self._recogniser is not None:
            self._follow(observation.t_s, self._recogniser.step(observation, body), counted=counted)
        if self.warning == before:
            return ()
        return (Notice(kind="other_exercise", active=self.warning is not None, text=self.warning or before or ""),)

    def _follow(self, t_s: float, now: Recognition, *, counted: bool) -> None:
        other = now.name if now.sure and now.name is not None and now.name not in self._names else None
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
    """Return the advice for reps that look like those of an exercise that was not named."""
    return Message("this looks like {text}: press e", text=in_words(exercise))
