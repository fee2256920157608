"""Parses the numbers by which users name reps, and selects the named reps.

2/4 is rep 4 of set 2, 2/1-5 are reps 1 to 5 of set 2, and 2 is the whole set. If several lifters have a set 2, 2/4@ben
is rep 4 of Ben's set 2. Any other text raises ValueError, with an explanation.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from livecoach.core.errors import SessionError
from livecoach.core.types import Rep

LARGEST_NUMBER = 999  # Largest number of a set or a rep: a larger number is a typing mistake. Our choice.
_PART = re.compile(r"\s*([0-9]{1,9})\s*(?:/\s*([0-9]{1,9})\s*(?:-\s*([0-9]{1,9})\s*)?)?(?:@(.+))?", re.ASCII)
LifterOf = Callable[[Rep], str]  # Returns the name of a rep's lifter as users type the name


@dataclass(frozen=True, slots=True, kw_only=True)
class RepRange:
    """A range of reps that a user selects: the reps of one lifter in one set or in every set."""

    set: int | None  # Number of the set, as its lifter counts; None for every set
    first: int = 1  # Number, in the set, of the first rep of the range
    last: int | None = None  # Number, in the set, of the last rep of the range; None for the set's last rep
    lifter: str | None = None  # Name of the lifter; None for the only lifter with such a set

    def contains(self, rep: Rep, lifter_of: LifterOf) -> bool:
        """Return whether the range selects a rep."""
        return self.includes_set_of(rep, lifter_of) and self.first <= rep.number <= (self.last or LARGEST_NUMBER)

    def includes_set_of(self, rep: Rep, lifter_of: LifterOf) -> bool:
        """Return whether the range selects from the set of a rep, regardless of the rep's number."""
        return self.lifter in (None, lifter_of(rep)) and self.set in (None, rep.lifter_set_number)


RepChoice = tuple[RepRange, ...]  # Ranges of reps that a user selects together


def selects_whole_sets(choice: RepChoice) -> bool:
    """Return whether a choice selects whole sets or a whole session, not reps by their numbers."""
    return all(wanted.last is None for wanted in choice)


def parse_reps(text: str) -> RepChoice:
    """Parse a choice of reps: "2/4" (rep 4 of set 2), "2/1-5,3/1" or "2" (all of set 2); otherwise raise ValueError."""
    parts = re.split(r",(?=\s*[0-9])", text)  # The name of a lifter may have a comma
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
    if min(of_set, first) < 1 or max(of_set, last or first) > LARGEST_NUMBER:
        raise ValueError(f"{part.strip()}: sets and reps are numbered from 1, to {LARGEST_NUMBER} at most.")
    return RepRange(set=of_set, first=first, last=last, lifter=match[4] and _lifter(match[4]))


def parse_choice(text: str) -> tuple[str, RepChoice]:
    """Parse "SESSION:REPS", "SESSION@LIFTER" (all the lifter's reps) or "SESSION" (all reps); else raise ValueError."""
    session, colon, listed = text.rpartition(":")
    if colon and session and listed:
        return session, parse_reps(listed)
    session, at, lifter = text.partition("@")
    if colon or not session or (at and not lifter):
        raise ValueError(f"{text!r} names no reps. Write last:2/3-7, last:2 for a whole set, or last.")
    return session, (RepRange(set=None, lifter=_lifter(lifter) or None),)


def _lifter(text: str) -> str:
    """Return the name of a lifter as it is stored: some systems write "ü" as two characters."""
    return unicodedata.normalize("NFC", text.strip())


def parse_rep_address(text: str) -> tuple[str, RepRange]:
    """Parse a session and a range of its reps: "last:2", "last:2/4" or "last:2/1-5@ben"; otherwise raise ValueError."""
    session, colon, rest = text.rpartition(":")
    if not colon or not session or not rest:
        raise ValueError(f"{text!r} doesn't name a rep. Write last:1/3 for rep 3 of set 1.")
    ranges = parse_reps(rest)
    if len(ranges) > 1:
        raise ValueError(f"{text!r} names several reps. Name one, such as {session}:1/3.")
    return session, ranges[0]


def check_no_rep_named(text: str) -> None:
    """Check that a text that should name a whole session does not name one of its reps or sets.

    Raises SessionError if `parse_rep_address` can parse the text. The message shows the name to write.
    """
    try:
        session, wanted = parse_rep_address(text)
    except ValueError:
        return
    what, shows = f"set {wanted.set}", f"`livecoach report {session}` shows the set"
    if wanted.last is not None:
        rep = f"{wanted.set}/{wanted.first}"
        what, shows = f"rep {rep}", f"`livecoach sessions clip {session}:{rep}` shows the rep"
    raise SessionError(f"{text}: names {what}, and a session is wanted. Write {session}; {shows}.")


def select_reps(choice: RepChoice, reps: Sequence[Rep], where: str, lifter_of: LifterOf) -> list[Rep]:
    """Return the reps that are in at least one range of a choice, in the order of the reps.

    Raises SessionError, with the name `where`, if a selected rep, set or lifter does not exist, or if a range fits
    several lifters.
    """
    for wanted in choice:
        _check(wanted, reps, where, lifter_of)
    return [rep for rep in reps if any(wanted.contains(rep, lifter_of) for wanted in choice)]


def _check(wanted: RepRange, reps: Sequence[Rep], where: str, lifter_of: LifterOf) -> None:
    if not reps:
        raise SessionError(f"{where}: there are no reps.")
    of_set = [rep for rep in reps if wanted.includes_set_of(rep, lifter_of)]
    if not of_set and wanted.set is None:
        raise SessionError(f"{where}: {wanted.lifter} has no set.")
    if not of_set:
        last = max((rep.lifter_set_number for rep in reps if wanted.lifter in (None, lifter_of(rep))), default=0)
        there = f"the last set is {last}" if last else f"{wanted.lifter} has none"
        raise SessionError(f"{where}: there is no set {wanted.set}; {there}.")
    lifters = list(dict.fromkeys(map(lifter_of, of_set)))
    if len(lifters) > 1 and wanted.set is None:
        raise SessionError(f"{where}: {', '.join(lifters)} have sets in it. Write {where}@{lifters[0]} to say whose.")
    if len(lifters) > 1:
        raise SessionError(
            f"{where}: {', '.join(lifters)} each have a set {wanted.set}. Write {where}:{wanted.set}@{lifters[0]} or "
            f"{where}:{wanted.set}/1@{lifters[0]} to say whose."
        )
    numbers = [rep.number for rep in of_set]
    missing = next((n for n in range(wanted.first, (wanted.last or wanted.first) + 1) if n not in numbers), None)
    if missing is not None:
        raise SessionError(
            f"{where}: there is no rep {wanted.set}/{missing}; the last rep is {wanted.set}/{max(numbers)}."
        )
