"""What the demo clip holds by its ground truth, and how much of that a run found."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from livecoach.config.paths import assets_dir
from livecoach.documents import Event, RepEvent, SessionEnd
from livecoach.types import Rep

DEMO = "demo.mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRep:
    """A rep as it was rendered."""

    end_s: float
    faults: tuple[str, ...]


@dataclass(slots=True)
class DemoOutcome:
    """Collects what a run of the demo clip found, and compares it with what the clip holds."""

    reps: list[Rep] = field(default_factory=list)
    seen_s: float = 0.0
    """Time of the last frame."""

    def event(self, event: Event) -> None:
        """Take the next event of the run."""
        if isinstance(event, RepEvent):
            self.reps.append(event.rep)
        elif isinstance(event, SessionEnd):
            self.seen_s = event.t_s

    def words(self) -> str | None:
        """Return what was played of the clip, and whether the run found it; None before its first rep."""
        return outcome([rep for rep in true_reps() if rep.end_s <= self.seen_s], self.reps)


def true_reps() -> tuple[TrueRep, ...]:
    """Return the reps of the clip, from the file beside it."""
    truth = json.loads((assets_dir() / DEMO).with_suffix(".json").read_text(encoding="utf-8"))
    return tuple(
        TrueRep(end_s=rep["end_s"], faults=tuple(fault["name"].replace("_", " ") for fault in rep["faults"]))
        for rep in truth["reps"]
    )


def outcome(held: Sequence[TrueRep], found: Sequence[Rep]) -> str | None:
    """Return what the clip holds as far as it was played, and what the run made of it; None where it holds nothing."""
    if not held:
        return None
    bad = [f"rep {number} is bad ({', '.join(rep.faults)})" for number, rep in enumerate(held, 1) if rep.faults]
    others = "the others are good" if bad else "all are good"
    holds = f"The clip holds {_count(len(held))}: {', '.join([*bad, others])}."
    alarms = [rep.verdict == "anomalous" for rep in found]
    if alarms == [bool(rep.faults) for rep in held] and all(rep.verdict != "unsure" for rep in found):
        return f"{holds} livecoach found exactly that."
    called = f"called {sum(alarms) or 'none'} of them bad"
    return f"{holds} This run missed some of that: it counted {_count(len(found))} and {called}."


def _count(reps: int) -> str:
    return f"{reps} rep{'' if reps == 1 else 's'}"
