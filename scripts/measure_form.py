"""Alarms on good reps, hits on bad ones, and faults by name: synthetic sets through the pipeline (Markdown).

    python scripts/measure_form.py deadlift --lifters 100 --seed 1001

Judging bodies, motion through the noise model. Each lifter does a set of good reps, of which livecoach learns; on
another day, with the camera put up anew, a set of good ones and one with faults. These are judged with five own reps
of the first set (two good reps before the faulty ones), and with nothing from before (five good reps of the same set
before the faulty ones). A rep is bad where a true severity is .5 and more, good where nothing was meant to be wrong;
what lies between is neither a false alarm nor a miss. *Shown*: of bad reps, those whose worst fault can be seen from
there (rendered_sets.SHOWN_DEG).
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from rendered_sets import SHOWN_DEG

from livecoach import assembly
from livecoach.config import exercise as exercises
from livecoach.judging.judge import LEAST_EFFECT
from livecoach.lab.intervals import wilson
from livecoach.lab.pipeline_reps import MATCH_S
from livecoach.lab.synthetic_windows import FPS, KNOBS, MOST_VIEW_DEG, PLACED_DEG
from livecoach.model_files.model_folder import FALSE_ALARMS
from livecoach.run import stepping
from livecoach.synth.motion.faults import FAULT_VARIANTS
from livecoach.synth.motion.tokens import GOOD, parse
from livecoach.synth.sets import SyntheticSet, Wanted, random_set
from livecoach.synth.truth import TrueRep
from livecoach.types import Rep, RepWindow, Step

OWN_REPS = 5
FIRST_GOOD, GOOD_REPS, FAULTY = 7, 10, 8
BEFORE = {True: 2, False: OWN_REPS}
"""Good reps of a set before its faulty ones: with own reps of another day, and without."""
BAD = 0.5
CENTRES_DEG = (0, 15, 30, 45, 60, 75, 90)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One true rep and what was said of it."""

    lifter: int
    own: bool
    """Judged with reps of his own from another set."""
    azimuth_deg: float
    true: dict[str, float]
    verdict: str
    """missed: not counted."""
    named: tuple[str, ...]
    unseen: tuple[str, ...]
    score: float | None


def rows_of(exercise: str, seed: int, false_alarms: float, number: int) -> list[Row]:
    """Of one lifter."""
    rng = np.random.default_rng((seed, number))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    ways = [f"{fault}.{way}" for fault, by_way in FAULT_VARIANTS[exercise].items() for way in by_way]
    chosen = rng.choice(ways, FAULTY, replace=False)
    faulty = parse(",".join(f"{way}:{rng.uniform(*KNOBS):.2f}" for way in chosen), exercise)
    of_set = [(GOOD,) * before + faulty for before in BEFORE.values()]
    tokens = ((GOOD,) * FIRST_GOOD, (GOOD,) * GOOD_REPS, *of_set)
    sets = [
        random_set(
            (seed, number, index),
            Wanted(
                exercise=exercise,
                bodies="judging",
                lifter=seed * 10_000 + number,
                view_deg=float(view_deg + rng.uniform(-PLACED_DEG, PLACED_DEG)),
                fps=float(rng.choice(FPS)),
                tokens=items,
            ),
        )
        for index, items in enumerate(tokens)
    ]
    coach = assembly.load(exercise, false_alarms)
    learned = [kept for step in steps(coach, sets[0], ()) for kept in step.learned][:OWN_REPS]
    found = []
    for own, kept in ((True, learned), (False, [])):
        if own and len(kept) < OWN_REPS:
            continue
        for made in (sets[1], sets[2 if own else 3]):
            reps = [step.rep for step in steps(coach, made, kept) if step.rep is not None]
            # A fault that is under its margin is neither good nor bad.
            told = [true for true in made.reps if not true.faults or max(true.severities.values(), default=0.0) > 0]
            found += [_row(number, own, abs(view_deg), true, reps) for true in told]
    return found


def steps(coach: assembly.Coach, made: SyntheticSet, kept: Sequence[RepWindow]) -> Iterator[Step]:
    """What the pipeline says of a set."""
    return stepping.steps(coach.pipeline([_renamed(rep) for rep in kept], pose="lite"), made.observations)


def _renamed(rep: RepWindow) -> RepWindow:
    """As a profile gives it back: of another set than all of this run."""
    return replace(rep, set_name=f"before {rep.set_name}")


def _row(lifter: int, own: bool, azimuth_deg: float, true: TrueRep, reps: Sequence[Rep]) -> Row:
    rep = next((r for r in reps if true.start_s - MATCH_S <= r.turn_s <= true.end_s + MATCH_S), None)
    return Row(
        lifter=lifter,
        own=own,
        azimuth_deg=azimuth_deg,
        true=dict(true.severities),
        verdict="missed" if rep is None else rep.verdict,
        named=() if rep is None else tuple(fault.name for fault in rep.faults),
        unseen=() if rep is None else tuple(n.name for n in rep.not_visible),
        score=None if rep is None else rep.score,
    )


def show(exercise: str, rows: Sequence[Row]) -> None:
    """The tables."""
    for own in (True, False):
        some = [row for row in rows if row.own == own]
        print(f"\n## {exercise}, {'five own reps of another day' if own else 'five own reps of the same set'}\n")
        _show_alarms(exercise, some)
        _show_guarantee(some)
    _show_faults(exercise, [row for row in rows if row.own])
    _show_confusion(exercise, [row for row in rows if row.own])


def _show_alarms(exercise: str, rows: Sequence[Row]) -> None:
    good = [row for row in rows if max(row.true.values(), default=0.0) == 0]
    bad = [row for row in rows if max(row.true.values(), default=0.0) >= BAD]
    shown = [row for row in bad if _is_shown(exercise, row)]
    print("| | n | missed | unsure | judged | alarms | share (95 %) |\n| --- | --- | --- | --- | --- | --- | --- |")
    for name, group in (("good reps", good), ("bad reps", bad), ("bad reps, shown", shown)):
        counts = Counter(row.verdict for row in group)
        judged = counts["good"] + counts["anomalous"]
        low, high = wilson(counts["anomalous"], max(judged, 1))
        share = counts["anomalous"] / max(judged, 1)
        cells = (name, len(group), counts["missed"], counts["unsure"], judged, counts["anomalous"])
        print(f"| {' | '.join(map(str, cells))} | {share:.1%} ({low:.1%}–{high:.1%}) |")
    named = [row for row in shown if row.verdict == "anomalous" and row.named]
    right = sum(row.named[0] == max(row.true, key=lambda name: row.true[name]) for row in named)
    print(f"\nOf the bad reps that are shown and named, the worst fault is named first in {right} of {len(named)}.")
    for what, group in (("bad reps", bad), ("bad reps that are shown", shown)):
        scores = [[row.score for row in some if row.score is not None] for some in (good, group)]
        area = np.mean([a < b for a in scores[0] for b in scores[1]]) if all(scores) else np.nan
        print(f"Area under the ROC of the score, {what}: {area:.3f}")


def _is_shown(exercise: str, row: Row) -> bool:
    worst = max(row.true, key=lambda name: row.true[name])
    low, high = SHOWN_DEG[exercise].get(worst, (0, 0))
    return low <= row.azimuth_deg <= high


def _show_guarantee(rows: Sequence[Row]) -> None:
    """For a new lifter who is exchangeable with these: of one good rep of each, drawn, k of n raise an alarm; his does
    with probability (k + 1) / (n + 1) at most (Vovk, Gammerman and Shafer 2005), whatever the reps of one lifter have
    to do with each other. The limits were set on others."""
    rng = np.random.default_rng(0)
    judged: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if not any(row.true.values()) and row.verdict in ("good", "anomalous"):
            judged[row.lifter].append(row)
    drawn = [reps[rng.integers(len(reps))] for reps in judged.values()]
    alarms = sum(rep.verdict == "anomalous" for rep in drawn)
    print(
        f"\nOne good rep of each of {len(drawn)} lifters: {alarms} alarmed. A new synthetic lifter's is, with "
        f"probability {(alarms + 1) / (len(drawn) + 1):.1%} at most."
    )


def _show_faults(exercise: str, rows: Sequence[Row]) -> None:
    """By fault and azimuth: recall at severity ≥ .5 and precision, in the cells that are on."""
    population = assembly.load(exercise).population
    print("\nRecall at severity ≥ .5 / precision (bad reps / named); – : the cell is off\n")
    print("| fault | " + " | ".join(f"{c}°" for c in CENTRES_DEG) + " | cells that are on |")
    print("| --- |" + " --- |" * (len(CENTRES_DEG) + 1))
    for fault in population.table.faults:
        on = [c for c in CENTRES_DEG if population.effects(c).get(fault, 0.0) >= LEAST_EFFECT]
        cells = [_cell([r for r in rows if _centre(r) == c], fault) if c in on else "–" for c in CENTRES_DEG]
        print(f"| {fault} | {' | '.join(cells)} | {_cell([r for r in rows if _centre(r) in on], fault)} |")


def _centre(row: Row) -> int:
    return min(CENTRES_DEG, key=lambda c: abs(c - row.azimuth_deg))


def _cell(rows: Sequence[Row], fault: str) -> str:
    judged = [row for row in rows if row.verdict in ("good", "anomalous") and fault not in row.unseen]
    bad = [row for row in judged if row.true.get(fault, 0.0) >= BAD]
    named = [row for row in judged if fault in row.named]
    right = sum(row.true.get(fault, 0.0) > 0 for row in named)
    recall = f"{sum(fault in row.named for row in bad) / len(bad):.2f}" if bad else ""
    precision = f"{right / len(named):.2f}" if named else ""
    return f"{recall}/{precision} ({len(bad)}/{len(named)})" if bad or named else ""


def _show_confusion(exercise: str, rows: Sequence[Row]) -> None:
    """What is named where one fault alone is bad."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        bad = [name for name, severity in row.true.items() if severity >= BAD]
        true = bad[0] if len(bad) == 1 else None if bad or any(row.true.values()) else "good"
        if true is None or row.verdict in ("missed", "unsure"):
            continue
        said = row.named[0] if row.named else "score" if row.verdict == "anomalous" else "nothing"
        table[true][said] += 1
    columns = sorted({said for counts in table.values() for said in counts})
    print("\nThe fault that a rep is told for, by the one that is true\n")
    print(f"| true | {' | '.join(columns)} |\n| --- |" + " --- |" * len(columns))
    for true in ("good", *FAULT_VARIANTS[exercise]):
        if table[true]:
            print(f"| {true} | {' | '.join(str(table[true][c] or '') for c in columns)} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--lifters", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1001)
    parser.add_argument("--false-alarms", type=float, default=FALSE_ALARMS, help="share of good reps that may be")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.workers) as pool:
        found = pool.map(partial(rows_of, asked.exercise, asked.seed, asked.false_alarms), range(asked.lifters))
        rows = [row for of_lifter in found for row in of_lifter]
    show(asked.exercise, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
