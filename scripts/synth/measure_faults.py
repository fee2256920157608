"""Measure the faults of the synthetic lifter: severities by fault, variant and knob, and the spread of good reps that
they are compared with.

    python scripts/synth/measure_faults.py --spread        # renews livecoach/lab/synth/spread.yaml
    python scripts/synth/measure_faults.py deadlift        # prints the table, Markdown

The motion has no noise, and training bodies; every lifter appears on three days.
"""

import math
import sys
from collections.abc import Iterable, Sequence

import numpy as np
from command import parser, positive, run

from livecoach.core.config.paths import configs_dir
from livecoach.decisions.rep.measures import load_faults
from livecoach.lab.synth.figure.body import TRAINING, load
from livecoach.lab.synth.motion.lifter import vary_between_sets
from livecoach.lab.synth.motion.lifts import FAULTS, draw_lifter, variant_names
from livecoach.lab.synth.motion.programme import Performer
from livecoach.lab.synth.motion.set_motion import play_set
from livecoach.lab.synth.motion.tokens import GOOD, Deviation, faulty
from livecoach.lab.synth.severity import OWN_FPS, SPREAD_FILE, Measures, own_reps, with_true_severities

DAYS, REPS_A_DAY = 3, 3
LIFTERS = 24
KNOBS = (0.25, 0.5, 0.75, 1.0)


def judged() -> list[str]:
    """Return the lifts that have named faults and a file that defines their measures."""
    return [name for name, faults in FAULTS.items() if faults and (configs_dir() / "faults" / f"{name}.yaml").is_file()]


def performer(exercise: str, number: int, day: int) -> Performer:
    """Return lifter `number` on one of their days."""
    rng = np.random.default_rng([number, 77])
    body = load(TRAINING[number % len(TRAINING)], 1.0)
    lifter = draw_lifter(rng, body, exercise)
    return Performer(body, exercise, vary_between_sets(np.random.default_rng([number, day, 78]), lifter))


def spread(exercise: str, lifters: int) -> dict[str, float]:
    """Return the spread of each measure within lifters, over their days."""
    groups = (
        [
            rep
            for day in range(DAYS)
            for rep in own_reps(performer(exercise, number, day), REPS_A_DAY, number * 10 + day)
        ]
        for number in range(lifters)
    )
    return pooled_spread(groups, exercise)


def pooled_spread(lifters: Iterable[Sequence[Measures]], exercise: str) -> dict[str, float]:
    """Return the pooled within-lifter standard deviation of each measure over good reps; of logarithms if the fault is
    defined by a factor. Measures without two values of any one lifter are left out."""
    spreads: dict[str, float] = {}
    groups = list(lifters)
    for name, (sign, *_) in load_faults(exercise).signs.items():
        values = [[sign.scaled(rep.get(name, math.nan)) for rep in reps] for reps in groups]
        known = [np.array([value for value in group if math.isfinite(value)]) for group in values]
        squares = sum(float(((group - group.mean()) ** 2).sum()) for group in known if len(group) > 1)
        freedom = sum(len(group) - 1 for group in known if len(group) > 1)
        if freedom:
            spreads[name] = math.sqrt(squares / freedom)
    return spreads


def severities_of(exercise: str, fault: str, way: str, knob: float, lifters: int) -> list[dict[str, float]]:
    """Return the severities of the faults in one rep with the fault after a good one, by lifter."""
    severities = []
    for number in range(lifters):
        who = performer(exercise, number, 0)
        rng = np.random.default_rng([number, 79])
        made = play_set(who, (GOOD, faulty(Deviation(fault, way, knob)), GOOD), rng, OWN_FPS)
        severities.append(with_true_severities(made)[1].severities)
    return severities


def spread_file(lifters: int) -> str:
    """Return the content of livecoach/lab/synth/spread.yaml."""
    lines = [
        "# Standard deviation of good synthetic reps within a lifter, over three days; of logarithms where a fault is",
        "# defined by a factor. Made with: python scripts/synth/measure_faults.py --spread",
    ]
    for exercise in judged():
        lines.append(f"{exercise}:")
        lines += [f"  {name}: {value:.5f}" for name, value in spread(exercise, lifters).items()]
    return "\n".join(lines) + "\n"


def print_table(exercise: str, lifters: int) -> None:
    """Print the median severity by knob, and those of other faults that show."""
    print("| fault | way | " + " | ".join(f"knob {knob:g}" for knob in KNOBS) + " | shows with it, at knob 1 |")
    print("| --- | --- |" + " --- |" * (len(KNOBS) + 1))
    for fault in FAULTS[exercise]:
        for way in variant_names(exercise, fault):
            rows = [severities_of(exercise, fault, way, knob, lifters) for knob in KNOBS]
            own = [np.median([row.get(fault, 0.0) for row in group]) for group in rows]
            others = {
                name: float(np.median([row.get(name, 0.0) for row in rows[-1]]))
                for name in load_faults(exercise).faults
                if name != fault
            }
            beside = ", ".join(f"{name} {value:.1f}" for name, value in others.items() if value >= 0.1)
            print(f"| {fault} | {way} | " + " | ".join(f"{value:.2f}" for value in own) + f" | {beside} |")
            sys.stdout.flush()
    good = [row for number in range(lifters) for row in _good(exercise, number)]
    shown = {name: np.mean([row.get(name, 0.0) > 0 for row in good]) for name in load_faults(exercise).faults}
    print("\nGood reps past a limit: " + ", ".join(f"{name} {share:.1%}" for name, share in shown.items() if share > 0))


def _good(exercise: str, number: int) -> list[dict[str, float]]:
    who = performer(exercise, number, 0)
    rng = np.random.default_rng([number, 80])
    made = play_set(who, (GOOD,) * 6, rng, OWN_FPS)
    return [rep.severities for rep in with_true_severities(made)[1:]]


def main() -> None:
    options = parser(__doc__)
    options.add_argument("exercise", choices=judged(), nargs="?", help="of the table")
    options.add_argument("--spread", action="store_true", help="renew the file of the spread instead")
    options.add_argument("--lifters", type=positive, default=LIFTERS)
    given = options.parse_args()
    if given.spread:
        SPREAD_FILE.write_text(spread_file(given.lifters), encoding="utf-8")
        print(f"{SPREAD_FILE}: renewed")
    else:
        print_table(given.exercise or judged()[0], given.lifters)


if __name__ == "__main__":
    run(main)
