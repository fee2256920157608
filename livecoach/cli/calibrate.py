"""The command `calibrate`: makes the lifter's reference from reps that the lifter calls good."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from livecoach import assembly
from livecoach.assembly import Coach, load_recognising, observer
from livecoach.cli import options
from livecoach.cli.arguments import RepSelection, exercise_of, select_reps
from livecoach.cli.output import number_of
from livecoach.cli.profiles import open_profile
from livecoach.cli.progress import Progress
from livecoach.cli.recording import Recording, opened_recording, report_loss
from livecoach.config import Settings
from livecoach.documents import AUTO
from livecoach.errors import ConfigError, SourceError
from livecoach.profile import MOST_OF_A_VIEW, Profile
from livecoach.run.every_frame import observed_steps
from livecoach.session.metrics import RunMetrics
from livecoach.session.rep_choice import RepChoice, chosen
from livecoach.session.stored import is_session, open_session
from livecoach.types import JudgedRep, Rep, RepWindow
from livecoach.types.callbacks import ignore
from livecoach.types.message import in_words

FEWEST = 3
"""Smallest number of reps: of two that differ, either may be the odd one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibrationRep:
    """A rep counted in a source."""

    source: str
    session: str
    rep: Rep
    """With its source's name and verdict; in a session, with the lifter's correction."""
    window: RepWindow | None
    """None if the view is unknown."""
    unfit: str | None
    """Why it can't be used; None if it can."""


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SOURCE...")
@click.option(
    "--profile",
    metavar="P",
    shell_complete=options.complete_profile,
    help="The profile to store the reps in. By default that of the sessions; for files, the one in the settings.",
)
@options.exercise
@options.pose
@click.option("--yes", is_flag=True, help="Do not ask before anomalous reps are used or reps are replaced.")
def calibrate(
    sources: tuple[Path, ...], profile: str | None, exercise: str | None, pose: str | None, yes: bool
) -> None:
    """Make your own reference from good reps.

    Choose 3 to 20 reps that you know to be good, from two or more sets: the reps of a single set vary too little.

    A source is a video, a file written by `livecoach lab observe`, or a session (its folder, its name, the beginning of
    its name, or "last"). last:2/1-5 is reps 1 to 5 of set 2 of the last session, as its report names them, and last:2
    is all of set 2; set1.mp4:1/1-5 names reps of a file. Reps that differ from the others, come from another view or
    are not visible enough are left out, and the table says so. The result replaces what the profile had for this
    exercise and view. livecoach asks before it replaces anything, and before it uses a rep that it called anomalous.
    `livecoach config profiles undo` brings the old reference back.

    Example: livecoach lab calibrate last:1 last:2/1-3 --profile anna
    """
    given = select_reps(sources, of_files=True)
    settings = options.settings(profile=profile or _profile(given), pose=pose)
    settings = replace(settings, exercise=_exercise(given, exercise))
    coach = assembly.load(settings.exercise, settings.false_alarms)
    lifter = open_profile(settings.profile)
    with Progress(list(given)) as progress:
        candidates = [candidate for source in _each_source(settings, coach, given, progress) for candidate in source]
    _check_count(len(candidates))
    reasons = _reasons(candidates, coach)
    Console(highlight=False).print(_table(candidates, reasons))
    good = [candidate for place, candidate in enumerate(candidates) if place not in reasons]
    _check_good(len(good))
    if yes or confirmed(lifter, settings.exercise, good):
        _store(lifter, settings.exercise, good)
    else:
        click.echo("nothing changed")


def _profile(sources: RepSelection) -> str | None:
    """Return the profile that the sessions among the sources were recorded for; None without one. Raises ConfigError
    where they have several."""
    about = [open_session(path, ignore).about for path in sources if is_session(path)]
    names = list(dict.fromkeys(one.profile for one in about if one.profile is not None))
    if len(names) > 1:
        raise ConfigError(
            f"sessions of {names[0]} and {names[1]}: whose reps are they? Name the profile with --profile."
        )
    return names[0] if names else None


def _exercise(sources: RepSelection, given: str | None) -> str:
    """Return the exercise of all sources. Raises ConfigError if they have several, or it is unknown."""
    exercises = list(dict.fromkeys(name for path in sources for name in _exercises(path, sources[path], given)))
    missing = next((path for path in sources if not os.path.exists(path)), None)
    if missing is not None:
        raise SourceError(f"{missing}: no such file. Check the path.")
    if not exercises or AUTO in exercises:
        raise ConfigError("which exercise do the recordings show? Name it, for example with --exercise squat.")
    if len(exercises) > 1:
        raise ConfigError(f"{exercises[0]} and {exercises[1]} are two exercises. Calibrate them one after the other.")
    return exercises[0]


def _exercises(path: Path, reps: RepChoice | None, given: str | None) -> tuple[str, ...]:
    """Return the exercises of a source; for a session in which they were recognised, those of the selected reps."""
    name = exercise_of(path, given)
    if name != AUTO or not is_session(path):
        return (name,)
    session = open_session(path, ignore)
    chosen = [event.rep for event in session.reps if reps is None or any(one.holds(event.rep) for one in reps)]
    return tuple(dict.fromkeys(map(session.exercise_of, chosen)))


def _each_source(
    settings: Settings, coach: Coach, sources: RepSelection, progress: Progress
) -> Iterator[list[CalibrationRep]]:
    """Yield the selected reps of each source.

    Raises SourceError if a source can't be read, two are the same recording, or two come from different pose models.
    """
    pose = ""
    names: set[str] = set()
    for path, reps in sources.items():
        of_source, its_pose = _candidates(settings, coach, path, reps, progress)
        if names & {candidate.session for candidate in of_source}:
            raise SourceError(f"{path}: is the same recording as another source. Leave one of them out.")
        names.update(candidate.session for candidate in of_source)
        if pose not in {"", its_pose}:
            raise SourceError(
                f"{path}: comes from pose model {its_pose}, the others from {pose}. Use one for all sources."
            )
        pose = its_pose
        yield of_source


def _candidates(
    settings: Settings, coach: Coach, path: Path, reps: RepChoice | None, progress: Progress
) -> tuple[list[CalibrationRep], str]:
    """Return the selected reps of one source, and the name of the pose model.

    A session of several exercises is counted as recorded, and reps of other exercises are left out.
    """
    of_file = None if is_session(path) else reps
    candidates: list[CalibrationRep] = []
    with ExitStack() as stack:
        recording = opened_recording(stack, path, settings.pose, None if of_file else reps)
        counting = load_recognising(settings.false_alarms) if recording.is_recognised else coach
        pipeline = counting.pipeline(
            pose=recording.pose, learn=False, height_cm=settings.height_cm, standards=settings.standards
        )
        made = observed_steps(
            recording.source, observer(recording.estimator), pipeline, RunMetrics(), recording.choices
        )
        for frame, step in made:
            if frame is not None:
                progress.advance(path, frame.t_s)
            for judged in step.judged:
                if judged.rep.exercise == coach.name and recording.selects(judged.rep):
                    candidates.append(_candidate(path.name, recording, judged))
        recording.report_missing([candidate.rep for candidate in candidates])
        report_loss(path, recording.source)
    progress.done(path)
    if of_file:
        wanted = chosen(of_file, [candidate.rep for candidate in candidates], path.name)
        candidates = [candidate for candidate in candidates if candidate.rep in wanted]
    return candidates, recording.pose


def _candidate(source: str, recording: Recording, judged: JudgedRep) -> CalibrationRep:
    now, window = judged.rep, judged.window
    rep = recording.as_recorded(now) or now
    unfit = "view not known" if window is None else f"not judged: {now.unsure}" if now.unsure else None
    if not rep.counts:
        unfit = "no rep, as you said"
    return CalibrationRep(source=source, session=recording.session, rep=rep, window=window, unfit=unfit)


def _check_count(count: int) -> None:
    """Raise ConfigError if there are too few reps for a calibration, or too many."""
    there = number_of(count, "rep")
    if count < FEWEST:
        raise ConfigError(f"{there}: a calibration needs {FEWEST} to {MOST_OF_A_VIEW} good reps. Add more.")
    if count > MOST_OF_A_VIEW:
        raise ConfigError(
            f"{there}: a calibration uses at most {MOST_OF_A_VIEW}. Name the best, as in last:2/1-5 for reps of set 2."
        )


def _reasons(candidates: Sequence[CalibrationRep], coach: Coach) -> dict[int, str]:
    """Return index in `candidates` → reason, for each rep that can't be used."""
    reasons = {place: c.unfit for place, c in enumerate(candidates) if c.unfit is not None}
    # Sets of two sources may share a name, and reps of different sets vary more.
    fit = {
        (f"{c.session} {c.window.set_name}", c.window.start_s): (place, c.window)
        for place, c in enumerate(candidates)
        if c.window is not None and c.unfit is None
    }
    if len(fit) >= FEWEST:
        considered = coach.choose_reps([replace(rep, set_name=name) for (name, _), (_, rep) in fit.items()])
        reasons |= {fit[out.rep.set_name, out.rep.start_s][0]: out.reason for out in considered.left_out}
    return reasons


def _table(candidates: Sequence[CalibrationRep], reasons: dict[int, str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("source", "rep", "at s", "view", "verdict", ""):
        right = name in {"rep", "at s"}
        table.add_column(name, justify="right" if right else "left", overflow="fold", no_wrap=bool(name))
    for place, candidate in enumerate(candidates):
        rep, window = candidate.rep, candidate.window
        reason = reasons.get(place)
        table.add_row(
            candidate.source,
            rep.name,
            f"{rep.start_s:.1f}",
            "–" if window is None else f"{window.known_view.azimuth_deg:.0f}°",
            rep.standing_verdict,
            "used" if reason is None else f"left out: {reason}",
        )
    return table


def _check_good(count: int) -> None:
    """Raise ConfigError if too few reps can be used."""
    if count < FEWEST:
        raise ConfigError(
            f"{number_of(count, 'good rep')}: a reference needs {FEWEST}. Nothing changed. Add reps of "
            "one view in which the lifter is visible from head to feet."
        )


def _store(profile: Profile, exercise: str, good: Sequence[CalibrationRep]) -> None:
    """Store the reps in the profile."""
    replaced = profile.calibrate(exercise, [(c.session, c.window) for c in good if c.window is not None])
    instead = f"; they replace {replaced} of the same view" if replaced else ""
    undo = f". `livecoach config profiles undo {profile.name}` takes that back."
    click.echo(f"profile {profile.name}, {exercise}: {len(good)} reps stored{instead}{undo}")


def confirmed(profile: Profile, exercise: str, good: Sequence[CalibrationRep]) -> bool:
    """Return whether the user agrees to use anomalous reps and to replace reps; True if there is nothing to ask.

    Raises ConfigError if nobody can answer.
    """
    asked = [*_about_flagged(good), *_about_replaced(profile, exercise, good)]
    for line in asked:
        click.echo(line, err=True)
    if not asked:
        return True
    if not sys.stdin.isatty():
        raise ConfigError("nothing changed. Not a terminal: pass --yes to store these reps.")
    return click.confirm("Store these reps?", err=True)


def _about_flagged(good: Sequence[CalibrationRep]) -> list[str]:
    """Return a line about the reps that livecoach called anomalous, if there are any."""
    flagged = [candidate for candidate in good if candidate.rep.standing_verdict == "anomalous"]
    if not flagged:
        return []
    named = ", ".join(f"{one.source}:{one.rep.name}{_fault_names(one.rep)}" for one in flagged)
    of = f"{len(flagged)} of {len(good)} reps {'is' if len(flagged) == 1 else 'are'} anomalous"
    return [f"{of}: {named}. A faulty rep in your reference hides that fault."]


def _fault_names(rep: Rep) -> str:
    names = ", ".join(in_words(name) for name in rep.fault_names)
    return f" ({names})" if names else ""


def _about_replaced(profile: Profile, exercise: str, good: Sequence[CalibrationRep]) -> list[str]:
    """Return a line about the stored reps that would be replaced, if there are any."""
    old = profile.replaced_by(exercise, [one.window for one in good if one.window is not None])
    if not old:
        return []
    reps = number_of(len(old), "rep")
    newest = max(entry.header.kept_utc for entry in old)
    return [
        f"profile {profile.name}, {exercise}: this replaces {reps} of the same view, stored until {newest:%Y-%m-%d}."
    ]
