"""Measure the spread of good reps that the synthetic lifter's faults are compared with.

    python scripts/synth/measure_faults.py --spread        # renews livecoach/lab/synth/spread.yaml

The motion has no noise, the bodies are those for training, and every lifter appears on three days.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from command import parser, positive, run

from livecoach.core.config.paths import configs_dir
from livecoach.decisions.rep.measures import load_faults
from livecoach.lab.synth.figure.body_mesh import TRAINING, load_body
from livecoach.lab.synth.motion.lifter import vary_between_sets
from livecoach.lab.synth.motion.lifts import FAULTS, draw_lifter
from livecoach.lab.synth.motion.motion_sequence import Performer
from livecoach.lab.synth.severity import SPREAD_FILE, Measures, measure_simulated_reps

DAYS, REPS_A_DAY = 3, 3
LIFTERS = 24


def judged_lifts() -> list[str]:
    """Return the lifts that have named faults and a file that defines their measures."""
    return [name for name, faults in FAULTS.items() if faults and (configs_dir() / "faults" / f"{name}.yaml").is_file()]


def performer(exercise: str, number: int, day: int) -> Performer:
    """Return a lifter, chosen by a number, on a day."""
    rng = np.random.default_rng([number, 77])
    body = load_body(TRAINING[number % len(TRAINING)], 1.0)
    lifter = draw_lifter(rng, body, exercise)
    return Performer(body, exercise, vary_between_sets(np.random.default_rng([number, day, 78]), lifter))


def spread(exercise: str, lifters: int) -> dict[str, float]:
    """Return the spread of each measure of an exercise within lifters, over DAYS days."""
    groups = (
        [
            rep
            for day in range(DAYS)
            for rep in measure_simulated_reps(performer(exercise, number, day), REPS_A_DAY, number * 10 + day)
        ]
        for number in range(lifters)
    )
    return pooled_spread(groups, exercise)


def pooled_spread(lifters: Iterable[Sequence[Measures]], exercise: str) -> dict[str, float]:
    """Return the pooled within-lifter standard deviation of each measure over good reps.

    If a factor defines the fault, the deviation is of logarithms. Measures without two values of a lifter are left out.
    """
    spreads: dict[str, float] = {}
    groups = list(lifters)
    for name, (sign, *_) in load_faults(exercise).signs.items():
        values = [[sign.scale_value(rep.get(name, math.nan)) for rep in reps] for reps in groups]
        known = [np.array([value for value in group if math.isfinite(value)]) for group in values]
        squares = sum(float(((group - group.mean()) ** 2).sum()) for group in known if len(group) > 1)
        freedom = sum(len(group) - 1 for group in known if len(group) > 1)
        if freedom:
            spreads[name] = math.sqrt(squares / freedom)
    return spreads


def spread_file(lifters: int) -> str:
    """Return the content of livecoach/lab/synth/spread.yaml."""
    lines = [
        "# Standard deviation of good synthetic reps within a lifter, over three days; of logarithms where a fault is",
        "# defined by a factor. Made with: python scripts/synth/measure_faults.py --spread",
    ]
    for exercise in judged_lifts():
        lines.append(f"{exercise}:")
        lines += [f"  {name}: {value:.5f}" for name, value in spread(exercise, lifters).items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--spread", action="store_true", required=True, help="renew the file of the spread")
    options.add_argument("--lifters", type=positive, default=LIFTERS)
    arguments = options.parse_args()
    SPREAD_FILE.write_text(spread_file(arguments.lifters), encoding="utf-8")
    print(f"{SPREAD_FILE}: renewed")


if __name__ == "__main__":
    run(main)
