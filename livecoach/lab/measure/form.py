"""Alarms on good reps, alarms in bad ones, and faults by name: synthetic sets through the whole pipeline.

Judging bodies, motion through the noise model. Each lifter does a set of good reps, of which livecoach learns; on
another day, with the camera put up anew, a set of good ones and one with faults. These are judged with five own reps
of the first set (two good reps before the faulty ones), and with nothing from before (five good reps of the same set
before the faulty ones). A rep is bad where a true severity is .5 and more, good where nothing was meant to be wrong;
what lies between is neither a false alarm nor a miss. A bad rep is shown where its worst fault can be seen from there
(rendered_sets.SHOWN_DEG).
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np

from livecoach import assembly
from livecoach.lab.measure.form_tables import OWN_REPS, FormRep, tables
from livecoach.lab.measure.matching import rep_of
from livecoach.lab.measure.table import Progress, Table
from livecoach.lab.synthetic_windows import FPS, KNOBS, MOST_VIEW_DEG, PLACED_DEG
from livecoach.run import stepping
from livecoach.synth.motion.faults import FAULT_VARIANTS
from livecoach.synth.motion.tokens import GOOD, parse
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set
from livecoach.synth.truth import TrueRep
from livecoach.types import Rep, RepWindow, Step

FIRST_GOOD, GOOD_REPS, FAULTY = 7, 10, 8
BEFORE = {True: 2, False: OWN_REPS}
"""Good reps of a set before its faulty ones: with own reps of another day, and without."""


def measure(
    exercise: str, seed: int, lifters: int, false_alarms: float | None, workers: int, progress: Progress
) -> list[Table]:
    """Measure so many lifters. false_alarms: share of good reps that may be called anomalous; as shipped for None."""
    reps: list[FormRep] = []
    with ProcessPoolExecutor(workers) as pool:
        for number, of_lifter in enumerate(
            pool.map(partial(reps_of_lifter, exercise, seed, false_alarms), range(lifters))
        ):
            progress("lifters", (number + 1) / lifters)
            reps += of_lifter
    return tables(exercise, reps)


def reps_of_lifter(exercise: str, seed: int, false_alarms: float | None, number: int) -> list[FormRep]:
    """Return the true reps of one lifter with their verdicts."""
    view_deg, sets = _sets(exercise, seed, number)
    coach = assembly.load(exercise) if false_alarms is None else assembly.load(exercise, false_alarms)
    learned = [window for step in _steps(coach, sets[0], ()) for window in step.learned][:OWN_REPS]
    found = []
    for own, windows in ((True, learned), (False, [])):
        if own and len(windows) < OWN_REPS:
            continue
        for made in (sets[1], sets[2 if own else 3]):
            reps = [step.rep for step in _steps(coach, made, windows) if step.rep is not None]
            # A fault that is under its margin is neither good nor bad.
            clear = [true for true in made.reps if not true.faults or max(true.severities.values(), default=0.0) > 0]
            found += [_form_rep(number, own, abs(view_deg), true, rep_of(true, reps)) for true in clear]
    return found


def _sets(exercise: str, seed: int, number: int) -> tuple[float, list[SyntheticSet]]:
    """Return a lifter's view and sets: a good one, another day's good one, and two with faults."""
    rng = np.random.default_rng((seed, number))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    ways = [f"{fault}.{way}" for fault, by_way in FAULT_VARIANTS[exercise].items() for way in by_way]
    chosen = rng.choice(ways, FAULTY, replace=False)
    faulty = parse(",".join(f"{way}:{rng.uniform(*KNOBS):.2f}" for way in chosen), exercise)
    with_faults = [(GOOD,) * before + faulty for before in BEFORE.values()]
    sets = [
        random_set(
            (seed, number, index),
            SetRequest(
                exercise=exercise,
                bodies="judging",
                lifter=seed * 10_000 + number,
                view_deg=float(view_deg + rng.uniform(-PLACED_DEG, PLACED_DEG)),
                fps=float(rng.choice(FPS)),
                tokens=tokens,
            ),
        )
        for index, tokens in enumerate(((GOOD,) * FIRST_GOOD, (GOOD,) * GOOD_REPS, *with_faults))
    ]
    return view_deg, sets


def _steps(coach: assembly.Coach, made: SyntheticSet, windows: Sequence[RepWindow]) -> Iterator[Step]:
    # As a profile gives a rep back: of another set than all of this run.
    known = [replace(window, set_name=f"before {window.set_name}") for window in windows]
    return stepping.steps(coach.pipeline(known, pose="lite"), made.observations)


def _form_rep(lifter: int, own: bool, azimuth_deg: float, true: TrueRep, rep: Rep | None) -> FormRep:
    return FormRep(
        lifter=lifter,
        own=own,
        azimuth_deg=azimuth_deg,
        true=dict(true.severities),
        verdict="missed" if rep is None else rep.verdict,
        named=() if rep is None else tuple(fault.name for fault in rep.faults),
        not_visible=() if rep is None else tuple(fault.name for fault in rep.not_visible),
        score=None if rep is None else rep.score,
    )
