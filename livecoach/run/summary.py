"""A run or a recording in words: a few lines for each set, tables of reps, and doubts about the result."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from livecoach.core.documents import Analysis, FramesDocument, Recognised, SessionStart
from livecoach.core.language import english
from livecoach.core.types import Fault, PartialRep, Recognition, Rep, SpeedUnit
from livecoach.core.types.message import in_words, number_of
from livecoach.decisions.coaching.set_summary import standard_notes
from livecoach.decisions.judging.primary import by_risk, shortcomings, size, to_fix
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.pages.history.words import is_estimated, speed_cell, speed_unit, speed_words
from livecoach.perception.body.visibility import NO_BAR
from livecoach.records.session.metrics import RunMetrics, too_slow_words
from livecoach.run.loop import FrameLoop

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PARTIAL = {
    "no_lowering": "the bar was not lowered",
    "no_return": "no return to the start",
    "short": "half a rep, not counted",
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
    NO_BAR: "no bar was seen",
    "unsure": "not judged",
}
"""Reason why a fault could not be measured → its words. Other reasons are joints."""
PACE = ("down s", "pause s", "up s")
ESTIMATES = (
    f'Speeds with "about" or ~ are estimates for a height of {TYPICAL_HEIGHT_CM:.0f} cm.',
    "Set yours for your next sets: `livecoach config set height_cm 180`.",
)
"""Lines that explain estimated speeds."""
MOST_REPS = 6  # most reps that a line names. Our choice.
NOT_RECOGNISED = "no exercise was recognised"
NOBODY = "nobody was seen. Check that all of the lifter is in the picture, and that it is bright enough."
FASTEST_POSE = "lite"


def reps_table(reps: Sequence[Rep]) -> "Table":
    """A table with a row for each rep, 80 columns wide; with the pace if it is known for any of them."""
    from rich.table import Table  # only the end of a run needs it

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
    if rep.pace is None:
        return ("–",) * 5
    pace = rep.pace
    times = (pace.eccentric_s, pace.pause_s, pace.concentric_s)
    return *(f"{t:.1f}" for t in times), speed_cell(pace.speed, pace.speed_unit), f"{100 * pace.velocity_loss:.0f}"


def fault_lines(reps: Sequence[Rep], partials: Sequence[PartialRep]) -> list[str]:
    lines = [f"rep {rep.name}: {what}" for rep in reps for what in _wrong(rep)]
    for partial in partials:
        lines.append(f"partial rep at {partial.start_s:.1f} s: {PARTIAL[partial.reason]}")
        lines.extend(f"  {_fault(fault)}" for fault in partial.faults)
    return lines


def _wrong(rep: Rep) -> list[str]:
    """The lifter's correction; then the faults or else the deviation; and the joints left out of the score."""
    said = [] if rep.correction is None else [f"{rep.verdict}, corrected to {rep.correction.words}"]
    if rep.unsure:
        return [*said, f"not judged: {rep.unsure}"]
    by = ", ".join(in_words(joint) for joint in rep.top_joints)
    if by and rep.why is not None:
        by = rep.why.text
    whose = "usual" if rep.reference == "population" else "your"
    shown = [_fault(fault) for fault in rep.faults] or ([f"unlike {whose} good reps: {by}"] if by else [])
    differs = [": ".join(filter(None, (rep.comparison, what))) for what in shown]
    left_out = [f"left out: {', '.join(rep.left_out)}"] if rep.left_out else []
    missed = [english(result.words) for result in rep.standards if result.verdict == "missed"]
    return [*said, *missed, *differs, *left_out]


def _fault(fault: Fault) -> str:
    """ "hips early: hips rose first: chest tipped 11°, your good reps 2° (1.6 s, knee pass)"."""
    what = f"{in_words(fault.name)}: {english(fault.text)}" if fault.text else in_words(fault.name)
    return f"{what} ({fault.at_s:.1f} s, {in_words(fault.phase)})"


def not_visible_lines(reps: Sequence[Rep]) -> list[str]:
    """A line for each reason, with the faults that were hidden for it."""
    return [f"{why}: {', '.join(names)}" for why, names in hidden_faults(reps).items()]


def hidden_faults(reps: Sequence[Rep]) -> dict[str, list[str]]:
    """Reason → faults that it hid in half of the reps or more, in words: each once, by its commonest reason."""
    reasons: dict[str, Counter[str]] = {}
    for rep in reps:
        for fault in rep.not_visible:
            reasons.setdefault(fault.name, Counter())[fault.reason] += 1
    hidden: dict[str, list[str]] = {}
    for name, counted in reasons.items():
        if 2 * counted.total() >= len(reps):
            hidden.setdefault(counted.most_common(1)[0][0], []).append(in_words(name))
    return {hidden_by(reason): names for reason, names in hidden.items()}


def hidden_by(reason: str) -> str:
    """In words why some faults could not be measured."""
    return HIDDEN_BY.get(reason, f"{in_words(reason)} not visible enough")


def count_summary(reps: Sequence[Rep]) -> str:
    """The reps by what each counts as: "5 reps: 4 good, 1 anomalous", with the number of corrections."""
    if not reps:
        return "no reps"
    counting = [rep for rep in reps if rep.counts]
    counts = [(sum(r.standing_verdict == v for r in counting), v) for v in ("good", "anomalous", "unsure")]
    verdicts = ", ".join(f"{n} {verdict}" for n, verdict in counts if n)
    corrected = sum(rep.correction is not None for rep in reps)
    by_you = f" ({corrected} corrected by you)" if corrected else ""
    return f"{number_of(len(counting), 'rep')}{': ' if verdicts else ''}{verdicts}{by_you}"


def set_lines(reps: Sequence[Rep]) -> Iterator[str]:
    """Yield the lines of each set, in order. The first line of a set begins with its number, the others with spaces."""
    exercises = {rep.exercise for rep in reps}
    for number, own in _by_set(reps).items():
        what = ["reps" if number is None else f"set {number}"]
        names = dict.fromkeys(in_words(rep.exercise) for rep in own if rep.exercise is not None)
        what += [", ".join(names)] if len(exercises) > 1 and names else []
        yield " · ".join([*what, count_summary(own), *map(english, standard_notes(own)), *_set_speed(own)])
        for line in _to_fix([rep.as_counted() for rep in own if rep.counts or rep.correction is None]):
            yield f"  {line}"


def speed_lines(reps: Sequence[Rep], *, each: bool = False) -> Iterator[str]:
    """Yield what explains estimated speeds, if any is shown: of each set or, with `each`, of each rep."""
    groups = [[rep] for rep in reps] if each else _by_set(reps).values()
    if any(unit is not None and is_estimated(unit) for unit in map(_set_unit, groups)):
        yield from ESTIMATES


def _by_set(reps: Sequence[Rep]) -> dict[int | None, list[Rep]]:
    sets: dict[int | None, list[Rep]] = {}
    for rep in reps:
        sets.setdefault(rep.set, []).append(rep)
    return sets


def _set_speed(reps: Sequence[Rep]) -> list[str]:
    """The speed of the way up: "fastest 0.79 m/s, last 0.57 m/s"; nothing if unknown. Speeds measured in two ways can't
    be compared: the most common way counts."""
    unit = _set_unit(reps)
    if unit is None:
        return []
    speeds = [rep.pace.speed for rep in reps if rep.pace is not None and rep.pace.speed_unit == unit]
    last = f", last {speed_words(speeds[-1], unit)}" if len(speeds) > 1 else ""
    return [f"fastest {speed_words(max(speeds), unit)}{last}"]


def _set_unit(reps: Sequence[Rep]) -> SpeedUnit | None:
    """The unit of most speeds in a set; None if no speed is known."""
    units = Counter(rep.pace.speed_unit for rep in reps if rep.pace is not None)
    return max(units, key=lambda one: (units[one], one == "m/s"), default=None)


def _to_fix(reps: Sequence[Rep]) -> Iterator[str]:
    """Yield a line for each main fault, the one to fix first, then for reps that stood out or could not be judged.
    reps: of one set, with those that missed a standard and so do not count."""
    found = [(rep, shortcomings(rep)) for rep in reps]
    reps = [rep for rep in reps if rep.counts]
    anomalous = [rep for rep in reps if rep.verdict == "anomalous"]
    exercise = next((rep.exercise for rep in reps if rep.exercise is not None), "")
    main = {faults[0].name for _, faults in found if faults}
    for name in (one for one in to_fix([faults for _, faults in found], by_risk(exercise)) if one in main):
        having = [(rep, fault) for rep, faults in found for fault in faults if fault.name == name]
        shown, worst = [rep for rep, _ in having], max((fault for _, fault in having), key=size)
        what = f"{in_words(name)} in {_rep_names(shown)}"
        what += f" ({english(worst.text)})" if worst.text else ""
        yield _compared_with(what, [rep for rep in shown if name in rep.fault_names])
    unnamed = [rep for rep in anomalous if not rep.fault_names]
    marked = [rep for rep in unnamed if rep.correction is not None]
    odd = [rep for rep in unnamed if rep.correction is None]
    if odd:
        yield _compared_with(f"unlike good reps: {_rep_names(odd)}", odd)
    if marked:
        yield f"marked bad by you: {_rep_names(marked)}"
    for reason in dict.fromkeys(rep.unsure for rep in reps if rep.unsure is not None):
        yield f"not judged: {_rep_names([rep for rep in reps if rep.unsure == reason])} ({reason})"


def _compared_with(what: str, reps: Sequence[Rep]) -> str:
    """Add the day that reps are compared with, if the set as a whole is unlike it."""
    return ": ".join([*dict.fromkeys(rep.comparison for rep in reps if rep.comparison), what])


def _rep_names(reps: Sequence[Rep]) -> str:
    """The names of reps: "rep 1/4", "reps 2/1, 2/3 and 5 more"."""
    names = [rep.name for rep in reps[:MOST_REPS]]
    more = len(reps) - len(names)
    return f"rep{'' if len(reps) == 1 else 's'} {', '.join(names)}{f' and {more} more' if more else ''}"


def doubt_line(result: Analysis) -> str | None:
    """Why the result of a recording is doubtful as a whole; None if it is not."""
    if result.exercise is None:
        return unrecognised_line(result.recognised) if result.frames.with_pose else NOBODY
    if result.looks_like is not None:
        like, given = in_words(result.looks_like).lower(), in_words(result.exercise).lower()
        return f"this looks like {like}, not {given}. Give --exercise {result.looks_like} if it is."
    if result.recognised is None or result.recognised.sure:
        return None
    return guessed_line(result.recognised, counted=bool(result.reps))


def unrecognised_line(guess: Recognition | Recognised | None) -> str:
    """The line: "no exercise was recognised: most like squat (.41) or lunge (.22). Give --exercise." guess: the
    likeliest exercise; None if nothing looked like one."""
    if guess is None or guess.name is None:
        return f"{NOT_RECOGNISED}. Give --exercise."
    likely = [(guess.name, guess.probability), *((one.name, one.probability) for one in guess.alternatives[:1])]
    return f"{NOT_RECOGNISED}: most like {' or '.join(_likelihood(*one) for one in likely)}. Give --exercise."


def guessed_line(guess: Recognition | Recognised, *, counted: bool) -> str:
    """The line: "counted as squat (.81), which is likeliest but not sure. Give --exercise if it is another." guess: the
    exercise that was counted at the end, because none was sure. counted: whether any rep was."""
    said = _likelihood(str(guess.name), guess.probability)
    if not counted:
        return f"most like {said}, but no rep of it was found. Give --exercise if it is another."
    return f"counted as {said}, which is likeliest but not sure. Give --exercise if it is another."


def _likelihood(name: str, probability: float) -> str:
    return f"{name.replace('_', ' ')} ({probability:.2f})".replace("(0", "(")


def print_summary(
    run: FrameLoop,
    start: SessionStart,
    title: str | None,
    learned: int,
    *,
    live: bool,
    verbose: bool,
    to_stderr: bool,
) -> None:
    """Print the sets of a run and their verdicts. title: of the given exercise; None if recognised. learned: number of
    reps that the profile stored. live: whether the source is live, and so can't be processed again. verbose: also print
    a table of all reps, frame counts and latencies."""
    from rich.console import Console

    console = Console(stderr=to_stderr, highlight=False)
    who = [] if start.profile is None else [f"profile {start.profile}"]
    exercises = title or _exercises(run.reps) or "no exercise"
    console.print()
    none = _none_words(title, run.tally.document, run.pipeline.refused)
    _print_sets(console, [start.source, exercises.lower(), *who], run.reps, run.partials, none, each=verbose)
    if learned:
        console.print(f"{number_of(learned, 'rep')} learned and stored in profile {start.profile}", soft_wrap=True)
    if verbose:
        _print_reps(console, run.reps, run.partials)
        _print_figures(console, run.tally, start.pose)
    for line in too_slow_lines(run.tally, start.pose, live=live):
        console.print(line, style="bold", soft_wrap=True, markup=False)


def too_slow_lines(tally: RunMetrics, pose: str, *, live: bool) -> list[str]:
    """When the machine was too slow for the run to be trusted, and what to do; nothing if it never was."""
    what = too_slow_words(tally.slow.spans, tally.frames, tally.dropped)
    if what is None:
        return []
    do = ["close other programs"]
    do += [f"use `--pose {FASTEST_POSE}`"] if pose != FASTEST_POSE else []
    do += ["choose a smaller picture in the camera's settings"] if live else []
    advice = do[0] if len(do) == 1 else f"{', '.join(do[:-1])} or {do[-1]}"
    again = " `livecoach analyze` takes every frame of a recording, however slow the machine is."
    return [_sentence(what), f"{_sentence(advice)}{'' if live else again}"]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def print_analysis(result: Analysis, *, verbose: bool) -> None:
    """Print the result of `analyze` for one recording. verbose: with a table of all reps."""
    from rich.console import Console

    console = Console(highlight=False)
    view = result.view
    place = [] if view is None else [f"{view.name} view, {view.azimuth_deg:.0f}° ±{view.uncertainty_deg:.0f}"]
    who = [] if result.profile is None else [f"profile {result.profile}"]
    exercises = _exercises(result.reps) or in_words(result.exercise or "no exercise")
    given = result.exercise if result.recognised is None else None
    none = _none_words(given, result.frames, result.refused)
    about = [result.source.name, exercises, *place, *who]
    _print_sets(console, about, result.reps, result.partial_reps, none, each=verbose)
    if verbose:
        _print_reps(console, result.reps, result.partial_reps)


def _none_words(exercise: str | None, frames: FramesDocument, refused: int) -> str:
    """Why there are no reps of a given exercise. Empty if none was given, because another line then says so."""
    if exercise is None or not frames.read:
        return ""
    if not frames.with_pose:
        return ": nobody was seen"
    if not refused:
        return ": nobody moved out and back as in a rep. Check that all of the lifter is in the picture"
    seen = "1 movement was" if refused == 1 else f"{refused} movements were"
    return (
        f": {seen} seen, and not taken for {in_words(exercise).lower()}. If it was another exercise, name that, or let"
        " `--exercise auto` recognise it"
    )


def _print_sets(
    console: "Console",
    about: Sequence[str],
    reps: Sequence[Rep],
    partials: Sequence[PartialRep],
    none: str,
    *,
    each: bool,
) -> None:
    """Print what a run was about, its sets, and what was not visible. none: why there is no rep. each: a table with the
    speed of each rep follows."""
    sets = len({rep.set for rep in reps})
    counts = [] if sets == 1 else [f"{count_summary(reps)}{'' if reps else none}"]
    console.print(" · ".join([*about, *counts]), soft_wrap=True, markup=False)
    lines = list(set_lines(reps))
    lines += [f"partial rep at {one.start_s:.1f} s: {PARTIAL[one.reason]}" for one in partials]
    for line in [*lines, *not_visible_lines(reps), *speed_lines(reps, each=each)]:
        console.print(line, soft_wrap=True, markup=False)


def _print_reps(console: "Console", reps: Sequence[Rep], partials: Sequence[PartialRep]) -> None:
    """Print a table of all reps, and the faults of each."""
    names = dict.fromkeys(rep.exercise for rep in reps)
    for name in names:
        console.print()
        if name is not None and len(names) > 1:
            console.print(in_words(name))
        console.print(reps_table([rep for rep in reps if rep.exercise == name]))
    for line in fault_lines(reps, partials):
        console.print(line, soft_wrap=True, markup=False)


def _print_figures(console: "Console", tally: RunMetrics, pose: str) -> None:
    frames = f"{tally.frames} frames, {tally.dropped} dropped, {tally.with_pose} with a person"
    console.print(frames, soft_wrap=True)
    rows = (
        (f"pose ({pose})", tally.pose),
        ("everything else but drawing", tally.step),
        ("drawing", tally.draw),
        ("frame captured → drawn", tally.captured_to_drawn),
        ("rep's last frame captured → cue", tally.captured_to_cue),
    )
    for name, durations in rows:
        if durations.values_ms:
            p50, p95 = durations.percentile(50), durations.percentile(95)
            console.print(f"{name}: p50 {p50:.1f}, p95 {p95:.1f} ms", soft_wrap=True)


def _exercises(reps: Sequence[Rep]) -> str:
    return ", ".join(in_words(name) for name in dict.fromkeys(rep.exercise for rep in reps) if name is not None)
