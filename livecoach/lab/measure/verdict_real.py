"""How many faulty reps of real sets raise an alarm, and how many good ones do.

Each good set with four reps and more is judged by itself. The sets of two squatters whose reps are labelled are judged
after the first ten reps of a correct set of theirs, as one session, beside the plain rival with those ten reps.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livecoach import assembly
from livecoach.config import exercise as exercises
from livecoach.lab.counted_windows import rep_steps
from livecoach.lab.main_lifts import MAIN_LIFTS
from livecoach.lab.measure import plain_rival
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_data import clips_folder, labelled_clips
from livecoach.lab.measure.table import Cell, Numbers, Progress, Share, Table
from livecoach.rep.view_normalised import normalised_rep
from livecoach.types import Observation, Step

REFERENCE, LEAST_REPS = 10, 4
BETWEEN_S = 60.0


class Squatter(NamedTuple):
    """Sets of one lifter before one camera."""

    reference: str
    correct: tuple[str, ...]
    faulty: tuple[str, ...]


SQUATTERS = (
    Squatter("po_squat004", ("po_squat003",), ("po_squat000", "po_squat001", "po_squat002")),
    Squatter("po_squat010", ("po_squat006",), ("po_squat005", "po_squat007", "po_squat009")),
    Squatter("po_squat006", ("po_squat010",), ("po_squat005", "po_squat007", "po_squat009")),
)


def measure(cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Measure the good sets, and the squatters' sets."""
    squatters = [row for squatter in SQUATTERS for row in _squatter_rows(squatter, cache, pose, progress)]
    columns = ("reference", "set", "label", "judged", "alarms", "named", "rival: least, median, largest")
    title = "Squatters whose sets are labelled, after ten reps of a correct set"
    note = "In the row of all faulty sets the rival has the limit at which it alarms as often in the correct set."
    table = Table(title=title, columns=columns, rows=tuple(squatters), notes=(note,))
    return [_good_sets(cache, pose, progress), table]


def _good_sets(cache: Cache, pose: str, progress: Progress) -> Table:
    rows: list[tuple[Cell, ...]] = []
    good_reps = alarms = 0
    for exercise in MAIN_LIFTS:
        coach = assembly.load(exercise)
        clips = list(labelled_clips(exercises.load(exercise)))
        for number, clip in enumerate(clips):
            progress(f"judging {clip.name}", number / len(clips))
            observations = cache.observed(clips_folder() / clip.name, pose)
            steps = rep_steps(coach.pipeline((), pose=pose), observations)
            reps = [step.rep for step in steps if step.rep is not None]
            good = [rep for rep in reps if clip.label(rep) == "good" and rep.score is not None]
            if len(good) < LEAST_REPS or any(clip.label(rep) == "bad" for rep in reps):
                continue
            of_set = sum(rep.verdict == "anomalous" for rep in good)
            first = sum(rep.reference == "population" for rep in good)
            rows.append((f"{exercise}: {clip.name.removesuffix('.mp4')}", Share(of_set, len(good)), first))
            good_reps, alarms = good_reps + len(good), alarms + of_set
    rows.append(("all", Share(alarms, good_reps), None))
    columns = ("set", "alarms in good reps", "reps against the population")
    return Table(title="Good real sets, each by itself", columns=columns, rows=tuple(rows))


def _squatter_rows(squatter: Squatter, cache: Cache, pose: str, progress: Progress) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    counts: Counter[str] = Counter()
    far: dict[str, list[float]] = {"correct": [], "faulty": []}
    sets = [("correct", name) for name in squatter.correct] + [("faulty", name) for name in squatter.faulty]
    for number, (label, name) in enumerate(sets):
        progress(f"judging {name} after {squatter.reference}", number / len(sets))
        own, steps = _session(squatter.reference, name, cache, pose)
        reps = [step.rep for step in steps if step.rep is not None and step.rep.score is not None]
        anomalous = [rep for rep in reps if rep.verdict == "anomalous"]
        named = Counter(rep.faults[0].name if rep.faults else "score" for rep in anomalous)
        distances = _rival_distances(own, steps)
        far[label] += distances
        counts.update({label: len(reps), f"{label} alarms": len(anomalous)})
        faults = ", ".join(f"{fault} {count}" for fault, count in named.items())
        quantiles = Numbers(tuple(np.quantile(distances, (0, 0.5, 1))), 1)
        rows.append((squatter.reference, name, label, len(reps), len(anomalous), faults, quantiles))
    limit = np.quantile(far["correct"], 1 - counts["correct alarms"] / max(counts["correct"], 1))
    rival = Share(int((np.array(far["faulty"]) > limit).sum()), len(far["faulty"]))
    alarms = Share(counts["faulty alarms"], counts["faulty"])
    return [*rows, (squatter.reference, "all faulty", "faulty", counts["faulty"], alarms, None, rival)]


def _session(reference: str, name: str, cache: Cache, pose: str) -> tuple[list[Step], list[Step]]:
    """Return the steps with a rep of the reference's first reps, and of another set later in the same session."""
    first, second = (cache.observed(clips_folder() / f"{clip}.mp4", pose) for clip in (reference, name))
    coach = assembly.load("squat")
    alone = rep_steps(coach.pipeline((), pose=pose), first)[:REFERENCE]
    last_s = alone[-1].observation.t_s
    own = [observation for observation in first if observation.t_s <= last_s]
    steps = rep_steps(coach.pipeline((), pose=pose), [*own, *_after(own, second)])
    before = [step for step in steps if step.observation.t_s <= last_s]
    return before, [step for step in steps if step.observation.t_s > last_s]


def _after(first: Sequence[Observation], second: Sequence[Observation]) -> list[Observation]:
    by_s = first[-1].t_s + BETWEEN_S - second[0].t_s
    return [dataclasses.replace(o, t_s=o.t_s + by_s, index=first[-1].index + 1 + i) for i, o in enumerate(second)]


def _rival_distances(own: Sequence[Step], others: Sequence[Step]) -> list[float]:
    paths = []
    for steps in (own, others):
        reps = [normalised_rep(step.window) for step in steps if step.window is not None]
        found = [plain_rival.trajectory(rep, "hips") for rep in reps if rep is not None]
        paths.append([path for path in found if path is not None])
    return plain_rival.distances(paths[0], paths[1])
