"""The command `calibrate`: makes the lifter's reference from reps that the lifter calls good."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli import options
from livecoach.cli.arguments import RepSelection, exercise_of, parse_rep_numbers, select_reps
from livecoach.cli.profiles import open_profile
from livecoach.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from rich.table import Table

    from livecoach.assembly import Coach
    from livecoach.cli.progress import Progress
    from livecoach.config import Settings
    from livecoach.profile import Profile
    from livecoach.types import Rep, RepWindow

FEWEST = 3
"""Smallest number of reps: of two reps, nobody can say which is the odd one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibrationRep:
    """A rep counted in a source."""

    number: int
    """Number over all sources, from 1."""
    source: str
    session: str
    rep: "Rep"
    seen: "RepWindow | None"
    """None where the view is not known."""
    unfit: str | None
    """Why it can't be used; None where it can."""


def _numbers(_context: click.Context, _option: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    try:
        return None if text is None else parse_rep_numbers(text)
    except ValueError as err:
        raise click.BadParameter(str(err)) from err


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SOURCE...")
@options.profile
@options.exercise
@click.option("--reps", callback=_numbers, metavar="1,2,5-8", help="Use these reps only, numbered over all sources.")
@options.pose
def calibrate(
    sources: tuple[Path, ...],
    profile: str | None,
    exercise: str | None,
    reps: tuple[int, ...] | None,
    pose: str | None,
) -> None:
    """Make your own reference from good reps.

    Choose 3 to 20 reps that you know to be good.

    A source is a video, a file written by `livecoach observe`, or a session (its folder, its name, the beginning of its
    name, or "last"). SESSION:1,2,5-8 uses these reps only, by their numbers in `livecoach report`. Reps that differ
    from the others, come from another view or are not visible enough are left out, and the table says so. The result
    replaces what the profile had for this exercise and view. Use reps of two or more sets: reps of a single set vary
    too little.

    Example: livecoach calibrate monday.mp4 tuesday.mp4 --profile anna --reps 1,2,5-8
    """
    settings = options.settings(profile=profile, exercise=exercise, pose=pose)
    from livecoach import assembly
    from livecoach.cli.progress import Progress

    given = select_reps(sources)
    settings = replace(settings, exercise=_exercise(given, exercise, settings.exercise))
    coach = assembly.load(settings.exercise, settings.false_alarms)
    lifter = open_profile(settings.profile, named=profile is not None)
    with Progress(list(given)) as progress:
        found = [candidate for source in _numbered(settings, coach, given, progress) for candidate in source]
    chosen = _chosen(found, reps)
    reasons = _reasons(chosen, coach)
    _print(_table(chosen, reasons))
    _keep(lifter, settings.exercise, [c for c in chosen if c.number not in reasons])


COMMANDS = (calibrate,)


def _exercise(sources: RepSelection, given: str | None, usual: str) -> str:
    """Return the exercise of all sources. Raises ConfigError where they are of two exercises, or it is not known."""
    from livecoach.documents import AUTO

    found = list(dict.fromkeys(name for path in sources for name in _exercises(path, sources[path], given, usual)))
    if not found or AUTO in found:
        raise ConfigError("a calibration is of one exercise. Name it with --exercise.")
    if len(found) > 1:
        raise ConfigError(f"{found[0]} and {found[1]} are two exercises. Calibrate them one after the other.")
    return found[0]


def _exercises(path: Path, reps: tuple[int, ...] | None, given: str | None, usual: str) -> tuple[str, ...]:
    """Return the exercises of a source; of a session in which they were recognised, those of the selected reps."""
    from livecoach.documents import AUTO
    from livecoach.session.stored import is_session, open_session

    name = exercise_of(path, given, usual)
    if name != AUTO or not is_session(path):
        return (name,)
    session = open_session(path, str)
    chosen = [event.rep for event in session.reps if reps is None or event.rep.index in reps]
    return tuple(dict.fromkeys(map(session.exercise_of, chosen)))


def _numbered(
    settings: "Settings", coach: "Coach", sources: RepSelection, progress: "Progress"
) -> Iterator[list[CalibrationRep]]:
    """Yield the reps of each source.

    Raises SourceError where a source can't be read, two are the same recording, or two come from different pose models.
    """
    count, pose = 0, ""
    names: set[str] = set()
    for path, reps in sources.items():
        of_source, its_pose = _found(settings, coach, path, reps, count, progress)
        if names & {candidate.session for candidate in of_source}:
            raise SourceError(f"{path}: is the same recording as another source. Leave one of them out.")
        names.update(candidate.session for candidate in of_source)
        if pose not in {"", its_pose}:
            raise SourceError(
                f"{path}: comes from pose model {its_pose}, the others from {pose}. Use one for all sources."
            )
        count, pose = count + len(of_source), its_pose
        yield of_source


def _found(
    settings: "Settings", coach: "Coach", path: Path, reps: tuple[int, ...] | None, before: int, progress: "Progress"
) -> tuple[list[CalibrationRep], str]:
    """Return the reps of one source, and the name of the pose model. before: number of reps in earlier sources.

    A session of several exercises is counted as it was recorded, and the reps of other exercises are left out.
    """
    from livecoach.assembly import load_recognising, observer
    from livecoach.cli.recording import opened_recording
    from livecoach.run.batch import steps
    from livecoach.session.metrics import RunMetrics

    found: list[CalibrationRep] = []
    with ExitStack() as stack:
        recording = opened_recording(stack, path, settings.pose, reps)
        counting = load_recognising(settings.false_alarms) if recording.is_recognised else coach
        pipeline = counting.pipeline(pose=recording.pose, learn=False, height_cm=settings.height_cm)
        made = steps(recording.source, observer(recording.estimator), pipeline, RunMetrics(), recording.choices)
        for frame, step in made:
            if frame is not None:
                progress.advance(path, frame.t_s)
            for judged in step.judged:
                if judged.rep.exercise == coach.name and recording.selects(judged.rep):
                    number = before + len(found) + 1
                    found.append(_candidate(number, path.name, recording.session, judged.rep, judged.window))
        recording.report_missing([candidate.rep for candidate in found])
    progress.done(path)
    return found, recording.pose


def _candidate(number: int, source: str, session: str, rep: "Rep", window: "RepWindow | None") -> CalibrationRep:
    unfit = "view not known" if window is None else f"not judged: {rep.unsure}" if rep.unsure else None
    return CalibrationRep(number=number, source=source, session=session, rep=rep, seen=window, unfit=unfit)


def _chosen(found: Sequence[CalibrationRep], wanted: tuple[int, ...] | None) -> list[CalibrationRep]:
    """Return the reps that --reps names, or all. Raises ConfigError where one does not exist, or their number is out of
    range."""
    from livecoach.profile import MOST_OF_A_VIEW

    there = f"{len(found)} rep{'' if len(found) == 1 else 's'} found"
    missing = [number for number in wanted or () if number > len(found)]
    if missing:
        raise ConfigError(f"--reps: there is no rep {missing[0]} ({there}). Leave it out.")
    chosen = [candidate for candidate in found if wanted is None or candidate.number in wanted]
    if len(chosen) < FEWEST:
        what = there if wanted is None else f"--reps names {len(chosen)}"
        raise ConfigError(f"{what}: a calibration needs {FEWEST} to {MOST_OF_A_VIEW} good reps. Add more.")
    if len(chosen) > MOST_OF_A_VIEW:
        raise ConfigError(
            f"{len(chosen)} reps: a calibration uses at most {MOST_OF_A_VIEW}. Choose the best with --reps."
        )
    return chosen


def _reasons(chosen: Sequence[CalibrationRep], coach: "Coach") -> dict[int, str]:
    """Return the number of each rep that can't be used, with the reason."""
    reasons = {c.number: c.unfit for c in chosen if c.unfit is not None}
    # Sets of two sources may share a name, and reps of different sets vary more.
    fit = {
        (f"{c.session} {c.seen.set_name}", c.seen.start_s): (c.number, c.seen)
        for c in chosen
        if c.seen is not None and c.unfit is None
    }
    if len(fit) >= FEWEST:
        considered = coach.consider([replace(rep, set_name=name) for (name, _), (_, rep) in fit.items()])
        reasons |= {fit[out.rep.set_name, out.rep.start_s][0]: out.reason for out in considered.left_out}
    return reasons


def _table(chosen: Sequence[CalibrationRep], reasons: dict[int, str]) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("rep", "source", "set", "at s", "view", ""):
        table.add_column(name, justify="right" if name in {"rep", "at s"} else "left", overflow="fold")
    for candidate in chosen:
        seen = candidate.seen
        reason = reasons.get(candidate.number)
        table.add_row(
            str(candidate.number),
            candidate.source,
            "–" if seen is None else seen.set_name,
            f"{candidate.rep.start_s:.1f}",
            "–" if seen is None else f"{seen.known_view.azimuth_deg:.0f}°",
            "used" if reason is None else f"left out: {reason}",
        )
    return table


def _print(table: "Table") -> None:
    from rich.console import Console

    Console(highlight=False).print(table)


def _keep(profile: "Profile", exercise: str, good: Sequence[CalibrationRep]) -> None:
    """Store the reps in the profile. Raises ConfigError where there are too few."""
    if len(good) < FEWEST:
        raise ConfigError(
            f"{len(good)} good rep{'' if len(good) == 1 else 's'}: a reference needs {FEWEST}. Nothing changed. Add "
            "reps of one view in which the lifter is visible from head to feet."
        )
    replaced = profile.calibrate(exercise, [(c.session, c.seen) for c in good if c.seen is not None])
    instead = f"; they replace {replaced} of the same view" if replaced else ""
    click.echo(f"profile {profile.name}, {exercise}: {len(good)} reps stored{instead}")
