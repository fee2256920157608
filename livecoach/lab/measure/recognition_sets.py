"""Synthetic and rendered sets of judging bodies that recognition is measured on."""

import dataclasses
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from livecoach import assembly
from livecoach.lab.measure.cache import Cache, rendered
from livecoach.lab.measure.recognition import Judged, tables
from livecoach.lab.measure.table import Progress, Share, Table
from livecoach.lab.recognition.beliefs import heard, outcome
from livecoach.lab.recognition.real_clips import judged
from livecoach.lab.recognition.sets import KINDS, MOST_VIEW_DEG, motion_set, stretches
from livecoach.lab.recognition.shipped import Shipped
from livecoach.recognition import model_file
from livecoach.run.batch import steps
from livecoach.synth.clip import Clip, make_clip, random_clip_settings
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.motion.lifts import LIFTS
from livecoach.synth.motion.tokens import GOOD, WITH_BAR_ON_FLOOR, Token
from livecoach.types import Observation

FOLDER = "recognition"
"""Folder of the cache."""
FPS, SIZE_PX = 15.0, (480, 360)
NONE = "none"
NONE_ITEMS = 3
STRIDE = 31
"""Step through the azimuths from set to set, so that every exercise is seen from all sides."""


def measure_motion(sets: int, seed: int, progress: Progress) -> list[Table]:
    """Return the tables of so many sets of motion, a quarter of them without a rep."""
    model = model_file.load()
    network, found = Shipped(model), []
    for number in range(sets):
        progress("sets of motion", number / sets)
        of_set = list(stretches(*motion_set(seed, number, "judging", model.exercises), number, model.exercises))
        for one in heard(network, of_set):
            result = outcome(model.belief, one, model.exercises)
            labelled = result.truth or NONE
            found.append(Judged(name=f"{labelled} {number}", group=labelled, labelled=labelled, outcome=result))
    return tables(f"Synthetic motion, seed {seed}", found)


def measure_rendered(sets: int, seed: int, cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Return the tables of so many rendered sets, the last of each round without a rep, and how they are counted.

    Those that the cache does not have are rendered.
    """
    model, found, counts = model_file.load(), list[Judged](), list[tuple[str, int, int]]()
    names = (*model.exercises, NONE)
    for number in range(sets):
        progress("rendered sets", number / sets)
        name = names[number % len(names)]
        clip = _clip(seed, number, sets, None if name == NONE else name, model.exercises)
        kept = f"{FOLDER}/{name}_{seed}_{number:03d}_{pose}.obs"
        observations = cache.kept(kept, partial(_seen, clip, pose))
        reps = clip.movement.reps
        turn_end_s = (reps[0].turn_s, reps[0].end_s) if reps else None
        result = judged(observations, None if name == NONE else name, model, turn_end_s)
        view = f"{abs(clip.settings.camera.azimuth_deg) // 30 * 30:.0f}° and more"
        found.append(Judged(name=f"{name} {number}", group=view, labelled=name, outcome=result))
        if name != NONE:
            counts.append((name, len(reps), _counted(name, observations)))
    return [*tables(f"Rendered sets, seed {seed}", found, details=True), counts_table(seed, counts)]


def _counted(name: str, observations: Sequence[Observation]) -> int:
    """Return how many reps a run counts that is given the exercise."""
    return sum(len(step.judged) for step in steps(assembly.load(name).pipeline(), observations))


def counts_table(seed: int, counts: Sequence[tuple[str, int, int]]) -> Table:
    """Return the table of counts: exercise, true and counted reps of each set."""
    groups = [(name, [one for one in counts if one[0] == name]) for name in dict.fromkeys(one[0] for one in counts)]
    return Table(
        title=f"Rendered sets, seed {seed}: counted with the exercise given",
        columns=("exercise", "sets exact", "reps", "missed", "too many"),
        rows=tuple(
            (
                name,
                Share(sum(true == counted for _, true, counted in of_name), len(of_name)),
                sum(true for _, true, _ in of_name),
                sum(max(0, true - counted) for _, true, counted in of_name),
                sum(max(0, counted - true) for _, true, counted in of_name),
            )
            for name, of_name in (("all", list(counts)), *groups)
        ),
    )


def _clip(seed: int, number: int, sets: int, exercise: str | None, exercises: tuple[str, ...]) -> Clip:
    """Return a clip of two reps, or of movements that are no reps around another exercise."""
    rng = np.random.default_rng((seed, number, 79))
    motion = exercise or exercises[int(rng.integers(len(exercises)))]
    tokens = (Token("idle", seconds=1.0), GOOD, GOOD) if exercise else _others(rng, motion)
    most_deg = 180.0 if LIFTS[motion].lies else MOST_VIEW_DEG
    settings = random_clip_settings(
        (seed, number),
        motion,
        tokens,
        view_deg=float(np.linspace(-most_deg, most_deg, sets).round()[number * STRIDE % sets]),
        bodies=JUDGING,
        size_px=SIZE_PX,
        fps=FPS,
    )
    return make_clip(dataclasses.replace(settings, lost=0.0, late_s=0.0, typical=True))


def _others(rng: np.random.Generator, motion: str) -> tuple[Token, ...]:
    known = [kind for kind in KINDS if LIFTS[motion].on_floor or kind not in WITH_BAR_ON_FLOOR]
    return tuple(Token(str(kind)) for kind in rng.choice(known, NONE_ITEMS, replace=False))


def _seen(clip: Clip, pose: str) -> Iterator[Observation]:
    return rendered(clip, range(clip.frames), FPS, pose)
