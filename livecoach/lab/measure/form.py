"""Alarms in good and in bad reps, and faults named right: synthetic sets through the whole pipeline.

The motion of judging bodies passes through the noise model. Each lifter does a set of good reps, then in the same
session one of good and faulty reps, and on another day, before the same camera, one more. The sets are judged against
the first five good reps of the same set, against the first set of the session, and against a profile of another day. A
rep is bad from a true severity of .5, and good without any fault; a rep between these counts neither as a false alarm
nor as a miss. A bad rep is shown where its worst fault is visible from the camera (rendered_sets.SHOWN_DEG).
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from livecoach import assembly
from livecoach.lab.measure.rendered_sets import rep_of
from livecoach.lab.measure.table import Progress, Table
from livecoach.lab.measure.verdict import COLUMNS, TrueVerdict, by_fault, figures, judged_reps, learned_reps, reps_after
from livecoach.lab.processes import in_order, share_of
from livecoach.lab.synthetic import FPS, KNOBS, MOST_VIEW_DEG
from livecoach.synth.motion.lifts import FAULT_VARIANTS
from livecoach.synth.motion.tokens import GOOD, Token, parse
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set
from livecoach.types import Rep

OWN_REPS, GOOD_REPS, FAULTY, GOOD_AMONG = 5, 7, 8, 4
CONTEXTS = ("five reps of the same set", "an earlier set of the session", "a profile of another day")


def measure(
    exercise: str, seed: int, lifters: int, false_alarms: float | None, workers: int, progress: Progress
) -> list[Table]:
    """Measure synthetic lifters. false_alarms: share of good reps that may be called anomalous; None: as shipped."""
    work = partial(verdicts_of_lifter, exercise, seed, false_alarms)
    of_lifters = in_order(work, range(lifters), workers, share_of(progress, "lifters", lifters))
    by_context = {
        name: [row for of_lifter in of_lifters for row in of_lifter[number]] for number, name in enumerate(CONTEXTS)
    }
    title = f"{exercise}: {lifters} synthetic lifters, judging bodies, seed {seed}"
    first = by_context[CONTEXTS[0]]
    return [
        Table(
            title=title,
            columns=("beside", *COLUMNS[1:]),
            rows=tuple((name, *figures(rows)) for name, rows in by_context.items()),
        ),
        Table(
            title=f"By the worst fault, beside {CONTEXTS[0]}",
            columns=("fault", "reps", "alarms", "named"),
            rows=tuple(by_fault(first)),
        ),
    ]


def verdicts_of_lifter(
    exercise: str, seed: int, false_alarms: float | None, number: int
) -> tuple[list[TrueVerdict], ...]:
    """Return the true reps of one lifter with their verdicts, in each of CONTEXTS."""
    coach = assembly.load(exercise) if false_alarms is None else assembly.load(exercise, false_alarms)
    good, same_set, later, other_day = _sets(exercise, seed, number)
    learned = learned_reps(coach, good.observations)
    of_later = [rep for rep in reps_after(coach, good.observations, later.observations) if rep.reference == "own"]
    of_other_day = judged_reps(coach, learned, other_day.observations) if learned else []
    return (
        _verdicts(exercise, same_set, judged_reps(coach, (), same_set.observations), OWN_REPS),
        _verdicts(exercise, later, of_later),
        _verdicts(exercise, other_day, of_other_day),
    )


def _sets(exercise: str, seed: int, number: int) -> list[SyntheticSet]:
    """Return a lifter's sets: a good one, one that begins with OWN_REPS good reps, a later one, and one of another
    day."""
    rng = np.random.default_rng((seed, number))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    ways = [f"{fault}.{way}" for fault, by_way in FAULT_VARIANTS[exercise].items() for way in by_way]
    lifter, fps = seed * 10_000 + number, float(rng.choice(FPS))

    def mixed() -> tuple[Token, ...]:
        chosen = [f"{way}:{rng.uniform(*KNOBS):.2f}" for way in rng.choice(ways, min(FAULTY, len(ways)), replace=False)]
        items = chosen + ["good"] * GOOD_AMONG
        rng.shuffle(items)
        return parse(",".join(items), exercise)

    wanted = (((GOOD,) * GOOD_REPS, 0), ((GOOD,) * OWN_REPS + mixed(), 0), (mixed(), 0), (mixed(), 1))
    return [
        random_set(
            (seed, number, index),
            SetRequest(
                exercise=exercise,
                bodies="judging",
                lifter=lifter,
                session=2 * lifter + session,
                view_deg=view_deg,
                fps=fps,
                tokens=tokens,
            ),
        )
        for index, (tokens, session) in enumerate(wanted)
    ]


def _verdicts(exercise: str, made: SyntheticSet, reps: Sequence[Rep], first: int = 0) -> list[TrueVerdict]:
    """Return the true reps of a set from index `first` on with their verdicts; empty if no rep was judged."""
    if not reps:
        return []
    azimuth_deg = abs(made.settings.view_deg)
    return [
        TrueVerdict(exercise=exercise, azimuth_deg=azimuth_deg, true=true, rep=rep_of(true, reps))
        for true in made.reps[first:]
        # A rep with a fault under its margin is neither good nor bad.
        if not true.faults or max(true.severities.values(), default=0.0) > 0
    ]
