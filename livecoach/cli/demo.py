"""The command `livecoach demo`: runs the shipped synthetic clip, and says how well the run counted it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import click

from livecoach.cli import options
from livecoach.cli.output import number_of
from livecoach.cli.run import FileReplay, replay_file
from livecoach.config.paths import assets_dir
from livecoach.documents import Event, RepEvent, SessionEnd
from livecoach.types import Rep
from livecoach.types.message import in_words

CLIP = "demo.mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRep:
    """A rendered rep of the clip."""

    end_s: float
    faults: tuple[str, ...]


@dataclass(slots=True)
class DemoOutcome:
    """Collects the reps of a run of the demo clip, and compares them with the truth."""

    reps: list[Rep] = field(default_factory=list)
    last_t_s: float = 0.0
    """Time of the last frame."""

    def event(self, event: Event) -> None:
        """Take the next event of the run."""
        if isinstance(event, RepEvent):
            self.reps.append(event.rep)
        elif isinstance(event, SessionEnd):
            self.last_t_s = event.t_s

    def words(self) -> str | None:
        """Say which reps the clip showed so far, and whether the run counted them; None before the first rep."""
        return compare_with_truth([rep for rep in true_reps() if rep.end_s <= self.last_t_s], self.reps)


def true_reps() -> tuple[DemoRep, ...]:
    """Return the reps of the clip, from the file beside it."""
    truth = json.loads((assets_dir() / CLIP).with_suffix(".json").read_text(encoding="utf-8"))
    return tuple(
        DemoRep(end_s=rep["end_s"], faults=tuple(in_words(fault["name"]) for fault in rep["faults"]))
        for rep in truth["reps"]
    )


def compare_with_truth(true: Sequence[DemoRep], counted: Sequence[Rep]) -> str | None:
    """Say which reps the clip shows, and how the run counted and judged them; None without a rep."""
    if not true:
        return None
    bad = [f"rep {number} is bad ({', '.join(rep.faults)})" for number, rep in enumerate(true, 1) if rep.faults]
    others = "the others are good" if bad else "all are good"
    holds = f"The clip holds {number_of(len(true), 'rep')}: {', '.join([*bad, others])}."
    alarms = [rep.verdict == "anomalous" for rep in counted]
    if alarms == [bool(rep.faults) for rep in true] and all(rep.verdict != "unsure" for rep in counted):
        return f"{holds} livecoach found exactly that."
    called = f"called {sum(alarms) or 'none'} of them bad"
    return f"{holds} This run missed some of that: it counted {number_of(len(counted), 'rep')} and {called}."


@click.command()
@options.pose
@options.output_options
def demo(no_window: bool, events: str | None, verbose: bool, **given: object) -> None:
    """Run the shipped clip as if live. Needs no camera, screen or sound; shows and speaks where it can.

    The clip is synthetic: a rendered lifter does four good deadlifts and, before the last one, a bad one.

    Example: livecoach demo
    """
    settings = options.settings(exercise="deadlift", **given)
    outcome = DemoOutcome()
    how = FileReplay(
        speed=1.0,
        events=events,
        window=not no_window,
        mirror=False,
        verbose=verbose,
        synthetic=True,
        on_event=outcome.event,
    )
    replay_file(assets_dir() / CLIP, settings, None, how)
    words = outcome.words()
    if words is not None:
        click.echo(words, err=events == "-")
