"""Alarms and named faults on real clips, and on a depth camera's lifts. Nothing of them trained anything.

Real clips go through the pipeline whole, with nothing of the lifter's own at the start; it learns within the clip, as
it does live. The depth camera's lifts (one lifter, singles) are put on a judging body and seen with the noise model's
errors: five good ones are the lifter's own, each a set, and all others are judged.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from livecoach import assembly
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.form_tables import OWN_REPS
from livecoach.lab.measure.real_data import clips_folder, depth_camera_lifts, labelled_clips
from livecoach.lab.measure.table import Cell, Progress, Share, Table
from livecoach.run import stepping
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.retarget import depth_camera_sets
from livecoach.types import Observation, PartialRep, Rep, RepWindow, Step

VIEWS_DEG = (35.0, 55.0)
NAMED = "j_"
"""Beginning of the names of clips whose origin names a fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledRep:
    """A rep, or a begun one, whose label is known."""

    clip: str
    label: str
    rep: Rep | PartialRep

    @property
    def reference(self) -> str:
        """What it was judged against."""
        return self.rep.reference if isinstance(self.rep, Rep) else "partial"

    @property
    def verdict(self) -> str:
        """Its verdict; a begun rep is anomalous where a fault was named."""
        if isinstance(self.rep, Rep):
            return self.rep.verdict
        return "anomalous" if self.rep.faults else "good"


def measure(exercise: str, pose: str, seed: int, cache: Cache, progress: Progress) -> list[Table]:
    """Measure the clips of an exercise; for the deadlift the depth camera's lifts too, where they are there."""
    coach = assembly.load(exercise)
    clips = list(_of_clips(coach, cache, pose, progress))
    tables = [_table(f"{exercise}: real clips, pose {pose}", clips), _clips_with_a_named_fault(clips)]
    if exercise == "deadlift" and depth_camera_lifts().is_file():
        progress("lifts of the depth camera", 0.0)
        tables.append(_table("Depth camera", list(_of_depth_camera(coach, depth_camera_lifts(), seed))))
    return tables


def _of_clips(coach: assembly.Coach, cache: Cache, pose: str, progress: Progress) -> Iterator[LabelledRep]:
    clips = list(labelled_clips(coach.exercise))
    for number, clip in enumerate(clips):
        progress(f"judging {clip.name}", number / len(clips))
        for step in _steps(coach, cache.observed(clips_folder() / clip.name, pose)):
            if step.rep is not None and (label := clip.label(step.rep)) is not None:
                yield LabelledRep(clip=clip.name, label=label, rep=step.rep)
            if step.partial is not None and clip.name.startswith(NAMED):
                yield LabelledRep(clip=clip.name, label=clip.of_clip or "mixed", rep=step.partial)


def _of_depth_camera(coach: assembly.Coach, path: Path, seed: int) -> Iterator[LabelledRep]:
    """Yield the depth camera's lifts, judged against five of its good ones."""
    lifts = list(depth_camera_sets(path, JUDGING[:1], seed, views_deg=VIEWS_DEG))
    own: list[RepWindow] = []
    for lift in [lift for lift in lifts if not lift.fault]:
        windows = [step.window for step in _steps(coach, lift.observations) if step.rep and step.rep.unsure is None]
        if windows and windows[0] is not None and len(own) < OWN_REPS:
            own.append(replace(windows[0], set_name=lift.name))
            lifts.remove(lift)
    for lift in lifts:
        for step in _steps(coach, lift.observations, own):
            if step.rep is not None:
                yield LabelledRep(clip=lift.name, label="bad" if lift.fault else "good", rep=step.rep)


def _steps(coach: assembly.Coach, observations: Sequence[Observation], own: Sequence[RepWindow] = ()) -> Iterator[Step]:
    return stepping.steps(coach.pipeline(own, pose="lite"), observations)


def _table(title: str, reps: Sequence[LabelledRep]) -> Table:
    """Return alarms by label and reference, and what was named."""
    rows: list[tuple[Cell, ...]] = []
    for label in ("good", "bad", "mixed"):
        for reference in ("population", "provisional", "own", "partial"):
            group = [rep for rep in reps if (rep.label, rep.reference) == (label, reference)]
            if not group:
                continue
            counts = Counter(rep.verdict for rep in group)
            names = Counter(fault.name for rep in group for fault in rep.rep.faults)
            named = ", ".join(f"{name} {number}" for name, number in names.most_common())
            alarms = Share(counts["anomalous"], counts["good"] + counts["anomalous"])
            rows.append((label, reference, len(group), counts["unsure"], alarms, named))
    columns = ("label", "reference", "reps", "unsure", "alarms in what is judged", "named")
    return Table(title=title, columns=columns, rows=tuple(rows))


def _clips_with_a_named_fault(reps: Sequence[LabelledRep]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (rep.clip, rep.reference, ", ".join(fault.text for fault in rep.rep.faults) or None)
        for rep in reps
        if rep.clip.startswith(NAMED)
    ]
    return Table(title="Clips whose origin names a fault", columns=("clip", "reference", "named"), rows=tuple(rows))
