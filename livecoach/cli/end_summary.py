"""The summary that ends a run: a few lines for each set, what to do if the machine was too slow, and on request all
figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from livecoach.cli.run_summary import (
    PARTIAL,
    count_summary,
    fault_lines,
    not_visible_lines,
    rep_count,
    reps_table,
    words,
)
from livecoach.cli.set_lines import set_lines, speed_lines
from livecoach.documents import Analysis
from livecoach.run.live import LiveRun
from livecoach.session.metrics import Durations, RunMetrics, too_slow_words
from livecoach.types import PartialRep, Rep

FASTEST_POSE = "lite"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What a run was about."""

    source: str
    exercise: str | None
    """Title of the exercise; None where it was recognised."""
    profile: str | None
    """Name of the lifter's profile; None without one."""
    pose: str
    """Name of the pose model."""
    live: bool
    """Whether the source is live. Otherwise it can be processed again, frame by frame."""
    verbose: bool
    """Also print a table of all reps, frame counts and latencies."""


def print_summary(run: LiveRun, summary: RunSummary, learned: int, *, to_stderr: bool) -> None:
    """Print the sets of a run and their verdicts. learned: number of reps that the profile stored."""
    console = Console(stderr=to_stderr, highlight=False)
    who = [] if summary.profile is None else [f"profile {summary.profile}"]
    exercises = summary.exercise or _exercises(run.reps) or "no exercise"
    console.print()
    unseen = _unseen(summary.exercise, run.tally.frames, run.tally.with_pose)
    _print_sets(console, [summary.source, exercises.lower(), *who], run.reps, (), unseen, each=summary.verbose)
    if learned:
        console.print(f"{rep_count(learned)} learned and stored in profile {summary.profile}", soft_wrap=True)
    if summary.verbose:
        _print_reps(console, run.reps, ())
        _print_figures(console, run.tally, summary.pose)
    for line in too_slow_lines(run.tally, summary):
        console.print(line, style="bold", soft_wrap=True, markup=False)


def too_slow_lines(tally: RunMetrics, summary: RunSummary) -> list[str]:
    """Return when the machine was too slow for the run to be trusted, and what to do; nothing where it never was."""
    what = too_slow_words(tally.slow.found, tally.frames, tally.dropped)
    if what is None:
        return []
    do = ["close other programs"]
    do += [f"use `--pose {FASTEST_POSE}`"] if summary.pose != FASTEST_POSE else []
    do += ["choose a smaller picture in the camera's settings"] if summary.live else []
    advice = do[0] if len(do) == 1 else f"{', '.join(do[:-1])} or {do[-1]}"
    again = (
        "" if summary.live else " `livecoach analyze` takes every frame of a recording, however slow the machine is."
    )
    return [_sentence(what), f"{_sentence(advice)}{again}"]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def print_analysis(result: Analysis, *, verbose: bool) -> None:
    """Print the result of `analyze` for one recording. verbose: with a table of all reps."""
    console = Console(highlight=False)
    view = result.view
    place = [] if view is None else [f"{view.name} view, {view.azimuth_deg:.0f}° ±{view.uncertainty_deg:.0f}"]
    who = [] if result.profile is None else [f"profile {result.profile}"]
    exercises = _exercises(result.reps) or words(result.exercise or "no exercise")
    unseen = _unseen(result.exercise, result.frames.read, result.frames.with_pose)
    about = [result.source.name, exercises, *place, *who]
    _print_sets(console, about, result.reps, result.partial_reps, unseen, each=verbose)
    if verbose:
        _print_reps(console, result.reps, result.partial_reps)


def _unseen(exercise: str | None, frames: int, with_pose: int) -> str:
    """Return why there are no reps of an exercise that was given: nobody was seen. Empty if somebody was, and where no
    exercise was given: then a line of its own says so."""
    return ": nobody was seen" if exercise is not None and frames and not with_pose else ""


def _print_sets(
    console: Console,
    about: Sequence[str],
    reps: Sequence[Rep],
    partials: Sequence[PartialRep],
    unseen: str,
    *,
    each: bool,
) -> None:
    """Print what a run was about, its sets, and what it could not see. The counts of a single set stand in its line.

    each: a table with the speed of each rep follows.
    """
    sets = len({rep.set for rep in reps})
    counts = [] if sets == 1 else [f"{count_summary(reps)}{unseen}"]
    console.print(" · ".join([*about, *counts]), soft_wrap=True, markup=False)
    lines = list(set_lines(reps))
    lines += [f"partial rep at {one.start_s:.1f} s: {PARTIAL[one.reason]}" for one in partials]
    for line in [*lines, *not_visible_lines(reps), *speed_lines(reps, each=each)]:
        console.print(line, soft_wrap=True, markup=False)


def _print_reps(console: Console, reps: Sequence[Rep], partials: Sequence[PartialRep]) -> None:
    """Print a table of all reps, and everything that was wrong with each."""
    names = dict.fromkeys(rep.exercise for rep in reps)
    for name in names:
        console.print()
        if name is not None and len(names) > 1:
            console.print(words(name))
        console.print(reps_table([rep for rep in reps if rep.exercise == name]))
    for line in fault_lines(reps, partials):
        console.print(line, soft_wrap=True, markup=False)


def _print_figures(console: Console, tally: RunMetrics, pose: str) -> None:
    seen = f"{tally.frames} frames, {tally.dropped} dropped, {tally.with_pose} with a person"
    console.print(seen, soft_wrap=True)
    rows = (
        (f"pose ({pose})", tally.pose),
        ("everything else but drawing", tally.step),
        ("drawing", tally.draw),
        ("frame captured → drawn", tally.captured_to_drawn),
        ("rep's last frame captured → cue", tally.captured_to_cue),
    )
    for name, durations in rows:
        if durations.values_ms:
            console.print(f"{name}: {_spread(durations)}", soft_wrap=True)


def _exercises(reps: Sequence[Rep]) -> str:
    """Return the exercises of reps, in order: "squat, romanian deadlift"."""
    return ", ".join(words(name) for name in dict.fromkeys(rep.exercise for rep in reps) if name is not None)


def _spread(durations: Durations) -> str:
    return f"p50 {durations.percentile(50):.1f}, p95 {durations.percentile(95):.1f} ms"
