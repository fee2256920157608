"""The summary printed after a run: reps, verdicts, faults in words, latencies."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from livecoach.documents import Analysis
from livecoach.run.live import LiveRun
from livecoach.session.metrics import Durations
from livecoach.types import Fault, PartialRep, Rep

PARTIAL = {
    "no_lowering": "the bar was not lowered",
    "no_return": "no return to the start",
    "short": "range of motion too small",
    "cut": "the recording ended",
    "lost": "the lifter was lost from view",
}
HIDDEN_BY = {
    "azimuth": "not visible from this camera angle",
    "frame_rate": "not measurable at this frame rate",
    "unknown": "not measurable",
    "toes": "the pose model gives no heels and toes",
    "mask": "the pose model makes no mask",
    "unsure": "not judged",
}
"""Why a fault could not be measured. All other reasons are joints."""
PACE = ("down s", "pause s", "up s")


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


def reps_table(reps: Sequence[Rep]) -> Table:
    """Return a table with a row for each rep, in 80 columns; with the pace where it is known for any of them."""
    paced = [rep.pace for rep in reps if rep.pace is not None]
    unit = paced[-1].speed_unit if paced else ""
    pace = (*PACE, unit, "loss %") if paced else ()
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("rep", "start s", "end s", *pace, "score"):
        table.add_column(name, justify="right")
    table.add_column("judged by")
    table.add_column("verdict")
    for rep in reps:
        score = "–" if rep.score is None else f"{rep.score:.2f}"
        judge = "–" if rep.verdict == "unsure" else rep.reference
        times = f"{rep.start_s:.1f}", f"{rep.end_s:.1f}"
        table.add_row(rep.name, *times, *(_pace(rep, unit) if paced else ()), score, judge, rep.verdict)
    return table


def _pace(rep: Rep, unit: str) -> tuple[str, ...]:
    """Return the cells of a rep's pace. unit: of the speed column; a speed in another unit is left out."""
    if rep.pace is None:
        return ("–",) * 5
    pace = rep.pace
    times = (pace.eccentric_s, pace.pause_s, pace.concentric_s)
    speed = f"{pace.speed:.2f}" if pace.speed_unit == unit else "–"
    return *(f"{t:.1f}" for t in times), speed, f"{100 * pace.velocity_loss:.0f}"


def rep_lines(reps: Sequence[Rep], partials: Sequence[PartialRep]) -> list[str]:
    """Return what was wrong, a line each: with reps, with partial reps, and what was not visible."""
    lines = [f"rep {rep.name}: {what}" for rep in reps for what in _wrong(rep)]
    for partial in partials:
        lines.append(f"partial rep at {partial.start_s:.1f} s: {PARTIAL[partial.reason]}")
        lines.extend(f"  {_fault(fault)}" for fault in partial.faults)
    return lines + _not_visible(reps)


def _wrong(rep: Rep) -> list[str]:
    """Return the correction against the verdict, if any, then the faults or, without any, what differed."""
    said = [] if rep.correction is None else [f"{rep.verdict}, corrected to {rep.correction.words}"]
    if rep.unsure:
        return [*said, f"not judged: {rep.unsure}"]
    by = ", ".join(_words(joint) for joint in rep.top_joints)
    if by and rep.why is not None:
        by = rep.why.text
    whose = "usual" if rep.reference == "population" else "your"
    shown = [_fault(fault) for fault in rep.faults] or ([f"unlike {whose} good reps: {by}"] if by else [])
    return [*said, *shown]


def _fault(fault: Fault) -> str:
    """ "hips early: hips rose first: chest tipped 11°, your good reps 2° (1.6 s, knee pass)"."""
    what = f"{_words(fault.name)}: {fault.text}" if fault.text else _words(fault.name)
    return f"{what} ({fault.at_s:.1f} s, {_words(fault.phase)})"


def _not_visible(reps: Sequence[Rep]) -> list[str]:
    """Return a line for each reason, with all faults that it hid in any rep."""
    hidden: dict[str, dict[str, None]] = {}
    for rep in reps:
        for fault in rep.not_visible:
            hidden.setdefault(fault.reason, {})[_words(fault.name)] = None
    return [f"{_hidden_by(reason)}: {', '.join(names)}" for reason, names in hidden.items()]


def _hidden_by(reason: str) -> str:
    """Return why some faults could not be measured."""
    return HIDDEN_BY.get(reason, f"{_words(reason)} not visible enough")


def _words(name: str) -> str:
    return name.replace("_", " ")


def count_summary(reps: Sequence[Rep]) -> str:
    """Return the reps by what each counts as: "5 reps: 4 good, 1 anomalous", with the number of corrections."""
    if not reps:
        return "no reps"
    counting = [rep for rep in reps if rep.counts]
    counts = [(sum(r.label == v for r in counting), v) for v in ("good", "anomalous", "unsure")]
    told = ", ".join(f"{n} {verdict}" for n, verdict in counts if n)
    corrected = sum(rep.correction is not None for rep in reps)
    by_you = f" ({corrected} corrected by you)" if corrected else ""
    return f"{_reps(len(counting))}{': ' if told else ''}{told}{by_you}"


def _exercises(reps: Sequence[Rep]) -> str:
    """Return the exercises of reps, in order: "squat, romanian deadlift"."""
    return ", ".join(_words(name) for name in dict.fromkeys(rep.exercise for rep in reps) if name is not None)


def _reps(count: int) -> str:
    return f"{count} rep{'' if count == 1 else 's'}"


def _spread(durations: Durations) -> str:
    return f"p50 {durations.percentile(50):.1f}, p95 {durations.percentile(95):.1f} ms"


def print_summary(run: LiveRun, summary: RunSummary, learned: int, *, to_stderr: bool) -> None:
    """Print the reps, their verdicts and the latencies of a run. learned: number of reps that the profile stored."""
    console = Console(stderr=to_stderr, highlight=False)
    tally = run.tally
    who = [] if summary.profile is None else [f"profile {summary.profile}"]
    exercises = summary.exercise or _exercises(run.reps) or "no exercise"
    about = [summary.source, exercises.lower(), *who, f"pose {summary.pose}", count_summary(run.reps)]
    console.print("\n" + " · ".join(about), soft_wrap=True)
    _print_reps(console, run.reps, ())
    if learned:
        console.print(f"{_reps(learned)} learned and stored in profile {summary.profile}", soft_wrap=True)
    seen = f"{tally.frames} frames, {tally.dropped} dropped, {tally.with_pose} with a person"
    console.print(seen, soft_wrap=True)
    rows = (
        ("pose", tally.pose),
        ("everything else but drawing", tally.step),
        ("drawing", tally.draw),
        ("frame captured → drawn", tally.captured_to_drawn),
        ("rep's last frame captured → cue", tally.captured_to_cue),
    )
    for name, durations in rows:
        if durations.values_ms:
            console.print(f"{name}: {_spread(durations)}", soft_wrap=True)


def print_analysis(result: Analysis) -> None:
    """Print the result of `analyze` for one recording."""
    console = Console(highlight=False)
    view = result.view
    place = [] if view is None else [f"{view.name} view, {view.azimuth_deg:.0f}° ±{view.uncertainty_deg:.0f}"]
    who = [] if result.profile is None else [f"profile {result.profile}"]
    exercises = _exercises(result.reps) or _words(result.exercise or "no exercise")
    about = [result.source.name, exercises, *place, *who, count_summary(result.reps)]
    console.print(" · ".join(about), soft_wrap=True)
    _print_reps(console, result.reps, result.partial_reps)


def _print_reps(console: Console, reps: Sequence[Rep], partials: Sequence[PartialRep]) -> None:
    names = dict.fromkeys(rep.exercise for rep in reps)
    for name in names:
        if name is not None and len(names) > 1:
            console.print(_words(name))
        console.print(reps_table([rep for rep in reps if rep.exercise == name]))
    for line in rep_lines(reps, partials):
        console.print(line, soft_wrap=True, markup=False)
