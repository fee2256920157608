"""How scorers that synthetic motion made judge real reps: alarms, hits and areas under the ROC, in Markdown.

    python scripts/measure_scorers.py deadlift --data DATASET --cache DIR
    python scripts/measure_scorers.py deadlift --own-joints

DATASET is what `livecoach dataset --synthetic` makes: each kind is fitted on the good reps of its training lifters, its
limit is what 2 % of the calibrating lifters' good reps are past. Judged are the clips of LIVECOACH_DATA (default
../shared/data), by origin, and a depth camera's lifts put on judging bodies. With own reps, these are the first good
ones of the origin's other clips (which takes an origin for one lifter), or, said apart, of the clip itself. What the
pose estimator saw in the clips is kept in DIR. Nothing that ships is fitted to any of them.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from measure_alarms import auroc_within, factor, unseen_alarms
from own_joints import show_own_joints
from real_reps import LabelledClip, data_folder, labelled_clips, observations, run

from livecoach import assembly
from livecoach.assembly import Coach
from livecoach.config import exercise as exercises
from livecoach.errors import LivecoachError
from livecoach.lab import dataset
from livecoach.lab.annotation import Annotation
from livecoach.lab.counted_reps import counted_reps
from livecoach.lab.dataset import GOOD, Dataset, Reps
from livecoach.lab.gather import Gathered, Told, gather
from livecoach.lab.intervals import auroc_interval, wilson
from livecoach.lab.scorers.compare import ALARMS, TENSORS, VALUES, WAYS
from livecoach.lab.scorers.kinds import SIMPLE, Kind
from livecoach.lab.scorers.references import Judging, differences, judgings
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.retarget import VIEWS_DEG, depth_camera_sets
from livecoach.types import Observation

DEPTH_CAMERA = Path("landmarks") / "kinect_deadlift.npz"
OWN_VIEWS_DEG = (35.0, 55.0)
"""Of lifts that are held against own ones: one body, from about one place."""
OWN = (3, 5)
POSE = "lite"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A kind that was fitted, with its limit."""

    kind: Kind
    values: str
    own: int
    limit: float

    @property
    def title(self) -> str:
        """For tables."""
        return f"{self.kind.name}, {self.values}"

    def scores(self, reps: Reps, judged: Sequence[Judging]) -> np.ndarray:
        """(m,) of what is judged; 1 is at the limit."""
        found: np.ndarray = self.kind.scores(differences(VALUES[self.values](reps), judged)) / self.limit
        return found


def fitted(kind: Kind, values: str, own: int, train: Reps, valid: Reps) -> Fitted:
    """Fit on the good reps of `train`, and set the limit on those of `valid`."""
    taken = VALUES[values]
    train, valid = train.some(train.good), valid.some(valid.good)
    numbers = taken(train)
    means = np.stack([numbers[train.lifters == one].mean(0) for one in np.unique(train.lifters)])
    kind.fit(differences(numbers, judgings(train, own)), means)
    limit = np.quantile(kind.scores(differences(taken(valid), judgings(valid, own))), 1 - ALARMS)
    return Fitted(kind=kind, values=values, own=own, limit=float(limit))


def all_fitted(data: Dataset, own: int, networks: bool, seed: int) -> Iterator[Fitted]:
    """All kinds; networks only where nothing of the lifter's own is known."""
    kinds: list[tuple[Callable[[], Kind], str]] = [(kind, values) for values in (WAYS, TENSORS) for kind in SIMPLE]
    if networks and not own:
        from livecoach.lab.scorers.autoencoder import LatentDensity, Reconstruction
        from livecoach.lab.scorers.recurrent import Recurrent

        kinds += [(lambda: LatentDensity(seed), TENSORS), (lambda: Reconstruction(seed), TENSORS)]
        kinds += [(lambda: Recurrent(seed), WAYS)]
    train, valid = data.part("train"), data.part("valid")
    for make, values in kinds:
        yield fitted(make(), values, own, train, valid)


def clip_reps(coach: Coach, cache: Path) -> tuple[Reps, list[str]]:
    """The labelled reps of the clips that the pipeline judges, and why others are left out.

    Lifter: the origin; source: the clip.
    """
    parts, notes = [], []
    for clip in labelled_clips(coach.exercise):
        seen = observations(data_folder() / clip.name, cache, POSE)
        gathered = _gathered(clip.name, clip.origin, clip.of_clip or dataset.UNKNOWN, seen, coach)
        notes += [f"{clip.name} ({clip.of_clip or 'mixed'}), {note}" for note in gathered.notes]
        if len(gathered.reps):
            parts.append(gathered.reps if clip.of_clip else _labelled(gathered.reps, clip, seen, coach))
    reps = Reps.joined(parts)
    return reps.some(reps.labels != dataset.UNKNOWN), notes


def _labelled(reps: Reps, clip: LabelledClip, seen: Sequence[Observation], coach: Coach) -> Reps:
    """Of a clip whose reps differ."""
    labels = {one.rep.start_s: clip.label(one.rep) or dataset.UNKNOWN for one in counted_reps(seen, coach, POSE)}
    return replace(reps, labels=np.array([labels[start_s] for start_s in reps.times_s[:, 0].tolist()]))


def lift_reps(coach: Coach, bodies: Sequence[str], views_deg: tuple[float, float], seed: int) -> Reps:
    """The depth camera's lifts on bodies, those that the pipeline judges; source: the lift."""
    path = data_folder().parent / DEPTH_CAMERA
    parts = []
    for lift in depth_camera_sets(path, bodies, seed, views_deg=views_deg):
        label = f"bad form {lift.fault}" if lift.fault else GOOD
        parts.append(_gathered(lift.name, "depth camera", label, lift.observations, coach).reps)
    return Reps.joined([part for part in parts if len(part)])


def _gathered(name: str, lifter: str, label: str, seen: Sequence[Observation], coach: Coach) -> Gathered:
    told = Told(name=name, lifter=lifter, pose=POSE, observations=seen, annotation=Annotation(stages={}), label=label)
    return gather(told, coach)


def against_everybody(reps: Reps) -> list[Judging]:
    """Nothing of the lifter's own is known."""
    return judgings(reps, 0)


def against_other_clips(reps: Reps, own: int) -> list[Judging]:
    """Held against the first good reps of the origin's other clips, where there are so many."""
    return [one for row in range(len(reps)) if len((one := _other(reps, row, own)).own) == own]


def _other(reps: Reps, row: int, own: int) -> Judging:
    there = reps.good & (reps.lifters == reps.lifters[row]) & (reps.sources != reps.sources[row])
    return Judging(row=row, own=np.flatnonzero(there)[:own], now=np.zeros(0, int))


def against_same_clip(reps: Reps, own: int) -> list[Judging]:
    """Held against the clip's own first good reps; the reps after these are judged."""
    found = []
    for clip in np.unique(reps.sources):
        rows = np.flatnonzero(reps.sources == clip)
        good = rows[reps.good[rows]][:own]
        if len(good) == own:
            found += [Judging(row=int(row), own=good, now=np.zeros(0, int)) for row in rows if row > good[-1]]
    return found


def against_first(reps: Reps, own: int) -> list[Judging]:
    """Held against the first good reps of all; the others are judged."""
    good = np.flatnonzero(reps.good)[:own]
    return [Judging(row=row, own=good, now=np.zeros(0, int)) for row in range(len(reps)) if row not in good]


def share(flags: np.ndarray) -> str:
    """For tables: how many, of how many, and Wilson's interval."""
    low, high = wilson(int(flags.sum()), len(flags))
    return f"{int(flags.sum())}/{len(flags)} ({low:.0%}–{high:.0%})" if len(flags) else "–"


def show(title: str, reps: Reps, judged: Sequence[Judging], kinds: Sequence[Fitted], seed: int) -> None:
    """Alarms by origin, hits and areas of all kinds on one source of reps."""
    rows = np.array([one.row for one in judged], int)
    good, origins = reps.good[rows], reps.lifters[rows]
    print(f"\n## {title}: {int(good.sum())} good, {int((~good).sum())} bad reps\n")
    if not good.any():
        print("No good rep to judge.")
        return
    names = np.unique(origins[good]).tolist()
    heads = ["scorer", *(f"alarms, {name}" for name in names), "alarms", "hits", "AUROC (95 %)", "within origins"]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for one in kinds:
        scores = one.scores(reps, judged)
        cells = [share(scores[good & (origins == name)] > 1) for name in names]
        cells += [share(scores[good] > 1), share(scores[~good] > 1), *_areas(scores, good, origins, seed)]
        print(f"| {one.title} | {' | '.join(cells)} |")


def _areas(scores: np.ndarray, good: np.ndarray, origins: np.ndarray, seed: int) -> tuple[str, str]:
    if good.all():
        return "–", "–"
    area = auroc_interval(scores[good], scores[~good], seed)
    within = auroc_within(scores[good], scores[~good], origins[good], origins[~good])
    return f"{area['value']:.3f} ({area['low']:.3f}–{area['high']:.3f})", f"{within:.3f}"


def show_factors(reps: Reps, kinds: Sequence[Fitted]) -> None:
    """Limits moved out until 5 % of the real good reps are past them, and what the other origins alone give."""
    good, judged = reps.good, against_everybody(reps)
    order = np.array([one.row for one in judged])
    good, origins = good[order], reps.lifters[order]
    print("\n## Limits moved out by real good reps (5 % past them)\n")
    print("| scorer | factor | hits left | alarms of origins that the factor is not from | hits so |")
    print("| --- | --- | --- | --- | --- |")
    for one in kinds:
        scores = one.scores(reps, judged)
        wanted = factor(scores[good])
        alarms, total = sum(unseen_alarms(scores[good], origins[good]).values()), int(good.sum())
        low, high = wilson(alarms, total)
        hits = [scores[i] > factor(scores[good & (origins != origins[i])]) for i in np.flatnonzero(~good)]
        unseen = f"{alarms}/{total} ({low:.0%}–{high:.0%})"
        print(f"| {one.title} | {wanted:.2f} | {share(scores[~good] > wanted)} | {unseen} | {share(np.array(hits))} |")


def show_clips(reps: Reps, kinds: Sequence[Fitted]) -> None:
    """Where good reps are far out: the median score of each clip's, in limits."""
    judged = against_everybody(reps)
    order = np.array([one.row for one in judged])
    reps_in_order = reps.some(order)
    scores = [one.scores(reps, judged) for one in kinds]
    print("\n## Good reps by clip: median score, in limits\n")
    print(f"| origin | clip | n | azimuth | rep, s | {' | '.join(one.title for one in kinds)} |")
    print("| --- | --- | --- | --- | --- |" + " --- |" * len(kinds))
    for clip in dict.fromkeys(reps_in_order.sources[reps_in_order.good].tolist()):
        here = reps_in_order.good & (reps_in_order.sources == clip)
        azimuth = np.median(reps_in_order.azimuths_deg[here])
        long_s = np.median(reps_in_order.times_s[here, 2] - reps_in_order.times_s[here, 0])
        cells = " | ".join(f"{np.median(of_kind[here]):.2f}" for of_kind in scores)
        name = reps_in_order.lifters[here][0]
        print(f"| {name} | {clip} | {int(here.sum())} | {azimuth:.0f} | {long_s:.1f} | {cells} |")


def report(asked: argparse.Namespace) -> None:
    """Measure and print."""
    if asked.own_joints:
        show_own_joints(data_folder().parent / DEPTH_CAMERA, asked.seed)
        return
    data, coach = dataset.load(asked.data), assembly.load(asked.exercise)
    if data.exercise != asked.exercise:
        raise LivecoachError(f"{asked.data}: is of {data.exercise}, not {asked.exercise}. Name another --data.")
    reps, left_out = clip_reps(coach, asked.cache)
    lifts = asked.exercise == "deadlift" and (data_folder().parent / DEPTH_CAMERA).is_file()
    print(f"# {coach.exercise.title}: scorers made from {int(data.part('train').good.sum())} synthetic good reps")
    print("\n".join(["\nCounted but not judged:\n", *(f"- {note}" for note in left_out)]))
    kinds = list(all_fitted(data, 0, not asked.simple, asked.seed))
    show("Clips, without own reps", reps, against_everybody(reps), kinds, asked.seed)
    show_factors(reps, kinds)
    show_clips(reps, kinds)
    if lifts:
        on_bodies = lift_reps(coach, JUDGING, VIEWS_DEG, asked.seed)
        show("Depth camera, judging bodies", on_bodies, against_everybody(on_bodies), kinds, asked.seed)
    for own in OWN:
        kinds = list(all_fitted(data, own, False, asked.seed))
        title = f"{own} own reps of the origin's other clips"
        show(f"Clips, {title}", reps, against_other_clips(reps, own), kinds, asked.seed)
        show(f"Clips, {own} own reps of the same clip", reps, against_same_clip(reps, own), kinds, asked.seed)
        if lifts:
            one_body = lift_reps(coach, JUDGING[:1], OWN_VIEWS_DEG, asked.seed)
            show(f"Depth camera, one body, {own} own lifts", one_body, against_first(one_body, own), kinds, asked.seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--data", type=Path, help="synthetic dataset to fit on")
    parser.add_argument("--cache", type=Path, help="folder for what was seen in the clips")
    parser.add_argument("--simple", action="store_true", help="leave the networks out")
    parser.add_argument("--own-joints", action="store_true", help="the depth camera's lifts in their own joints")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if asked.own_joints and asked.exercise != "deadlift":
        parser.error("--own-joints: the depth camera saw deadlifts only")
    if not asked.own_joints and (asked.data is None or asked.cache is None):
        parser.error("--data and --cache are needed")
    return run(lambda: report(asked))


if __name__ == "__main__":
    sys.exit(main())
