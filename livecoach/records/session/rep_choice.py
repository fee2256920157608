"""Reps as users name them: 2/4 is rep 4 of set 2, 2/1-5 are its reps 1 to 5, and 2 is the whole set; 2/4@ben is Ben's,
where several lifters have a set 2.

Stored reps include their numbers, except in sessions of earlier versions, whose reps are numbered on reading.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from livecoach.core.documents import Event, RepEvent, SetEndEvent, WithdrawnEvent
from livecoach.core.errors import SessionError
from livecoach.core.types import Rep
from livecoach.decisions.judging.primary import faults_of, primary_first

LARGEST = 999  # Largest number of a set or a rep. A larger one is a typing mistake.
_PART = re.compile(r"\s*([0-9]{1,9})\s*(?:/\s*([0-9]{1,9})\s*(?:-\s*([0-9]{1,9})\s*)?)?(?:@(.+))?", re.ASCII)
Whose = Callable[[Rep], str]
"""Rep → name of its lifter, as users write it."""


def _nobody(_: Rep) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepRange:
    set: int | None  # None: every set
    first: int = 1
    last: int | None = None  # None: up to the end of the set
    lifter: str | None = None  # None: the only one who has such a set

    def holds(self, rep: Rep, whose: Whose) -> bool:
        return self.is_of(rep, whose) and self.first <= rep.place[1] <= (self.last or LARGEST)

    def is_of(self, rep: Rep, whose: Whose) -> bool:
        """Whether a rep is of the set."""
        if rep.set is None or self.lifter not in (None, whose(rep)):
            return False
        return self.set is None or rep.named_set == self.set


RepChoice = tuple[RepRange, ...]  # Ranges of reps that are selected together


def is_whole(choice: RepChoice) -> bool:
    """Whether a choice names a set or a session, and not reps by their numbers."""
    return all(wanted.last is None for wanted in choice)


def parse_reps(text: str) -> RepChoice:
    """Return the reps in a list such as "2/4", "2/1-5,3/1" or "2". Raises ValueError, which says what is wrong."""
    parts = text.split(",")
    return tuple(_range(part, alone=len(parts) == 1) for part in parts)


def _range(part: str, *, alone: bool) -> RepRange:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"expected reps such as 2/4, 2/1-5 or 2, got {part.strip()!r}.")
    if match[2] is None and not alone:
        raise ValueError(f"{part.strip()!r} doesn't say which set. Write 2/{part.strip()} for that rep of set 2.")
    of_set = int(match[1])
    first = 1 if match[2] is None else int(match[2])
    last = int(match[3]) if match[3] is not None else None if match[2] is None else first
    if last is not None and last < first:
        raise ValueError(f"{part.strip()} runs backwards. Write {of_set}/{last}-{first}.")
    if min(of_set, first) < 1 or max(of_set, last or first) > LARGEST:
        raise ValueError(f"{part.strip()}: sets and reps are numbered from 1, to {LARGEST} at most.")
    return RepRange(set=of_set, first=first, last=last, lifter=match[4] and match[4].strip())


def split_choice(text: str) -> tuple[str, RepChoice]:
    """Return the session and the reps that "SESSION", "SESSION@LIFTER" or "SESSION:REPS" names.

    Raises:
        ValueError: The text names no reps. The message explains why.
    """
    session, colon, listed = text.rpartition(":")
    if colon and session and listed:
        return session, parse_reps(listed)
    session, at, lifter = text.partition("@")
    if colon or not session or (at and not lifter):
        raise ValueError(f"{text!r} names no reps. Write last:2/3-7, last:2 for a whole set, or last.")
    return session, (RepRange(set=None, lifter=lifter or None),)


def split_address(text: str) -> tuple[str, RepRange]:
    """Return the session and the reps that "SESSION:SET/REP" names. Raises ValueError, which says what is wrong."""
    session, colon, rest = text.rpartition(":")
    if not colon or not session or not rest:
        raise ValueError(f"{text!r} doesn't name a rep. Write last:1/3 for rep 3 of set 1.")
    ranges = parse_reps(rest)
    if len(ranges) > 1:
        raise ValueError(f"{text!r} names several reps. Name one, such as {session}:1/3.")
    return session, ranges[0]


def check_names_no_rep(text: str) -> None:
    """Raise SessionError if a text that should name a session names reps."""
    try:
        session, wanted = split_address(text)
    except ValueError:
        return
    if wanted.last is None:
        what, shows = f"set {wanted.set}", f"`livecoach report {session}` shows the set"
    else:
        what, shows = (
            f"rep {wanted.set}/{wanted.first}",
            f"`livecoach sessions clip {session}:{wanted.set}/{wanted.first}` shows the rep",
        )
    raise SessionError(f"{text}: names {what}, and a session is wanted. Write {session}; {shows}.")


def one_rep(wanted: RepRange, reps: Sequence[Rep], where: str, whose: Whose = _nobody) -> Rep:
    """Return the selected rep of a session. Raises SessionError if there is none, or several were selected."""
    if wanted.last is None:
        raise SessionError(
            f"{where}: {wanted.set} names a whole set, and one rep is wanted. "
            f"Write {where}:{wanted.set}/1 for the first rep of set {wanted.set}."
        )
    matching = chosen((wanted,), reps, where, whose)
    if len(matching) > 1:
        raise SessionError(f"{where}: one rep is wanted. Write {where}:{wanted.set}/{wanted.first}.")
    return matching[0]


def chosen(choice: RepChoice, reps: Sequence[Rep], where: str, whose: Whose = _nobody) -> list[Rep]:
    """Return the selected reps of a session or recording, in order.

    where: what holds the reps, for messages. Raises SessionError if a selected rep does not exist, or may be of several
    lifters.
    """
    for wanted in choice:
        _check(wanted, reps, where, whose)
    return [rep for rep in reps if any(wanted.holds(rep, whose) for wanted in choice)]


def _check(wanted: RepRange, reps: Sequence[Rep], where: str, whose: Whose) -> None:
    if not reps:
        raise SessionError(f"{where}: there are no reps.")
    of_set = [rep for rep in reps if wanted.is_of(rep, whose)]
    if not of_set and wanted.set is None:
        raise SessionError(f"{where}: {wanted.lifter} has no set.")
    if not of_set:
        last = max((rep.named_set for rep in reps if wanted.lifter in (None, whose(rep))), default=0)
        there = f"the last set is {last}" if last else f"{wanted.lifter} has none"
        raise SessionError(f"{where}: there is no set {wanted.set}; {there}.")
    lifters = list(dict.fromkeys(map(whose, of_set)))
    if len(lifters) > 1 and wanted.set is None:
        raise SessionError(f"{where}: {', '.join(lifters)} have sets in it. Write {where}@{lifters[0]} to say whose.")
    if len(lifters) > 1:
        raise SessionError(
            f"{where}: {', '.join(lifters)} each have a set {wanted.set}. Write {where}:{wanted.set}@{lifters[0]} or "
            f"{where}:{wanted.set}/1@{lifters[0]} to say whose."
        )
    numbers = [rep.place[1] for rep in of_set]
    missing = next((n for n in range(wanted.first, (wanted.last or wanted.first) + 1) if n not in numbers), None)
    if missing is not None:
        raise SessionError(
            f"{where}: there is no rep {wanted.set}/{missing}; the last rep is {wanted.set}/{max(numbers)}."
        )


def standing(lines: Iterable[RepEvent | WithdrawnEvent]) -> list[RepEvent]:
    """Return the reps that were not withdrawn. lines: in the order in which they were stored."""
    reps: list[RepEvent] = []
    for line in lines:
        if isinstance(line, RepEvent):
            reps.append(line)
        else:
            reps = [event for event in reps if event.rep.index not in line.reps]
    return reps


def numbered(reps: Sequence[RepEvent], events: Callable[[], Sequence[Event]]) -> tuple[RepEvent, ...]:
    """Return completed reps in order, each with its set and its number.

    events: returns the session's other events; called only for reps of earlier versions.
    """
    in_order = sorted(reps, key=lambda event: event.rep.start_s)
    if all(event.rep.set is not None for event in in_order):
        return tuple(in_order)
    counted: Counter[int] = Counter()
    numbered_reps = []
    for event, index in zip(in_order, _sets(in_order, events()), strict=True):
        counted[index] += 1
        numbered_reps.append(replace(event, rep=replace(event.rep, set=index, number=counted[index])))
    return tuple(numbered_reps)


def as_now(event: RepEvent, given: str | None) -> RepEvent:
    """Return a rep as this version says it. Earlier ones stored no exercise, and faults by severity alone. given: the
    exercise of its session; None where it was recognised."""
    rep = event.rep
    exercise = rep.exercise or given
    faults = primary_first(rep.faults, faults_of(exercise or "")) if len(rep.faults) > 1 else rep.faults
    pace = rep.pace if rep.pace is None or rep.pace.speed > 0 else None
    if (exercise, faults, pace) == (rep.exercise, rep.faults, rep.pace):
        return event
    return replace(event, rep=replace(rep, exercise=exercise, faults=faults, pace=pace))


def _sets(reps: Sequence[RepEvent], events: Sequence[Event]) -> Iterator[int]:
    """Yield the number of each rep's set: from its event, otherwise from the next set that ended after it."""
    ends = [event for event in events if isinstance(event, SetEndEvent)]
    index = 1
    for event in reps:
        if event.set is not None and event.set.isdecimal():
            index = int(event.set)
        else:
            summaries = (end.summary for end in ends if end.t_s >= event.rep.end_s)
            over = next((summary.index for summary in summaries if summary is not None), index)
            index = max(index, over)
        yield index
