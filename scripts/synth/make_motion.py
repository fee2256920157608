"""Landmark sequences without rendering, thousands of repetitions a minute.

    python scripts/synth/make_motion.py --sets 400 --out motion.npz     # and motion_reps.csv, motion_sets.csv

npz: image (N, 33, 4) float32 as MediaPipe's pose landmarks (x, y in 0..1, z, visibility), world (N, 33, 3) float32
metres, phase (N,) float16 (-1 outside a rep, else 0..1 through it), first (S,) and count (S,) frames of each set,
fps (S,). reps.csv: a row a repetition, frames counted from its set's first one. --clean leaves the noise out.
"""

import csv
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
from command import not_negative, parser, positive, run

from livecoach.errors import OutputError
from livecoach.synth.motion.tokens import EXERCISES
from livecoach.synth.sets import SetArrays, SetSettings, Wanted, random_set_arrays
from livecoach.synth.truth import TrueRep, phase

REP_COLUMNS = ("set", "exercise", *(field.name for field in fields(TrueRep)))
SET_COLUMNS = ("set", "frames", *(field.name for field in fields(SetSettings)))


def write_arrays(path: Path, sets: list[SetArrays]) -> None:
    """All sets, one after the other."""
    count = np.array([len(item.image) for item in sets])
    np.savez(
        path,
        image=np.concatenate([item.image.astype(np.float32) for item in sets]),
        world=np.concatenate([item.world.astype(np.float32) for item in sets]),
        phase=np.concatenate([phase(item.reps, len(item.image)).astype(np.float16) for item in sets]),
        first=np.cumsum(count) - count,
        count=count,
        fps=np.array([item.settings.fps for item in sets]),
    )


def rep_rows(sets: list[SetArrays]) -> list[dict]:
    """A row a rep."""
    return [
        {"set": k, "exercise": item.settings.exercise, **asdict(rep)}
        for k, item in enumerate(sets)
        for rep in item.reps
    ]


def set_rows(sets: list[SetArrays]) -> list[dict]:
    """A row a set."""
    return [
        {
            "set": k,
            "frames": len(item.image),
            **asdict(item.settings),
            "tokens": ",".join(map(str, item.settings.tokens)),
        }
        for k, item in enumerate(sets)
    ]


def write_csv(path: Path, columns: tuple[str, ...], rows: list[dict]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--sets", type=positive, default=100)
    options.add_argument("--seed", type=not_negative, default=0)
    options.add_argument("--exercise", choices=EXERCISES, help="default: both, at random")
    options.add_argument("--clean", action="store_true", help="the true landmarks")
    options.add_argument("--out", type=Path, default=Path("motion.npz"))
    given = options.parse_args()
    wanted = Wanted(exercise=given.exercise, noise=0.0 if given.clean else None)
    sets = [random_set_arrays([given.seed, k], wanted) for k in range(given.sets)]
    try:
        write_arrays(given.out, sets)
        write_csv(given.out.with_name(f"{given.out.stem}_reps.csv"), REP_COLUMNS, rep_rows(sets))
        write_csv(given.out.with_name(f"{given.out.stem}_sets.csv"), SET_COLUMNS, set_rows(sets))
    except OSError as err:
        raise OutputError(f"{given.out}: can't be written ({err.strerror}). Give another place with --out") from err
    reps, frames = sum(len(item.reps) for item in sets), sum(len(item.image) for item in sets)
    print(f"{given.sets} sets, {reps} reps, {frames} frames -> {given.out}")


if __name__ == "__main__":
    run(main)
