"""What whole runs make of real clips: recognition, the end of the source and each exercise's own counting together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from livecoach import assembly
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.recognition import NONE
from livecoach.lab.measure.table import Cell, Progress, Share, Table
from livecoach.lab.recognition.real_clips import RealClip
from livecoach.run.batch import steps
from livecoach.types import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedClip:
    """What a run counts of a clip."""

    truth: str | None
    """Name of the exercise; None for none of them."""
    counted_as: str | None
    """The exercise of most reps; None without a rep."""
    sure: bool
    """Whether it was sure of an exercise at any time."""


def measure_runs(clips: Sequence[RealClip], cache: Cache, pose: str, progress: Progress) -> Table:
    """Return how many clips are counted as what they are, by runs of all exercises without a profile."""
    coach, found = assembly.load_recognising(), list[CountedClip]()
    for number, clip in enumerate(clips):
        progress("runs", number / len(clips))
        found.append(counted_clip(coach, cache.observed(clip.path, pose), clip.truth))
    return table(found)


def counted_clip(
    coach: assembly.RecognisingCoach, observations: Sequence[Observation], truth: str | None
) -> CountedClip:
    """Return what a run counts of a clip."""
    pipeline = coach.pipeline((), learn=True)
    reps = Counter(judged.rep.exercise for step in steps(pipeline, observations) for judged in step.judged)
    most = reps.most_common(1)
    return CountedClip(truth=truth, counted_as=most[0][0] if most else None, sure=pipeline.known)


def table(found: Sequence[CountedClip]) -> Table:
    """Return the table by exercise."""
    names = sorted({one.truth for one in found if one.truth is not None})
    groups: list[tuple[str, list[CountedClip]]] = [
        ("in the classes", [one for one in found if one.truth is not None]),
        *((name, [one for one in found if one.truth == name]) for name in names),
        (NONE, [one for one in found if one.truth is None]),
    ]
    return Table(
        title="Real clips: counted by a run",
        columns=("what", "counted as it", "counted as another", "no rep"),
        rows=tuple(_row(what, clips) for what, clips in groups if clips),
        notes=(
            "Where nothing is ever sure, the likeliest exercise counts at the end of the clip if it finds reps.",
            f"Of {NONE}, the second column counts any rep.",
        ),
    )


def _row(what: str, clips: Sequence[CountedClip]) -> tuple[Cell, ...]:
    counts = [
        sum(one.counted_as == one.truth is not None for one in clips),
        sum(one.counted_as not in (None, one.truth) for one in clips),
        sum(one.counted_as is None for one in clips),
    ]
    return (what, *(Share(count, len(clips)) for count in counts))
