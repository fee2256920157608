"""Makes the training data of lift models: labelled movements out and back, of synthetic and of rendered sets.

In rendered sets, deadlift and squat alternate. The cache keeps BlazePose's observations of each set, and its truth.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core.config.exercise import Exercise
from livecoach.core.errors import ConfigError
from livecoach.core.types import Observation
from livecoach.decisions.counting.movement import Movement
from livecoach.lab import counting
from livecoach.lab.measure.cache import FOLDER, MAIN_LIFTS, Cache, RenderedSet
from livecoach.lab.processes import JobRunner
from livecoach.lab.synth.figure.body_mesh import TRAINING
from livecoach.lab.synth.motion.lifts import EXERCISES, FAULTS, LIFTS
from livecoach.lab.synth.motion.ranges import log_uniform
from livecoach.lab.synth.motion.tokens import PEOPLE, REP, Token, TokenFault, random_movements, random_tokens
from livecoach.lab.synth.picture.canvas import check_drawing
from livecoach.lab.synth.synthetic_set import SyntheticSet, make_set
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set, random_settings
from livecoach.lab.train.recipes import BuildContext, LiftRecipe
from livecoach.lab.truth import TrueEvent, TrueRep

Kind = Literal["rep", "part", "other"]
LEAST_OVERLAP = 0.35  # Least overlap of a movement that is a part of a rep, as a share of the shorter
IGNORED = ("let_go", "partial")
"""Kinds of ignored events: a bar dropped at the top was lifted, and half a rep is no clear counterexample."""
IGNORED_S = 0.3  # Least overlap with an ignored event, in seconds
WIDE = 0.75  # Share of sets whose lifters vary more than usual, as real lifters do
LOADED = 0.5  # Share of sets with a bar, for a lift that is possible without a bar
BETWEEN = 0.4  # Probability of a movement that is no rep after each item of a crowded set
PARTIALS = 0.1  # Probability of a partial rep
AS_MODELLED = 0.5  # Share of sets with the errors of the noise model; other sets have errors of NOISE and SHAKING
NOISE = (0.2, 2.0)
"""Range of the factor on the noise model's errors; its logarithm is uniform. In the median of 57 real clips, a
wrist is .06 torso lengths higher than the other in the world; the noise model's errors would give .15."""
SHAKING = (0.0003, 0.012)
"""Range of the standard deviation of errors of each landmark in each frame, in lengths of torso and legs. The median
second difference of real wrists is 2.5 times the noise model's."""
MOST_VIEW_DEG = 105.0  # Largest azimuth, in degrees


class LabelledMovement(NamedTuple):
    """A labelled movement from which a lift model learns."""

    movement: Movement
    kind: Kind  # "part" for a part of a rep, which is no rep by itself, but close to a rep

    @property
    def is_rep(self) -> bool:
        return self.kind == "rep"


def _draw_training_tokens(rng: np.random.Generator, number: int, exercise: str) -> tuple[Token, ...]:
    return (_crowded, _no_reps, _usual, _crowded, _same_fault, _no_reps)[number % 6](rng, exercise)


def _make_training_set(
    seed: int, number: int, exercise: str, *, typical: bool = False
) -> tuple[Sequence[Observation], SyntheticSet]:
    """Make a set of a training body, half of the time with modelled errors of another size and with further errors."""
    rng = np.random.default_rng((seed, number, 77))
    tokens = _draw_training_tokens(rng, number, exercise)
    amount = draw_noise_factor(rng)
    wanted = SetRequest(
        exercise=exercise,
        bodies="training",
        tokens=tokens,
        view_deg=float(rng.uniform(-MOST_VIEW_DEG, MOST_VIEW_DEG)),
        wide=bool(rng.random() < WIDE),
        loaded=None if LIFTS[exercise].needs_bar else bool(rng.random() < LOADED),
        noise=amount,
        typical=typical,
        graded=False,
    )
    made = random_set((seed, number), wanted)
    if amount is None:
        return made.observations, made
    return _shaken(made.observations, rng, log_uniform(rng, *SHAKING)), made


def draw_noise_factor(rng: np.random.Generator) -> float | None:
    """Draw the factor on the noise model's errors in a set, or return None for the errors as modelled."""
    return None if rng.random() < AS_MODELLED else log_uniform(rng, *NOISE)


def _shaken(observations: Sequence[Observation], rng: np.random.Generator, share: float) -> tuple[Observation, ...]:
    """Return the observations with new errors in every frame, a share of the lengths of torso and legs."""
    out = []
    for observation in observations:
        if observation.landmarks is None or observation.world is None:
            out.append(observation)
            continue
        height = np.ptp(observation.landmarks[:, 1])  # in picture heights; less when bent over, and so are the errors
        size = np.array([height * observation.height_px / observation.width_px, height, height])
        landmarks, world = observation.landmarks.copy(), observation.world.copy()
        landmarks[:, :3] += share * size * rng.standard_normal((len(landmarks), 3))
        world += share * np.ptp(world[:, 1]) * rng.standard_normal(world.shape)
        out.append(replace(observation, landmarks=landmarks.astype(np.float32), world=world.astype(np.float32)))
    return tuple(out)


def _usual(rng: np.random.Generator, exercise: str) -> tuple[Token, ...]:
    return random_tokens(rng, exercise, partial=PARTIALS)


def _crowded(rng: np.random.Generator, exercise: str) -> tuple[Token, ...]:
    out: list[Token] = []
    for token in random_tokens(rng, exercise, reps=(1, 7), idle=0.6):
        out.append(token)
        if rng.random() < BETWEEN:
            out += random_movements(rng, exercise, hard=True, items=(1, 1))
    return tuple(out[1:] if out[0].name == "hold" and len(out) > 1 else out)


def _same_fault(rng: np.random.Generator, exercise: str) -> tuple[Token, ...]:
    if not FAULTS[exercise]:
        return _usual(rng, exercise)
    fault = FAULTS[exercise][rng.integers(len(FAULTS[exercise]))]
    return tuple(Token(REP, (TokenFault(fault, "", float(rng.uniform(0.6, 1.0))),)) for _ in range(rng.integers(3, 8)))


def _no_reps(rng: np.random.Generator, exercise: str) -> tuple[Token, ...]:
    return random_movements(rng, exercise, hard=bool(rng.random() < 0.5))


def gather_synthetic_movements(recipe: LiftRecipe, context: BuildContext) -> list[list[LabelledMovement]]:
    """Make a recipe's synthetic sets and a third as many sets of other lifts; return each set's labelled movements."""
    numbers = [*range(recipe.sets), *range(-1, -(recipe.sets // 3) - 1, -1)]
    return context.runner.map(partial(_examples, context.exercise, context.earlier_parts, recipe), numbers, "movements")


def label_movements(
    observations: Sequence[Observation],
    exercise: Exercise,
    folder: Path,
    true_reps: Sequence[TrueRep],
    events: Sequence[TrueEvent],
) -> Iterator[LabelledMovement]:
    """Yield the movements in the observations of a set, labelled according to the truth.

    A movement without a true rep is left out if it overlaps an event of the kinds IGNORED by more than IGNORED_S; reps
    that the counter counts by the plate alone are left out, too.

    Args:
        folder: Folder with stage.json and boundaries.json, by which movements are found and cut.
        true_reps: True reps of the exercise; empty if the set has no rep.
    """
    every = counting.EveryMovement()
    ignored = [event for event in events if event.kind in IGNORED]
    for rep in counting.find_reps(
        counting.make_counter(counting.require_complete_reps(exercise), folder, every), observations
    ):
        if not every.noted:  # the rep was counted by the plate, without the model
            continue
        movement = every.noted.pop()
        if any(counting.matches(rep, true_rep) for true_rep in true_reps):
            yield LabelledMovement(movement=movement, kind="rep")
        elif not any(counting.overlap_s(rep, event) > IGNORED_S for event in ignored):
            part = any(counting.matches_part(rep, true_rep, LEAST_OVERLAP) for true_rep in true_reps)
            yield LabelledMovement(movement=movement, kind="part" if part else "other")


def _examples(exercise: Exercise, folder: Path, recipe: LiftRecipe, number: int) -> list[LabelledMovement]:
    """Return the movements of a set. Numbers below 0 are sets of another lift, whose reps are counterexamples."""
    others = [name for name in EXERCISES if name != exercise.motion] if recipe.others is None else recipe.others
    of = exercise.motion if number >= 0 or not others else others[-number % len(others)]
    seen, made = _make_training_set(recipe.seed, abs(number), of, typical=recipe.others is None)
    return list(label_movements(seen, exercise, folder, made.reps if of == exercise.motion else (), made.events))


RATES_FPS = (12.0, 15.0, 20.0, 25.0)
"""Frame rates of rendered sets. A lower rate saves frames to draw and observe; counting smooths by time."""
ACCOMPANIED = 1 / 6  # Probability of another person in a set with reps


GROUPS = ((36, 200, (-MOST_VIEW_DEG, MOST_VIEW_DEG)), (26, 201, (55.0, 105.0)), (25, 202, (-105.0, -55.0)))
"""Groups of rendered sets: number of sets, seed above the recipe's, azimuths in degrees, mostly with large errors."""
Drawn = tuple[int, int, tuple[float, float]]  # Seed and number of a rendered set, and the range of the azimuth


def gather_rendered_movements(recipe: LiftRecipe, context: BuildContext) -> list[list[LabelledMovement]]:
    """Return the labelled movements of each rendered set of a recipe, and render the sets that the cache lacks.

    Raises ConfigError if a set must be rendered, and this machine can't draw.
    """
    exercise, wanted = context.exercise, sorted(_wanted(recipe))
    check_rendering(recipe, context.runner)
    work = partial(_load_or_draw, wanted, Cache(context.runner.cache))
    examples = []
    for observations, truth in context.runner.map(work, range(len(wanted)), "rendered sets", fresh=True):
        true = truth.reps if truth.exercise == exercise.motion else []
        examples.append(list(label_movements(observations, exercise, context.earlier_parts, true, truth.events)))
    return examples


def check_rendering(recipe: LiftRecipe, runner: JobRunner) -> None:
    """Raise ConfigError if the cache lacks rendered sets of a recipe, and this machine can't draw them."""
    folder = runner.cache / FOLDER
    if all((folder / f"{_name(item)}.obs").is_file() for item in _wanted(recipe)):
        return
    try:
        check_drawing()
    except ConfigError as err:
        raise ConfigError(f"{err}. Without it rendered sets can't be drawn; --rendered 0 leaves them out.") from err


def _wanted(recipe: LiftRecipe) -> list[Drawn]:
    every = [(recipe.seed + seed, number, views_deg) for sets, seed, views_deg in GROUPS for number in range(sets)]
    return sorted(every, key=lambda item: item[1])[: recipe.rendered]


def _name(item: Drawn) -> str:
    return f"{item[0]}_{item[1]:03d}"


def _load_or_draw(wanted: Sequence[Drawn], cache: Cache, index: int) -> RenderedSet:
    return cache.load_or_render(_name(wanted[index]), partial(_make_clip, *wanted[index]))


def _make_clip(seed: int, number: int, views_deg: tuple[float, float]) -> SyntheticSet:
    rng = np.random.default_rng((seed, number, 78))
    exercise = MAIN_LIFTS[number % len(MAIN_LIFTS)]
    tokens = _draw_training_tokens(rng, number // len(MAIN_LIFTS), exercise)
    if rng.random() < ACCOMPANIED:
        at = int(rng.integers(1, len(tokens) + 1))
        tokens = (*tokens[:at], Token(PEOPLE[rng.integers(len(PEOPLE))]), *tokens[at:])
    settings = random_settings(
        [seed, number, 78],
        exercise,
        tokens,
        view_deg=views_deg,
        bodies=TRAINING,
        fps=RATES_FPS[rng.integers(len(RATES_FPS))],
    )
    return make_set(settings)
