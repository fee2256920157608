"""Measures the accuracy of exercise recognition on real clips."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from livecoach.core.documents import AUTO
from livecoach.core.types import Observation, Rep
from livecoach.decisions import assembly
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.changed_camera import warning_and_note_texts
from livecoach.lab.measure.real_clips import RealClip, split_by_origin
from livecoach.lab.measure.table import Cell, Share, Table
from livecoach.lab.processes import ReportProgress
from livecoach.run.coached import replay

IN_CLASSES, NONE = "in the classes", "none of these"
IN_TIME_S = 1.0  # Longest time after the end of a rep at which its report counts as in time, in seconds. Our choice.
PARTS = 3  # Number of parts of the clips: a change is chosen on the first, judged on the second, and then on the third
LEAST_REPS = 2  # Least reps of a clip that is a set
FIRST_SURE = ("first sure is right", "first sure is another")


class ClipResult(NamedTuple):
    """The exercise and the reps that a run found in a clip, with the true exercise."""

    truth: str | None  # True exercise; None if the clip shows none of the exercises
    first_sure: str | None  # First exercise that was recognised for sure; None without such an exercise
    counted_as: str | None = None  # Exercise of most reps; None without a rep
    reps: int = 0  # Number of reps of all exercises
    in_time: int = 0  # Number of reps that were reported within IN_TIME_S of their end
    messages: tuple[str, ...] = ()  # Warnings, and notes at the ends of sets


def measure_recognition(clips: Sequence[RealClip], cache: Cache, progress: ReportProgress) -> list[Table]:
    """Measure exercise recognition in real clips, in tables. Each run looks for all exercises, and has no profile.

    Raises SourceError if a clip can't be read, and ModelError if the pose model can't be used.
    """
    coach, counts = assembly.load(AUTO), dict[Path, ClipResult]()
    for number, clip in enumerate(clips):
        progress("clips", number / len(clips))
        counts[clip.path] = _count_clip(coach, cache.observations_of(clip.path), clip.true_exercise)
    by_run = [run_table("Real clips", "what", group_clips(list(counts.values())))]
    if len({clip.origin for clip in clips}) >= PARTS:
        parts = [[counts[clip.path] for clip in part] for part in split_by_origin(clips, PARTS)]
        groups = {
            f"part {number}, {name}": of
            for number, part in enumerate(parts, 1)
            for name, of in group_clips(part).items()
        }
        shown = {name: of for name, of in groups.items() if name.endswith((IN_CLASSES, NONE))}
        by_run.append(run_table(f"Real clips in {PARTS} parts that have no origin in common", "part", shown))
    sets = [(clip, counts[clip.path]) for clip in clips if clip.true_exercise and (clip.reps or 0) >= LEAST_REPS]
    return [*by_run, clips_table(sets)]


def clips_table(sets: Sequence[tuple[RealClip, ClipResult]]) -> Table:
    """Return a table of how often exercise and count are right at the end of a clip, over all clips and by exercise.

    Args:
        sets: Clips that have at least LEAST_REPS reps and show an exercise, with their counts.
    """
    rows: list[tuple[Cell, ...]] = []
    for name in (IN_CLASSES, *sorted({clip.true_exercise for clip, _ in sets if clip.true_exercise is not None})):
        of = [(clip, counts) for clip, counts in sets if name in (IN_CLASSES, clip.true_exercise)]
        right = [(clip, counts) for clip, counts in of if counts.counted_as == clip.true_exercise]
        wrong = [counts for clip, counts in of if (counts.counted_as, counts.reps) != (clip.true_exercise, clip.reps)]
        messages = Counter(text for counts in wrong for text in dict.fromkeys(counts.messages)).most_common()
        exact = sum(counts.reps == clip.reps for clip, counts in right)
        others = Counter(found.counted_as or "no rep" for clip, found in of if found.counted_as != clip.true_exercise)
        rows.append(
            (
                name,
                Share(exact, len(of)),
                Share(len(right), len(of)),
                ", ".join(f"{other} {count}" for other, count in others.most_common()) or None,
                "; ".join(f"{text} ({count})" for text, count in messages) or None,
            )
        )
    return Table(
        title=f"Real clips of {LEAST_REPS} reps or more, no exercise named",
        columns=("exercise", "exercise and count right", "exercise right", "counted as", "messages in wrong clips"),
        rows=tuple(rows),
    )


def group_clips(clips: Sequence[ClipResult]) -> dict[str, list[ClipResult]]:
    """Return the results by group: clips of all exercises, of each exercise, and of none; empty groups are left out."""
    names = [IN_CLASSES, *sorted({clip.truth for clip in clips if clip.truth is not None}), NONE]
    groups = {name: [clip for clip in clips if clip.truth == name] for name in names}
    groups[IN_CLASSES] = [clip for clip in clips if clip.truth is not None]
    groups[NONE] = [clip for clip in clips if clip.truth is None]
    return {name: group for name, group in groups.items() if group}


def _count_clip(coach: assembly.CoachingModels, observations: Sequence[Observation], truth: str | None) -> ClipResult:
    run, reported = list(replay(coach.make_pipeline(), observations)), list[tuple[Rep, float]]()
    for step in run:
        reported = [*step.drop_withdrawn(reported), *((rep, step.observation.t_s) for rep in step.reps)]
    most, recognitions = Counter(rep.exercise for rep, _ in reported).most_common(1), (step.recognition for step in run)
    return ClipResult(
        truth=truth,
        counted_as=most[0][0] if most else None,
        reps=len(reported),
        in_time=sum(reported_s - rep.end_s <= IN_TIME_S for rep, reported_s in reported),
        first_sure=next((found.name for found in recognitions if found is not None and found.sure), None),
        messages=tuple(text for step in run for text in warning_and_note_texts(step)),
    )


def run_table(title: str, first: str, groups: Mapping[str, Sequence[ClipResult]]) -> Table:
    """Return a table of the exercises that are counted in runs over clips, with a row for each group of clips.

    Args:
        title: Start of the table's title.
        first: Title of the column with the names of the groups.
    """
    return Table(
        title=f"{title}: counted by a run",
        columns=(first, "counted as it", "counted as another", "no rep", "reps told when they end", *FIRST_SURE),
        rows=tuple((what, *_run_row(group)) for what, group in groups.items()),
        notes=(
            "Where nothing counts, the likeliest exercise counts at the end of the clip if it finds reps.",
            f"Of {NONE}, the second column counts any rep, and right is never to be sure.",
        ),
    )


def _run_row(clips: Sequence[ClipResult]) -> Iterator[Cell]:
    yield Share(sum(clip.counted_as == clip.truth is not None for clip in clips), len(clips))
    yield Share(sum(clip.counted_as not in (None, clip.truth) for clip in clips), len(clips))
    yield Share(sum(clip.counted_as is None for clip in clips), len(clips))
    yield Share(sum(clip.in_time for clip in clips), sum(clip.reps for clip in clips))
    yield Share(sum(clip.first_sure == clip.truth for clip in clips), len(clips))
    yield Share(sum(clip.first_sure not in (None, clip.truth) for clip in clips), len(clips))
