"""Alarms and named faults on real clips, and on a depth camera's lifts (Markdown). Nothing of them trained anything.

    python scripts/measure_form_real.py deadlift --cache DIR

Real clips of LIVECOACH_DATA (default ../shared/data), whole, through the pipeline with nothing of the lifter's own at
the start; it learns within the clip, as it does live. The depth camera's lifts (one lifter, singles) are put on a
judging body and seen with the noise model's errors: five good ones are his own, each a set, and all others are judged.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from measure_form import OWN_REPS
from real_reps import data_folder, labelled_clips, observations, run

from livecoach import assembly
from livecoach.config import exercise as exercises
from livecoach.lab.intervals import wilson
from livecoach.run import stepping
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.retarget import depth_camera_sets
from livecoach.types import Observation, PartialRep, Rep, RepWindow, Step

DEPTH_CAMERA = Path("landmarks") / "kinect_deadlift.npz"
VIEWS_DEG = (35.0, 55.0)
NAMED = "j_"
"""Clips whose origin names a fault."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A rep, or a begun one, of which something is known."""

    clip: str
    label: str
    rep: Rep | PartialRep

    @property
    def reference(self) -> str:
        """What it was judged against."""
        return self.rep.reference if isinstance(self.rep, Rep) else "partial"

    @property
    def verdict(self) -> str:
        """Of a begun rep: anomalous where a fault was named."""
        if isinstance(self.rep, Rep):
            return self.rep.verdict
        return "anomalous" if self.rep.faults else "good"


def steps(coach: assembly.Coach, seen: Sequence[Observation], kept: Sequence[RepWindow] = ()) -> Iterator[Step]:
    """What the pipeline says of some observations."""
    return stepping.steps(coach.pipeline(kept, pose="lite"), seen)


def of_clips(coach: assembly.Coach, cache: Path, model: str) -> Iterator[Row]:
    """The clips' reps whose label is known."""
    for clip in labelled_clips(coach.exercise):
        seen = observations(data_folder() / clip.name, cache, model)
        for step in steps(coach, seen) if seen else ():
            if step.rep is not None and (label := clip.label(step.rep)) is not None:
                yield Row(clip=clip.name, label=label, rep=step.rep)
            if step.partial is not None and clip.name.startswith(NAMED):
                yield Row(clip=clip.name, label=clip.of_clip or "mixed", rep=step.partial)


def of_depth_camera(coach: assembly.Coach, path: Path, seed: int) -> Iterator[Row]:
    """The depth camera's lifts, against five of its good ones."""
    lifts = list(depth_camera_sets(path, JUDGING[:1], seed, views_deg=VIEWS_DEG))
    own: list[RepWindow] = []
    for lift in [lift for lift in lifts if not lift.fault]:
        windows = [step.window for step in steps(coach, lift.observations) if step.rep and step.rep.unsure is None]
        if windows and windows[0] is not None and len(own) < OWN_REPS:
            own.append(replace(windows[0], set_name=lift.name))
            lifts.remove(lift)
    for lift in lifts:
        for step in steps(coach, lift.observations, own):
            if step.rep is not None:
                yield Row(clip=lift.name, label="bad" if lift.fault else "good", rep=step.rep)


def show(title: str, rows: Sequence[Row]) -> None:
    """Alarms by label and reference, and what was named."""
    print(f"\n## {title}\n\n| label | reference | n | unsure | judged | alarms | share (95 %) | named |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for label in ("good", "bad", "mixed"):
        for reference in ("population", "provisional", "own", "partial"):
            group = [row for row in rows if (row.label, row.reference) == (label, reference)]
            if not group:
                continue
            counts = Counter(row.verdict for row in group)
            judged = counts["good"] + counts["anomalous"]
            low, high = wilson(counts["anomalous"], judged)
            names = Counter(fault.name for row in group for fault in row.rep.faults)
            told = ", ".join(f"{name} {n}" for name, n in names.most_common())
            numbers = f"{len(group)} | {counts['unsure']} | {judged} | {counts['anomalous']}"
            share = counts["anomalous"] / max(judged, 1)
            print(f"| {label} | {reference} | {numbers} | {share:.1%} ({low:.1%}–{high:.1%}) | {told} |")
    for row in rows:
        if row.clip.startswith(NAMED):
            print(f"\n{row.clip}: {row.reference}, {', '.join(f.text for f in row.rep.faults) or 'nothing named'}")


def report(asked: argparse.Namespace) -> None:
    """Measure and print."""
    coach = assembly.load(asked.exercise)
    show(f"{asked.exercise}: real clips, pose {asked.pose}", list(of_clips(coach, asked.cache, asked.pose)))
    lifts = data_folder().parent / DEPTH_CAMERA
    if asked.exercise == "deadlift" and lifts.is_file():
        show("depth camera", list(of_depth_camera(coach, lifts, asked.seed)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--cache", type=Path, required=True, help="folder for what was seen in the clips")
    parser.add_argument("--pose", default="lite", help="pose model")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    return run(lambda: report(asked))


if __name__ == "__main__":
    sys.exit(main())
