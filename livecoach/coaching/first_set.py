"""What stands out in the first set of a lifter without own reps: one thing to look at, and no verdict. Pure.

Only what others do can tell. Bodies and cameras differ so much that of all measures only the tempo tells one lifter's
habit from the camera's place, and of the tempo only the way down is the same lift for all (docs/standards.md).
`livecoach.lab.train.ranges` finds out how long others take: recorded people where somebody recorded the movement, and
else synthetic lifters. The sentence says which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from livecoach.config.paths import models_dir
from livecoach.model_files.model_folder import Format, read_model
from livecoach.types import Rep, UnusualDescent
from livecoach.types.message import Message

FILE = "ranges.json"
LEAST_REPS = 3
"""Fewest reps whose median is the lifter's habit rather than one rep's error. Our choice."""
Above0 = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualDescent:
    """How long others take for the way down of an exercise's reps, in seconds."""

    usual_s: tuple[Above0, Above0]
    """Nine in ten lifters lie between."""
    limits_s: tuple[Above0, Above0]
    """98 of 100 further lifters would lie between, measuring errors included. Beyond them a set stands out."""
    people: Annotated[int, Field(gt=0)] | None
    """Number of recorded people; None for synthetic lifters."""

    def __post_init__(self) -> None:
        least, low, high, most = self.limits_s[0], *self.usual_s, self.limits_s[1]
        if not least < low < high < most:
            raise ValueError(f"limits_s: expected them around usual_s, {self.usual_s}, got {self.limits_s}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualDescents:
    """Content of `ranges.json`."""

    format: Format
    exercises: Mapping[str, UsualDescent]
    """Name of an exercise → the usual way down; of others nothing is said."""
    training: dict[str, Any]
    """Command, seed, size of the training data, and how well each measure agrees between views."""


def load_descents(path: Path) -> UsualDescents:
    """Read a `ranges.json`. Raises ModelError where it is missing or wrong."""
    return read_model(path, UsualDescents)


def load_shipped_descents() -> UsualDescents:
    """Read the `ranges.json` that ships. Raises ModelError."""
    return load_descents(models_dir() / "standards" / FILE)


def descent_note(look: UnusualDescent, rep_name: str | None = None) -> Message:
    """Return what stands out in words. rep_name: the rep's name where its number in the set is not enough."""
    bound = Message("{n} s", n=f"{look.bound_s:.1f}")
    said = {
        "text": Message("rep {name}", name=rep_name or str(look.rep)),
        "text2": Message("{n} s down", n=f"{look.down_s:.1f}"),
        "text3": Message("at most {text}", text=bound) if look.longer else Message("at least {text}", text=bound),
    }
    if look.people is None:
        return Message("worth a look, {text}: {text2}; most synthetic lifters: {text3}", **said)
    of_people = "worth a look, {text}: {text2}; most of {n} people recorded without a bar: {text3}"
    return Message(of_people, n=look.people, **said)


def unusual_descent(reps: Sequence[Rep], others: UsualDescent | None) -> UnusualDescent | None:
    """Return a way down that stands out in a set; None where it does not, or nothing is known of others.

    Nothing is said of a set that is judged by own reps from before it, nor where somebody chose good reps. reps: all
    of the set that count, in order.
    """
    chosen = any(rep.correction is not None and rep.correction.label == "good" for rep in reps)
    if others is None or chosen or any(rep.reference == "own" for rep in reps):
        return None
    paces = [(rep.number or place, rep.pace) for place, rep in enumerate(reps, 1)]
    known = sorted((pace.eccentric_s, number) for number, pace in paces if pace is not None)
    if len(known) < LEAST_REPS:
        return None
    # Of two reps in the middle, the one that stands out less counts.
    for (down_s, rep), longer in ((known[len(known) // 2], False), (known[(len(known) - 1) // 2], True)):
        if down_s > others.limits_s[1] if longer else down_s < others.limits_s[0]:
            bound_s = others.usual_s[longer]
            return UnusualDescent(
                rep=rep, down_s=round(down_s, 1), bound_s=bound_s, longer=longer, people=others.people
            )
    return None
