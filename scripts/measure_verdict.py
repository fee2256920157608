"""How many faulty reps are told, and how many good ones raise an alarm: rendered and real sets (Markdown).

    python scripts/measure_verdict.py rendered --cache DIR [--bodies judging --seed 21 --sets 44]
    python scripts/measure_verdict.py real --cache DIR

The verdict is measured, not counting: every movement that the state machine finds is judged. Rendered sets are those
of scripts/rendered_sets.py, two good reps first, nothing known of the lifter before. Real ones are clips of
LIVECOACH_DATA: each good set with four reps and more by itself; and the two squatters whose sets are labelled, each set
after the first ten reps of a correct one, as one session, beside the plain rival (scripts/plain_rival.py) with those
ten reps. The rival has no limit of its own: it is given the one that as many good reps are past as livecoach alarms
in, which no user could know. DIR keeps what the pose estimator saw.
"""

import argparse
import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import plain_rival
from real_reps import data_folder, labelled_clips, observations, run
from rendered_sets import SHOWN_DEG, rendered_set

from livecoach import assembly
from livecoach.config import exercise as exercises
from livecoach.lab.counted_windows import rep_steps
from livecoach.lab.intervals import wilson
from livecoach.lab.pipeline_reps import MATCH_S
from livecoach.rep.measures import load_faults
from livecoach.rep.view_normalised import normalised_rep
from livecoach.synth.truth import TrueRep
from livecoach.types import Observation, Rep, Step

BAD = 0.5
FIRST = 2
"""Good reps of a rendered set that are its reference."""
REFERENCE, LEAST_REPS = 10, 4
BETWEEN_S = 60.0
SQUATTERS = (
    ("po_squat004", ("po_squat003",), ("po_squat000", "po_squat001", "po_squat002")),
    ("po_squat010", ("po_squat006",), ("po_squat005", "po_squat007", "po_squat009")),
    ("po_squat006", ("po_squat010",), ("po_squat005", "po_squat007", "po_squat009")),
)
"""Reference, another correct set, and faulty ones of one lifter before one camera."""


class Judged(NamedTuple):
    """A rendered rep."""

    exercise: str
    azimuth_deg: float
    true: TrueRep
    rep: Rep | None
    far: float
    """Of the rival; NaN where it can't tell."""

    @property
    def worst(self) -> str | None:
        """Name of the worst fault."""
        return max(self.true.severities, key=lambda name: self.true.severities[name], default=None)

    @property
    def shown(self) -> bool:
        """Its worst fault is bad, and somebody could see it from there."""
        low, high = SHOWN_DEG[self.exercise].get(self.worst or "", (0, 0))
        return max(self.true.severities.values(), default=0.0) >= BAD and low <= self.azimuth_deg <= high


def rendered(asked: argparse.Namespace) -> None:
    """The table of rendered sets."""
    coaches = {name: assembly.load(name) for name in exercises.names()}
    rows: list[Judged] = []
    for number in range(asked.sets):
        made = rendered_set(asked.bodies, asked.seed, number, asked.cache / "rendered")
        steps = rep_steps(coaches[made.exercise].pipeline((), pose="lite"), made.observations)
        rows += _of_set(made.exercise, abs(made.view_deg), made.reps, steps)
    print(f"{asked.sets} sets, {asked.bodies} bodies, seed {asked.seed}\n")
    heads = ("", "good reps judged", "alarms", "bad reps shown", "told", "named right, of told")
    print(f"| {' | '.join((*heads, 'rival at as many alarms', 'AUROC'))} |")
    print("| --- | ---: | --- | ---: | --- | --- | --- | --- |")
    for exercise in (*exercises.names(), None):
        _line([row for row in rows if exercise in (None, row.exercise)], exercise or "both")
    print("\n| fault | bad reps shown | told | named |\n| --- | ---: | ---: | ---: |")
    for exercise in exercises.names():
        for fault in SHOWN_DEG[exercise]:
            mine = [r for r in rows if r.exercise == exercise and r.worst == fault and r.shown and _judged(r)]
            told = sum(r.rep is not None and r.rep.verdict == "anomalous" for r in mine)
            named = sum(r.rep is not None and bool(r.rep.faults) and r.rep.faults[0].name == fault for r in mine)
            if mine:
                print(f"| {exercise}: {fault} | {len(mine)} | {told} | {named} |")


def _of_set(exercise: str, azimuth_deg: float, true: Sequence[TrueRep], steps: Sequence[Step]) -> Iterator[Judged]:
    travel = load_faults(exercise).travel
    mirrored: bool | None = None
    own: list[np.ndarray] = []
    for one in true:
        step = next(
            (s for s in steps if s.rep is not None and one.start_s - MATCH_S <= s.rep.turn_s <= one.end_s + MATCH_S),
            None,
        )
        seen = None if step is None or step.window is None else normalised_rep(step.window, mirrored)
        mirrored = seen.mirrored if mirrored is None and seen is not None else mirrored
        way = None if seen is None else plain_rival.trajectory(seen, travel)
        # The rival needs three own reps: with two it judges nothing.
        far = plain_rival.distances(own, [way])[0] if way is not None and len(own) > FIRST else np.nan
        if way is not None and not one.faults:
            own.append(way)
        yield Judged(exercise, azimuth_deg, one, None if step is None else step.rep, far)


def _judged(row: Judged) -> bool:
    return row.rep is not None and row.rep.score is not None


def _line(rows: Sequence[Judged], name: str) -> None:
    good = [row for row in rows if not row.true.faults and _judged(row)]
    bad = [row for row in rows if row.shown and _judged(row)]
    alarms, told = (sum(row.rep is not None and row.rep.verdict == "anomalous" for row in some) for some in (good, bad))
    named = sum(row.rep is not None and bool(row.rep.faults) and row.rep.faults[0].name == row.worst for row in bad)
    far_good, far_bad = (np.array([row.far for row in some if np.isfinite(row.far)]) for some in (good, bad))
    limit = np.quantile(far_good, 1 - alarms / max(len(good), 1)) if len(far_good) else np.nan
    scores = [
        [row.rep.score for row in some if row.rep is not None and row.rep.score is not None] for some in (good, bad)
    ]
    area = np.mean([a < b for a in scores[0] for b in scores[1]])
    cells = [
        name,
        str(len(good)),
        _share(alarms, len(good)),
        str(len(bad)),
        _share(told, len(bad)),
        _share(named, told),
    ]
    cells += [_share(int((far_bad > limit).sum()), len(far_bad)), f"{area:.3f}"]
    print(f"| {' | '.join(cells)} |")


def _share(count: int, of: int) -> str:
    low, high = wilson(count, max(of, 1))
    return f"{count} of {of} ({100 * low:.0f}–{100 * high:.0f} %)"


def real(asked: argparse.Namespace) -> None:
    """The tables of real sets."""
    print("| set | good reps judged | alarms | first ones against the population |\n| --- | ---: | ---: | ---: |")
    total: Counter[str] = Counter()
    for exercise in exercises.names():
        coach = assembly.load(exercise)
        for clip in labelled_clips(exercises.load(exercise)):
            seen = observations(data_folder() / clip.name, asked.cache, asked.pose)
            reps = [s.rep for s in rep_steps(coach.pipeline((), pose=asked.pose), seen) if s.rep is not None]
            good = [rep for rep in reps if clip.label(rep) == "good" and rep.score is not None]
            bad = [rep for rep in reps if clip.label(rep) == "bad"]
            if len(good) < LEAST_REPS or bad:
                continue
            alarms = sum(rep.verdict == "anomalous" for rep in good)
            total.update(good=len(good), alarms=alarms)
            first = sum(rep.reference == "population" for rep in good)
            print(f"| {exercise}: {clip.name.removesuffix('.mp4')} | {len(good)} | {alarms} | {first} |")
    print(f"| all | {total['good']} | {_share(total['alarms'], total['good'])} | |\n")
    _squatters(asked)


def _squatters(asked: argparse.Namespace) -> None:
    print("| reference | set | | judged | told | named | rival: least, median, largest |")
    print("| --- | --- | --- | ---: | ---: | --- | --- |")
    for reference, correct, faulty in SQUATTERS:
        counts: Counter[str] = Counter()
        far: dict[str, list[float]] = {"correct": [], "faulty": []}
        for label, names in (("correct", correct), ("faulty", faulty)):
            for name in names:
                own, steps = _session(reference, name, asked)
                reps = [s.rep for s in steps if s.rep is not None and s.rep.score is not None]
                told = [rep for rep in reps if rep.verdict == "anomalous"]
                named = Counter(rep.faults[0].name if rep.faults else "score" for rep in told)
                distances = _rival(own, steps)
                far[label] += distances
                counts.update({label: len(reps), f"{label} told": len(told)})
                cells = [
                    reference,
                    name,
                    label,
                    str(len(reps)),
                    str(len(told)),
                    ", ".join(f"{n} {c}" for n, c in named.items()),
                ]
                cells += [" ".join(f"{q:.1f}" for q in np.quantile(distances, (0, 0.5, 1)))]
                print(f"| {' | '.join(cells)} |")
        limit = np.quantile(far["correct"], 1 - counts["correct told"] / max(counts["correct"], 1))
        rival = _share(int((np.array(far["faulty"]) > limit).sum()), len(far["faulty"]))
        told_of = _share(counts["faulty told"], counts["faulty"])
        print(f"| {reference} | all faulty | | | {told_of} | | at as many alarms: {rival} |")


def _session(reference: str, name: str, asked: argparse.Namespace) -> tuple[list[Step], list[Step]]:
    """Steps with a rep of the reference's first reps, and of another set after it in the same session."""
    first = observations(data_folder() / f"{reference}.mp4", asked.cache, asked.pose)
    second = observations(data_folder() / f"{name}.mp4", asked.cache, asked.pose)
    coach = assembly.load("squat")
    alone = rep_steps(coach.pipeline((), pose=asked.pose), first)[:REFERENCE]
    last = alone[-1].observation
    one = [o for o in first if o.t_s <= last.t_s]
    later = _after(one, second)
    steps = rep_steps(coach.pipeline((), pose=asked.pose), [*one, *later])
    return [s for s in steps if s.observation.t_s <= last.t_s], [s for s in steps if s.observation.t_s > last.t_s]


def _after(first: Sequence[Observation], second: Sequence[Observation]) -> list[Observation]:
    by_s = first[-1].t_s + BETWEEN_S - second[0].t_s
    return [dataclasses.replace(o, t_s=o.t_s + by_s, index=first[-1].index + 1 + i) for i, o in enumerate(second)]


def _rival(own: Sequence[Step], others: Sequence[Step]) -> list[float]:
    ways = []
    for steps in (own, others):
        seen = [normalised_rep(s.window) for s in steps if s.window is not None]
        found = [plain_rival.trajectory(rep, "hips") for rep in seen if rep is not None]
        ways.append([way for way in found if way is not None])
    return plain_rival.distances(ways[0], ways[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("rendered", "real"))
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--bodies", choices=("judging", "training"), default="judging")
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--sets", type=int, default=44)
    parser.add_argument("--pose", default="lite")
    asked = parser.parse_args()
    if asked.what == "rendered":
        rendered(asked)
        return 0
    return run(lambda: real(asked))


if __name__ == "__main__":
    raise SystemExit(main())
