"""Name the exercise of a set from the beliefs during it. Pure.

Counting never waits for the name: in a first set the likeliest exercise counts as soon as it is likelier than none. The
exercise of the last set goes on until another is clearly done: the recogniser believes in it, and its own counter finds
reps where the last one's finds none, or no more. Measured in docs/figures.md. Where the lifter has named the exercise,
the beliefs only tell that another one is done (`OtherLift`).
"""

from collections.abc import Collection

from livecoach.core.types import LikelyExercise, Notice, Observation, Recognition
from livecoach.core.types.message import Message, in_words
from livecoach.decisions.recognition.recogniser import BELIEVED, Recogniser
from livecoach.perception.body.body import Body

CLEARLY = 0.99  # belief in another exercise at which it may replace the last set's before a rep has counted
SLIGHT = 0.1  # largest belief in another exercise at which a believed one needs no question. Our choice.
LEAST_REPS = 2  # reps that another exercise must find before the last set's gives way to it, where that has counted one


class Naming:
    """The name of the set under way, or of the next one: which exercise counts, which other one takes its place, and
    when that is settled. The name of a set that has counted may stay open until the next set begins."""

    def __init__(self, given: str | None = None) -> None:
        """given: exercise of all sets, which the lifter has named."""
        self._is_given = given is not None
        self.question: tuple[str, ...] = ()  # between which two the lifter may choose for the last set
        self._open: int | None = None  # number of the last set, if its name is open
        self.begin(given)

    def begin(self, going_on: str | None, *, doubted: bool = False) -> None:
        """Begin to name the next set. going_on: exercise of the last one; None in a first set. doubted: whether that
        name is open."""
        self.going_on = going_on
        self._known = None if doubted else going_on  # what needs no further confirmation
        self.settled = self._is_given  # the name no longer changes by itself
        self.has_counted = False  # a rep of the set
        self._now: Recognition | None = None
        self._peaks: dict[str, float] = {}  # exercise → largest belief in it

    @property
    def is_open(self) -> bool:
        """The last set's name is only the likeliest one."""
        return self._open is not None

    def counted(self, name: str, index: int, *, began: bool) -> None:
        """A rep counts. index: number of its set. began: it does not go on with the last set, which keeps its name."""
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
        """The set is over: ask for its name if that is in doubt, and begin to name the next one. Return what the set
        looked like, if its name was open."""
        self.confirm()
        found = self._summary(name) if self.is_open else None
        if self._believes(name):
            self._open = None
        self.question = self._doubts(name) if self.is_open else ()
        self.begin(name, doubted=self.is_open)
        return found

    def confirm(self) -> bool:
        """Whether the name of a set that has counted is settled; it is then no longer open."""
        if self.settled and self.has_counted:
            self._open = None
        return self.settled and self.has_counted

    def answer(self) -> None:
        """The lifter has said what the last set was."""
        self._open, self.question = None, ()

    def give_up(self) -> None:
        """Nobody has answered."""
        self._open = None

    def add(self, now: Recognition) -> None:
        self._now = now
        for one in now.likely:
            self._peaks[one.name] = max(one.probability, self._peaks.get(one.name, 0.0))

    @property
    def likeliest(self) -> str | None:
        """The exercise that may count while no rep of the set has counted; None where nothing is done."""
        now = self._now
        if self.going_on is None or now is None:
            return self.going_on if now is None else now.name
        clearly = now.name is not None and (now.sure or now.probability >= CLEARLY)
        return now.name if clearly else self.going_on

    def settle(self, counting: str) -> None:
        """Settle the name if the latest belief confirms the exercise whose reps have counted."""
        self.settled |= self._now is not None and self._now.name == counting and self._now.sure

    def rival(self, counting: str) -> str | None:
        """The exercise that is done in place of the one that counts, if it finds enough reps."""
        now = self._now
        return now.name if now is not None and now.sure and now.name != counting else None

    def enough(self, counting: str, reps: int) -> int:
        """How many reps a rival must find. reps: those that have counted."""
        return max(LEAST_REPS if counting == self._known and reps else 1, reps)

    def _doubts(self, counted: str) -> tuple[str, ...]:
        """Between which the lifter may choose after the set, the counted one first; empty without a doubt."""
        other = self._other(counted)
        return () if other is None or self._believes(counted) else (counted, other)

    def _believes(self, counted: str) -> bool:
        """Whether the name of a set that is over can stand without a doubt."""
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
        """The likeliest other exercise; None where nothing else was likely."""
        others = (name for name in self._peaks if name != counted)
        return max(others, key=lambda name: self._peaks[name], default=None)


WHOLE_REP_S = 1.0  # how long the recogniser must be sure of another exercise, which it is after a second of belief


class OtherLift:
    """Follows one source. It warns once of each exercise, and until a rep fits."""

    def __init__(self, given: Collection[str], recogniser: Recogniser | None) -> None:
        """given: names by which the recogniser may know the given exercise. recogniser: None notices nothing."""
        self._given, self._recogniser = given, recogniser
        self._sure: tuple[str, float] | None = None  # the exercise that it is sure of, and since when
        self._warned: set[str] = set()
        self.like: str | None = None  # what a whole rep looked like; None for the given exercise

    @property
    def warning(self) -> str | None:
        return None if self.like is None else advice(self.like)

    def step(self, observation: Observation, body: Body | None, *, counted: bool) -> tuple[Notice, ...]:
        """Return the warning that the lifter does another exercise, where it begins or ends. counted: whether a rep of
        the given one has just counted."""
        before = self.warning
        if self._recogniser is not None:
            self._follow(observation.t_s, self._recogniser.step(observation, body), counted=counted)
        if self.warning == before:
            return ()
        return (Notice(kind="other_exercise", active=self.warning is not None, text=self.warning or before or ""),)

    def _follow(self, t_s: float, now: Recognition, *, counted: bool) -> None:
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
