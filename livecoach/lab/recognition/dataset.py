"""The synthetic sets of a training run, made in processes and kept in the cache: all kinds learn from the same ones."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from livecoach.lab.processes import Progress, in_order, share_of
from livecoach.lab.recognition.sets import Stretch, motion_set, stretches
from livecoach.synth.truth import TrueRep

BOUNDARIES = ("start_s", "turn_s", "end_s")


def gathered(
    name: str, numbers: range, seed: int, exercises: Sequence[str], cache: Path, jobs: int, progress: Progress
) -> list[Stretch]:
    """Return the stretches of the sets with those numbers; they are made where the cache does not have them.

    name: what the sets are for; the cached file bears it. Sets for judging are of judging bodies.
    """
    asked = {"numbers": [numbers.start, numbers.stop], "seed": seed, "exercises": list(exercises)}
    path = cache / f"{name}.npz"
    if path.is_file():
        with np.load(path) as stored:
            if json.loads(str(stored["asked"])) == asked:
                return _read({key: stored[key] for key in stored.files}, exercises)
    bodies = "judging" if name.startswith("judging") else "training"
    work = partial(_of_number, seed, bodies, tuple(exercises))
    made = in_order(work, numbers, jobs, share_of(progress, f"sets ({name})", len(numbers)))
    found = [stretch for of_set in made for stretch in of_set]
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    arrays = {"asked": np.array(json.dumps(asked)), **_arrays(found, exercises)}
    np.savez(part, allow_pickle=False, **arrays)
    part.replace(path)
    return found


def _of_number(seed: int, bodies: str, exercises: tuple[str, ...], number: int) -> list[Stretch]:
    return list(stretches(*motion_set(seed, number, bodies, exercises), number, exercises))


def _arrays(found: Sequence[Stretch], exercises: Sequence[str]) -> dict[str, np.ndarray]:
    reps = [[getattr(rep, name) for name in BOUNDARIES] for one in found for rep in one.reps]
    return {
        "ticks": np.concatenate([one.ticks for one in found]),
        "t_s": np.concatenate([one.t_s for one in found]),
        "labels": np.concatenate([one.labels for one in found]),
        "reps": np.array(reps, np.float64).reshape(-1, len(BOUNDARIES)),
        "lengths": np.array([(len(one.t_s), len(one.reps)) for one in found]),
        "numbers": np.array([(exercises.index(one.exercise), one.lifter) for one in found]),
        "paces": np.array([one.pace for one in found]),
    }


def _read(arrays: dict[str, np.ndarray], exercises: Sequence[str]) -> list[Stretch]:
    ends = arrays["lengths"].cumsum(0)
    out = []
    for i, (length, reps) in enumerate(arrays["lengths"]):
        cut, of_reps = slice(ends[i, 0] - length, ends[i, 0]), slice(ends[i, 1] - reps, ends[i, 1])
        exercise, lifter = arrays["numbers"][i]
        out.append(
            Stretch(
                exercise=exercises[exercise],
                lifter=int(lifter),
                ticks=arrays["ticks"][cut],
                t_s=arrays["t_s"][cut],
                labels=arrays["labels"][cut],
                reps=tuple(_rep(k + 1, *times) for k, times in enumerate(arrays["reps"][of_reps].tolist())),
                pace=float(arrays["paces"][i]),
            )
        )
    return out


def _rep(index: int, start_s: float, turn_s: float, end_s: float) -> TrueRep:
    return TrueRep(
        index=index,
        faults=(),
        start_frame=0,
        turn_frame=0,
        end_frame=0,
        start_s=start_s,
        turn_s=turn_s,
        end_s=end_s,
    )
