"""Summarises a run or a recording in words, with a few lines for each set."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from livecoach.core.config.paths import quote_shell_word
from livecoach.core.documents import Analysis, SessionStart
from livecoach.core.language import format_duration, translate
from livecoach.core.types import PartialRep, Rep, SetSummary
from livecoach.core.types.bounds import lifter_suffix
from livecoach.core.types.message import Message, capitalise, in_words, join_texts, quantity_words
from livecoach.decisions.coaching import rep_figures
from livecoach.decisions.coaching.last_time import LastTimes, returned_fault_notes
from livecoach.decisions.coaching.set_summary import NOTHING_LEARNED, depth_note, unseen_note
from livecoach.decisions.judging.own_reps import LEAST_ALIKE
from livecoach.decisions.judging.primary import faults_of, rank_shortcomings, severity_key, shortcomings
from livecoach.decisions.judging.wording import fault_words
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.feedback.shapes import CROSS, DASH, TICK
from livecoach.feedback.summary_panel import SummaryRow
from livecoach.pages.history import history_words as words_of
from livecoach.pages.history.history_words import is_estimated, speed_words
from livecoach.pages.report import report_words
from livecoach.pages.report.report_words import describe_unchecked
from livecoach.records.session.metrics import RunMetrics, slowness_message
from livecoach.run.doubts import (
    SLOW_MOTION,
    is_slow_motion,
    no_reps_reason,
    run_doubt_line,
    seldom_seen_line,
    why_no_reps,
)
from livecoach.run.process import line_printer

if TYPE_CHECKING:
    from livecoach.run.loop import FrameLoop
    from livecoach.run.run_options import RunOptions

ESTIMATES = (
    "Speeds with ~ or “about” are estimates for a height of {text}: enter yours in the settings for your next sets."
)
ALIKE = (
    "“alike” is not “good”: nobody has confirmed which reps of this lifter are good. "
    "`livecoach analyze --profile` judges by the good reps of a profile."
)
FASTEST_POSE = "lite"
KEPT, OVER = "The session is over and kept.", capitalise("the session is over")
NOT_RECORDED = "The session is over. It could not be recorded."
UNRECOGNISED = "no exercise was recognised. Choose it on the start screen."
REFUSED = "movements that did not count as {text}: {n}. If it was another exercise, choose it on the start screen."
ALONE, _OF_SEVERAL, _SET = 1.3, 1.1, 0.8
"""Sizes on the end screen, relative to faults: of a name or only exercise, of each of several exercises, of a set."""


def not_visible_lines(reps: Sequence[Rep]) -> list[str]:
    """Return the faults that at least half of an exercise's judged reps could not show, in a line for each reason."""
    hidden: dict[str, dict[str, None]] = {}
    for exercise in dict.fromkeys(rep.exercise for rep in reps):
        for name, reason in rep_figures.mostly_unseen_faults([rep for rep in reps if rep.exercise == exercise]).items():
            hidden.setdefault(describe_unchecked(reason), {})[fault_words(name, exercise)] = None
    return [translate(join_texts(": ", why, join_texts(", ", *names))) for why, names in hidden.items()]


def describe_counts(reps: Sequence[Rep]) -> str:
    """Describe the number of reps of each form, and of corrected reps: "5 reps: 4 good, 1 to check", or "no reps"."""
    if not reps:
        return "no reps"
    number = rep_figures.count_forms(reps)
    rests_on = rep_figures.main_reference(reps) if len({rep.set for rep in reps}) == 1 else None
    forms = join_texts(", ", *rep_figures.counts_in_words(number, rests_on))
    counts = join_texts(": ", words_of.reps(number["reps"]), forms)
    corrected = sum(rep.is_overruled for rep in reps)
    by_you = quantity_words(corrected, "1 corrected by you", "{n} corrected by you")
    return Message("{text} ({text2})", text=counts, text2=by_you) if corrected else counts


def summarise_sets(reps: Sequence[Rep], lifters: Mapping[int, str] = MappingProxyType({})) -> Iterator[str]:
    """Yield, for each set, a line with counts and speed, and indented lines about faults and reps that are not good.

    If several people lifted, `lifters` has the name of each set's lifter, by the number of the set in the session.
    """
    exercises = {rep.exercise for rep in reps}
    for number, done in _by_set(reps).items():
        name = Message("set {n}", n=done[0].lifter_set_number)
        names = dict.fromkeys(in_words(rep.exercise) for rep in done)
        what = join_texts(", ", *names) if len(exercises) > 1 else ""
        who = lifters.get(number, "")
        line = join_texts(" · ", name, who, what, describe_counts(done), *depth_note(done), _set_speed(done))
        yield translate(line)
        yield from (f"  {translate(line)}" for line in _to_fix(done))


def estimate_notes(reps: Sequence[Rep]) -> Iterator[str]:
    """Yield an explanation of the estimated speeds, if any."""
    if any(is_estimated(pace.speed_unit) for own in _by_set(reps).values() for _, pace in rep_figures.timed_reps(own)):
        yield translate(Message(ESTIMATES, text=Message("{n} cm", n=f"{TYPICAL_HEIGHT_CM:.0f}")))


def speed_lines(reps: Sequence[Rep], profile: str | None = None) -> Iterator[str]:
    """Yield an explanation of estimated speeds, if any, and the command to enter the height of `profile`, if named."""
    for note in estimate_notes(reps):
        yield note
        option = "" if profile is None else f" --profile {quote_shell_word(profile)}"
        yield f"  livecoach config set height_cm 180{option}"


def _by_set(reps: Sequence[Rep]) -> dict[int, list[Rep]]:
    return {number: [rep for rep in reps if rep.set == number] for number in dict.fromkeys(rep.set for rep in reps)}


def _set_speed(reps: Sequence[Rep]) -> str:
    """Describe the speed of a set: "fastest 0.79 m/s, rep 5: 28 % slower than rep 2, 1 not measured"; or nothing."""
    fastest, loss = rep_figures.fastest_pace(reps), rep_figures.largest_loss(reps)
    if fastest is None:
        return ""
    lost = "" if loss is None else rep_figures.speed_loss_words(loss.share, loss.rep.number, loss.fastest.number)
    without = len(rep_figures.counted_reps(reps)) - len(rep_figures.timed_reps(reps))
    unknown = Message("{n} not measured", n=without) if without else ""
    speed = Message("fastest {text}", text=speed_words(fastest.speed, fastest.speed_unit))
    return join_texts(", ", speed, lost, unknown)


def _to_fix(reps: Sequence[Rep]) -> Iterator[str]:
    """Yield a line for each main fault of a set, in the order to fix; then for other reps that were not good."""
    found = [(rep, shortcomings(rep)) for rep in rep_figures.attempts_as_counted(reps)]
    exercise = reps[0].exercise if reps else ""
    main = {faults[0].name for _, faults in found if faults}
    order, reps = faults_of(exercise), rep_figures.counted_reps(reps)
    for name in (fault for fault in rank_shortcomings([faults for _, faults in found], order) if fault in main):
        having = [(rep, fault) for rep, faults in found for fault in faults if fault.name == name]
        shown, worst = [rep for rep, _ in having], max((fault for _, fault in having), key=severity_key)
        is_all = 2 < len(shown) == len(reps) and all(rep.counts for rep in shown)
        names = Message("all {n} reps", n=len(shown)) if is_all else report_words.rep_numbers(shown)
        what = Message("{text} in {text2}", text=fault_words(name, exercise), text2=names)
        measured = worst.finding_and_values[1]
        what = Message("{text} ({text2})", text=what, text2=measured) if measured else what
        yield _compared_with(what, [rep for rep in shown if name in rep.fault_names])
    unnamed = [rep for rep in reps if rep.verdict == "anomalous" and not rep.fault_names]
    odd = [rep for rep in unnamed if rep.correction is None and not shortcomings(rep)]
    for difference in dict.fromkeys(rep.difference_words for rep in odd):
        alike = [rep for rep in odd if rep.difference_words == difference]
        yield _compared_with(join_texts(": ", difference, report_words.rep_numbers(alike)), alike)
    marked = [rep for rep in unnamed if rep.correction is not None]
    if marked:
        yield Message("{text} marked bad by you", text=report_words.rep_numbers(marked))
    for reason in dict.fromkeys(rep.unsure for rep in reps if rep.unsure is not None):
        names = report_words.rep_numbers([rep for rep in reps if rep.unsure == reason])
        yield join_texts(": ", "not judged", Message("{text} ({text2})", text=names, text2=reason))


def _compared_with(what: str, reps: Sequence[Rep]) -> str:
    """Prefix a text with the day of the reference, such as "compared with 13 Nov", if the reps state such a day."""
    return join_texts(": ", *dict.fromkeys(rep.comparison_words for rep in reps), what)


def end_title(line: str, *, records: bool, is_kept: bool, problem: str | None = None) -> str:
    """Return the title of the end screen: the session is over and, if it should be recorded, whether it is stored.

    Args:
        line: Where the session is stored, or why it is lost; empty without a recording.
        problem: Problem of the run, after which the title does not promise that all is kept; None without a problem.
    """
    if is_kept or not records:
        return KEPT if is_kept and problem is None else OVER
    return Message("The session is over: {text}.", text=line.removeprefix("session: ")) if line else NOT_RECORDED


def end_rows(loop: "FrameLoop", title: str | None, pose: str, *, live: bool) -> Iterator[SummaryRow]:
    """Yield the rows of a run's end screen, in the lifter's language: problems, and each lifter's sets and faults.

    Args:
        title: Title of the exercise that was chosen first; None if the exercise was recognised.
        live: Whether the source is live, and can't be processed again.
    """
    each = list(loop.coached.reps_by_profile())
    if loop.display.problem is not None:
        yield SummaryRow((translate(capitalise(loop.display.problem)),), CROSS)
    for profile, reps, partials in each:
        if len(each) > 1:
            yield SummaryRow((translate(report_words.lifter_name(profile)),), scale=ALONE)
        names = dict.fromkeys(rep.exercise for rep in reps)
        scale = ALONE if len(each) == len(names) == 1 else _OF_SEVERAL
        for name in names:
            of_exercise = [rep for rep in reps if rep.exercise == name]
            loads = {number: load for number, _, load in loop.coached.lifter_of_set(of_exercise[0].set).set_logger.sets}
            yield from exercise_rows(of_exercise, loads, scale)
        if not reps:
            half = [join_texts(": ", "not counted", report_words.PARTIAL[partial.reason]) for partial in partials]
            lines = dict.fromkeys([_why_none(loop, title, live=live), *half])
            yield from (SummaryRow((translate(capitalise(line)),), DASH) for line in lines)
    for line in too_slow_lines(loop.metrics, loop.coached.reps, pose, live=live)[:1]:
        yield SummaryRow((line,), DASH, _SET)


def exercise_rows(reps: Sequence[Rep], loads: Mapping[int, str], scale: float) -> Iterator[SummaryRow]:
    """Yield the summary rows of a lifter's reps in an exercise: the counts, the faults to fix, the sets, and notes.

    Args:
        reps: The reps in order, at least one. Several sets have a row each; a single set has a note on its speed.
        loads: Load of each set in words, by the number of the set in the session.
        scale: Size of the first row, relative to the rows of faults.
    """
    name, number, sets = reps[0].exercise, rep_figures.count_forms(reps), _by_set(reps)
    counts = rep_figures.counts_in_words(number, rep_figures.main_reference(reps) if len(sets) == 1 else None)
    parts = [capitalise(in_words(name)), words_of.sets(len(sets)), words_of.reps(number["reps"]), *counts]
    parts = [*(Message("{text},", text=part) for part in parts[:-1]), parts[-1]]
    yield SummaryRow(tuple(map(translate, parts)), TICK if number["good"] == number["reps"] > 0 else None, scale)
    for place, (fault, having) in enumerate(rep_figures.faults_to_fix(reps, faults_of(name)).items()):
        line = join_texts(": ", capitalise(fault_words(fault, name)), having.in_words(number["reps"]))
        yield SummaryRow((translate(line),), CROSS, spare=2 if place else 0)
    for key, own in sets.items() if len(sets) > 1 else ():
        of_set = Message("set {n}", n=own[0].lifter_set_number)
        line = join_texts(" · ", of_set, loads.get(key, ""), describe_counts(own))
        yield SummaryRow((translate(capitalise(line)),), scale=_SET, spare=1)
    more = [_set_speed(reps) if len(sets) == 1 else "", *unseen_note(reps, faults_of(name))]
    yield from (SummaryRow((translate(capitalise(line)),), scale=_SET, spare=3) for line in more if line)


def _why_none(loop: "FrameLoop", title: str | None, *, live: bool) -> str:
    """Return the reason why a lifter has no reps, for the end screen."""
    refused = loop.coached.pipeline.refused_count
    if loop.coached.reps:  # Another lifter has reps
        return "no reps"
    if live and title is not None and refused:
        return Message(REFUSED, text=title.lower(), n=refused)
    frames = loop.metrics.frames_document
    none = no_reps_reason(title, frames, refused) or seldom_seen_line(frames)
    return none or (UNRECOGNISED if live else run_doubt_line(loop)) or "no reps"


def print_summary(
    loop: "FrameLoop",
    options: "RunOptions",
    start: SessionStart,
    title: str | None,
    learned: Mapping[str, Sequence[str]],
    *,
    live: bool,
) -> None:
    """Print the summary of a run that is over: the sets and verdicts of each lifter, and notes.

    Args:
        title: Title of the exercise that was chosen first; None if the exercise was recognised.
        learned: Lines about the reps that each profile has learned from the run, by profile.
        live: Whether the source is live, and can't be processed again.
    """
    run, print_line = loop.coached, line_printer(to_stderr=options.events == "-")
    is_kept = options.records and options.sessions_in is None  # among the lifter's sessions, which commands can correct
    each = list(run.reps_by_profile())
    for profile, reps, partials in each:
        exercises = _exercises(reps) or title or "no exercise"
        print_line()
        none = "" if run.reps else no_reps_reason(title, loop.metrics.frames_document, run.pipeline.refused_count)
        source = start.source if live else report_words.profile_label(start.source)
        about = [source, exercises.lower(), report_words.profile_label(profile)]
        _print_sets(print_line, about, reps, partials, none, profile)
        lines = [*learned.get(profile or "", ())]
        if profile == run.lifter.name:
            if is_kept and not lines:
                lines += nothing_learned_lines(None if run.last is None else run.last.set.summary)
            lines += returned_fault_lines(run.lifter.last_times, reps)
            if is_kept:
                lines += question_lines(reps, suffix=lifter_suffix(profile, is_shared=len(each) > 1))
        for line in lines:
            print_line(line)
    if options.verbose:
        _print_figures(print_line, loop.metrics, start.pose)
    if not live and is_slow_motion(run.reps, run.partials):
        print_line(translate(SLOW_MOTION))
    for line in too_slow_lines(loop.metrics, run.reps, start.pose, live=live):
        print_line(line, style="bold")


def returned_fault_lines(last_times: LastTimes, reps: Sequence[Rep]) -> Iterator[str]:
    """Yield a line about each fault that was fixed in earlier sessions, and is back in a lifter's reps."""
    for name, last in last_times.items():
        for line in returned_fault_notes(last.fixed, name, [rep for rep in reps if rep.exercise == name]):
            yield translate(Message("{Text}.", Text=line))


def question_lines(reps: Sequence[Rep], session: str = "last", suffix: str = "") -> Iterator[str]:
    """Yield, for the first set with at least LEAST_ALIKE unconfirmed reps, the question whether these are good reps.

    Args:
        session: Name of the session in the command.
        suffix: End of the set's address in the command, as `lifter_suffix` returns it.
    """
    for done in _by_set(reps).values():
        if rep_figures.count_forms(done)["alike"] >= LEAST_ALIKE:
            how = "Are these your good reps? `livecoach sessions correct {name}:{n} good` confirms them."
            yield translate(Message(how, name=session, n=f"{done[0].lifter_set_number}{suffix}"))
            return


def nothing_learned_lines(last: SetSummary | None) -> list[str]:
    """Return the notes in a set's summary that say why the profile learns nothing; empty without a summary."""
    notes = () if last is None else last.notes
    return [translate(note) for note in notes if isinstance(note, Message) and note.id == NOTHING_LEARNED]


def too_slow_lines(metrics: RunMetrics, reps: Sequence[Rep], pose: str, *, live: bool) -> list[str]:
    """Return a line about too few pictures or a camera lost for good, and a line of advice; empty without a problem."""
    what = slowness_message(metrics.slow.spans, metrics.t_s, reps) or ""
    if metrics.is_camera_lost:
        lost_s, _ = metrics.camera_gaps[-1]
        loss = Message("the camera was lost at {time}, and did not come back", time=format_duration(lost_s))
        what = join_texts("; ", what, loss)
    if not what:
        return []
    do = ["close other programs that use the camera"] if metrics.camera_gaps else []
    if metrics.was_slow:
        do += ["close other programs"]
        do += [Message("use `--pose {name}`", name=FASTEST_POSE)] if pose != FASTEST_POSE else []
        do += ["choose a smaller picture in the camera's settings"] if live else []
    do += ["check the camera's connection"] if live else []
    again = [] if live else ["`livecoach analyze` takes every frame of a recording, however slow the machine is."]
    advice = Message("{Text}.", Text=join_texts("; ", *do))
    return [translate(Message("{Text}.", Text=what)), " ".join(map(translate, [advice, *again]))]


def print_analysis(result: Analysis, suffix: str = "") -> None:
    """Print the result of `analyze` for one recording.

    Args:
        suffix: End of a set's address in a command, as `lifter_suffix` returns it.
    """
    print_line = line_printer()
    view = result.view
    place = [] if view is None else [report_words.camera_place(view)]
    exercises = _exercises(result.reps) or in_words(result.exercise or "no exercise")
    label = report_words.profile_label
    about = [label(result.source.name), exercises, *place, label(result.profile)]
    _print_sets(print_line, about, result.reps, result.partial_reps, why_no_reps(result), result.profile)
    is_alike = any(rep.form == "alike" for rep in result.reps if rep.counts)
    asked = () if result.session is None else question_lines(result.reps, result.session, suffix)
    for line in asked if result.profile else [translate(ALIKE)] if is_alike else ():
        print_line(line)


def _print_sets(
    print_line: Callable[..., None],
    about: Sequence[str],
    reps: Sequence[Rep],
    partials: Sequence[PartialRep],
    none: str,
    profile: str | None,
) -> None:
    """Print a heading, the sets, the faults that could not be seen and, without reps, the reason `none`."""
    sets = len({rep.set for rep in reps})
    counts = "" if sets == 1 else join_texts(": ", describe_counts(reps), "" if reps else none)
    print_line(translate(join_texts(" · ", *about, counts)))
    ends = [
        Message("at {time}: {text}", time=format_duration(partial.start_s), text=report_words.PARTIAL[partial.reason])
        for partial in partials
    ]
    lines = [*summarise_sets(reps), *(translate(join_texts(": ", "not counted", end)) for end in ends)]
    for line in [*lines, *not_visible_lines(reps), *speed_lines(reps, profile)]:
        print_line(line)


def _print_figures(print_line: Callable[..., None], metrics: RunMetrics, pose: str) -> None:
    frames = f"{metrics.frames} frames, {metrics.dropped} dropped, {metrics.with_pose} with a person"
    print_line(frames)
    rows = (
        (f"pose ({pose})", metrics.pose),
        ("everything else but drawing", metrics.step),
        ("drawing", metrics.draw),
        ("frame captured → drawn", metrics.captured_to_drawn),
        ("rep's last frame captured → cue", metrics.captured_to_cue),
    )
    for name, durations in rows:
        if durations.values_ms:
            p50, p95 = durations.percentile(50), durations.percentile(95)
            print_line(f"{name}: p50 {p50:.1f}, p95 {p95:.1f} ms")


def _exercises(reps: Sequence[Rep]) -> str:
    return join_texts(", ", *dict.fromkeys(in_words(rep.exercise) for rep in reps))
