"""How much of each fault the pose estimator shows, beside what synthetic motion shows: rendered sets (Markdown).

    python scripts/measure_gains.py --cache DIR [--seed 20 --sets 36]

The amplitude of a fault's signature in a rendered rep, against the good reps of its set before it, over the true one
(1 at a margin, 3 at three). An estimator that puts heels on the floor whatever they do has a gain near 0. Training
bodies of scripts/rendered_sets.py; rendered_gains.yaml takes from here what is well under 1, and effects are that much
smaller.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from livecoach.lab.measure.matching import Unmoved
from rendered_sets import rendered_set

from livecoach.config import exercise as exercises
from livecoach.config.paths import models_dir
from livecoach.judging import population_file
from livecoach.judging.detection import detect
from livecoach.judging.posterior import OwnReps, posterior
from livecoach.judging.rep_vector import vector_of
from livecoach.lab.counted_windows import rep_steps
from livecoach.lab.pipeline_reps import MATCH_S, scored_by
from livecoach.rep.measures import load_faults
from livecoach.rep.view_normalised import normalised_rep

LEAST_OWN, LEAST_SEVERITY = 2, 0.1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--sets", type=int, default=36)
    asked = parser.parse_args()
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for number in range(asked.sets):
        made = rendered_set("training", asked.seed, number, asked.cache / "rendered")
        population = population_file.load(models_dir() / made.exercise, load_faults(made.exercise))
        own: list[np.ndarray] = []
        for step in rep_steps(scored_by(exercises.load(made.exercise), Unmoved()), made.observations):
            rep = step.rep
            told = step.window is not None and rep is not None and not rep.unsure
            seen = normalised_rep(step.window, made.view_deg < 0) if told and step.window is not None else None
            band = None if seen is None else population.band(seen.azimuth_deg)
            true = [t for t in made.reps if rep is not None and t.start_s - MATCH_S <= rep.turn_s <= t.end_s + MATCH_S]
            if seen is None or band is None or not true:
                continue
            one = vector_of(seen, None, population)
            if not true[0].faults:
                own.append(one.vector)
            elif len(own) >= LEAST_OWN:
                of = detect(one, posterior(population.levels(band), OwnReps(now=np.array(own))), band)
                for fault, severity in true[0].severities.items():
                    mine = [i for i, s in enumerate(population.signatures) if s.fault == fault]
                    if mine and severity > LEAST_SEVERITY:
                        best = max(mine, key=lambda i: of.deviates[i])
                        gain = float(of.amplitudes[best]) / (1 + 2 * severity)
                        found[made.exercise, fault].append((gain, float(of.deviates[best])))
    print("| fault | reps | gain: least, median, largest | deviate, median |\n| --- | ---: | --- | ---: |")
    for (exercise, fault), pairs in sorted(found.items()):
        gains, deviates = np.array(pairs).T
        shown = " ".join(f"{q:.2f}" for q in np.quantile(gains, (0, 0.5, 1)))
        print(f"| {exercise}: {fault} | {len(gains)} | {shown} | {np.median(deviates):.1f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
