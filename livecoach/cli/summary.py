"""What is printed once a run has ended: reps, verdicts, latencies."""

from rich.console import Console
from rich.table import Table

from livecoach.documents import Analysis
from livecoach.exercise import Exercise
from livecoach.live import Run
from livecoach.metrics import Durations
from livecoach.types import Rep


def reps_table(reps: list[Rep]) -> Table:
    """A row a rep."""
    table = Table(box=None, pad_edge=False)
    for name in ("rep", "start s", "turn s", "end s", "score"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for rep in reps:
        score = "–" if rep.score is None else f"{rep.score:.2f}"
        why = f"not judged: {rep.unsure}" if rep.unsure else ", ".join(rep.top_joints).replace("_", " ")
        verdict = rep.verdict if not why else f"{rep.verdict} ({why})"
        table.add_row(str(rep.index), f"{rep.start_s:.2f}", f"{rep.turn_s:.2f}", f"{rep.end_s:.2f}", score, verdict)
    return table


def tell_counts(reps: list[Rep]) -> str:
    """ "5 reps: 4 good, 1 anomalous"."""
    if not reps:
        return "no reps"
    counts = [(sum(r.verdict == v for r in reps), v) for v in ("good", "anomalous", "unsure")]
    told = ", ".join(f"{n} {verdict}" for n, verdict in counts if n)
    return f"{len(reps)} rep{'s' if len(reps) > 1 else ''}: {told}"


def _spread(durations: Durations) -> str:
    return f"p50 {durations.percentile(50):.1f}, p95 {durations.percentile(95):.1f} ms"


def print_summary(run: Run, source: str, exercise: Exercise, pose: str, *, to_stderr: bool) -> None:
    """Print the reps, their verdicts and the latencies of a run."""
    console = Console(stderr=to_stderr, highlight=False)
    tally = run.tally
    console.print(f"\n{source} · {exercise.title.lower()} · pose {pose} · {tell_counts(run.reps)}", soft_wrap=True)
    if run.reps:
        console.print(reps_table(run.reps))
    seen = f"{tally.frames} frames, {tally.dropped} dropped, a person in {tally.with_pose}"
    console.print(seen, soft_wrap=True)
    rows = (
        ("pose", tally.pose),
        ("all else but drawing", tally.step),
        ("drawing", tally.draw),
        ("frame captured → drawn", tally.captured_to_drawn),
        ("rep's last frame captured → cue", tally.captured_to_cue),
    )
    for name, durations in rows:
        if durations.values_ms:
            console.print(f"{name}: {_spread(durations)}", soft_wrap=True)


def print_analysis(result: Analysis) -> None:
    """Print what `analyze` found in one recording."""
    console = Console(highlight=False)
    view = "" if result.view is None else f" · {result.view.name} view, {result.view.azimuth_deg:.0f}°"
    reps = list(result.reps)
    console.print(f"{result.source.name} · {result.exercise}{view} · {tell_counts(reps)}", soft_wrap=True)
    if reps:
        console.print(reps_table(reps))
    for partial in result.partial_reps:
        console.print(f"begun at {partial.start_s:.2f} s, not completed: {partial.reason.replace('_', ' ')}")
