"""Reps in words and as a table: verdicts, pace, faults, and what was not visible."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from livecoach import language
from livecoach.history.words import speed_cell, speed_unit
from livecoach.language.imperial import in_imperial
from livecoach.types import Fault, PartialRep, Rep

PARTIAL = {
    "no_lowering": "the bar was not lowered",
    "no_return": "no return to the start",
    "short": "range of motion too small",
    "shallow": "too shallow, not counted",
    "begun": "the recording began in the middle of it",
    "cut": "the recording ended",
    "lost": "the lifter was lost from view",
}
HIDDEN_BY = {
    "azimuth": "not visible from this camera angle",
    "frame_rate": "not measurable at this frame rate",
    "unknown": "not measurable",
    "toes": "the pose model gives no heels and toes",
    "mask": "the pose model makes no mask",
    "pose_model": "not shown by the pose model",
    "unsure": "not judged",
}
"""Why a fault could not be measured. All other reasons are joints."""
PACE = ("down s", "pause s", "up s")


def reps_table(reps: Sequence[Rep]) -> Table:
    """Return a table with a row for each rep, in 80 columns; with the pace where it is known for any of them."""
    paced = any(rep.pace is not None for rep in reps)
    pace = (*PACE, speed_unit(), "loss %") if paced else ()
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("rep", "start s", "end s", *pace, "score"):
        table.add_column(name, justify="right")
    table.add_column("judged by")
    table.add_column("verdict")
    for rep in reps:
        score = "–" if rep.score is None else f"{rep.score:.2f}"
        judge = "–" if rep.verdict == "unsure" else rep.reference
        times = f"{rep.start_s:.1f}", f"{rep.end_s:.1f}"
        table.add_row(rep.name, *times, *(_pace(rep) if paced else ()), score, judge, rep.verdict)
    return table


def _pace(rep: Rep) -> tuple[str, ...]:
    """Return the cells of a rep's pace."""
    if rep.pace is None:
        return ("–",) * 5
    pace = rep.pace
    times = (pace.eccentric_s, pace.pause_s, pace.concentric_s)
    return *(f"{t:.1f}" for t in times), speed_cell(pace.speed, pace.speed_unit), f"{100 * pace.velocity_loss:.0f}"


def rep_lines(reps: Sequence[Rep], partials: Sequence[PartialRep]) -> list[str]:
    """Return what was wrong, a line each: with reps, with partial reps, and what was not visible."""
    return fault_lines(reps, partials) + not_visible_lines(reps)


def fault_lines(reps: Sequence[Rep], partials: Sequence[PartialRep]) -> list[str]:
    """Return what was wrong with reps and partial reps, a line each."""
    lines = [f"rep {rep.name}: {what}" for rep in reps for what in _wrong(rep)]
    for partial in partials:
        lines.append(f"partial rep at {partial.start_s:.1f} s: {PARTIAL[partial.reason]}")
        lines.extend(f"  {_fault(fault)}" for fault in partial.faults)
    return lines


def _wrong(rep: Rep) -> list[str]:
    """Return the correction against the verdict, if any, the faults or, without any, what differed, and the joints that
    are left out of the score."""
    said = [] if rep.correction is None else [f"{rep.verdict}, corrected to {rep.correction.words}"]
    if rep.unsure:
        return [*said, f"not judged: {rep.unsure}"]
    by = ", ".join(words(joint) for joint in rep.top_joints)
    if by and rep.why is not None:
        by = rep.why.text
    whose = "usual" if rep.reference == "population" else "your"
    shown = [_fault(fault) for fault in rep.faults] or ([f"unlike {whose} good reps: {by}"] if by else [])
    differs = [": ".join(filter(None, (rep.comparison, what))) for what in shown]
    left_out = [f"left out: {', '.join(rep.left_out)}"] if rep.left_out else []
    return [*said, *differs, *left_out]


def _fault(fault: Fault) -> str:
    """ "hips early: hips rose first: chest tipped 11°, your good reps 2° (1.6 s, knee pass)"."""
    what = f"{words(fault.name)}: {in_units(fault.text)}" if fault.text else words(fault.name)
    return f"{what} ({fault.at_s:.1f} s, {words(fault.phase)})"


def not_visible_lines(reps: Sequence[Rep]) -> list[str]:
    """Return a line for each reason, with the faults that were hidden in half of the reps or more: each once, by its
    commonest reason."""
    reasons: dict[str, Counter[str]] = {}
    for rep in reps:
        for fault in rep.not_visible:
            reasons.setdefault(fault.name, Counter())[fault.reason] += 1
    hidden: dict[str, list[str]] = {}
    for name, counted in reasons.items():
        if 2 * counted.total() >= len(reps):
            hidden.setdefault(counted.most_common(1)[0][0], []).append(words(name))
    return [f"{_hidden_by(reason)}: {', '.join(names)}" for reason, names in hidden.items()]


def _hidden_by(reason: str) -> str:
    """Return why some faults could not be measured."""
    return HIDDEN_BY.get(reason, f"{words(reason)} not visible enough")


def in_units(text: str) -> str:
    """Return a text of a fault with its lengths and speeds in the units in use. The terminal's language is English."""
    return in_imperial(text) if language.units() == "imperial" else text


def words(name: str) -> str:
    """Return a name as words: "forward lean"."""
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
    return f"{rep_count(len(counting))}{': ' if told else ''}{told}{by_you}"


def rep_count(count: int) -> str:
    """Return a number of reps: "1 rep", "2 reps"."""
    return f"{count} rep{'' if count == 1 else 's'}"
