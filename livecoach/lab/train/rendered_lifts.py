"""Rendered sets observed by the pose estimator: training data of a lift model besides motion.

Deadlift and squat alternate. The sets have training bodies, the movements of the motion sets
(livecoach.lab.train.movements), and somebody else in a sixth of the sets with reps. A folder keeps BlazePose's
observations of each set and its truth; existing sets are kept, so that a stopped run can resume.
"""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.config.exercise import Exercise
from livecoach.config.files import written_whole
from livecoach.documents import codec
from livecoach.errors import ConfigError
from livecoach.lab.measure.rendered_sets import MAIN_LIFTS
from livecoach.lab.processes import Workshop
from livecoach.lab.train.context import BuildContext
from livecoach.lab.train.movements import MOST_VIEW_DEG, Example, labelled, tokens_of
from livecoach.lab.train.recipes import LiftRecipe
from livecoach.pose.blazepose import BlazePose
from livecoach.pose.observer import Observer
from livecoach.synth.clip import SyntheticClip, make_clip, random_clip_settings
from livecoach.synth.figure.body import TRAINING
from livecoach.synth.motion.tokens import PEOPLE, Token
from livecoach.synth.picture.canvas import check_drawing
from livecoach.synth.truth import TrueEvent, TrueFault, TrueRep, as_json
from livecoach.types import Frame, Observation

RATES_FPS = (12.0, 15.0, 20.0, 25.0)
"""Frame rates of the sets. A lower rate saves frames to draw and observe; counting smooths by time."""
OTHERS = 1 / 6  # probability of somebody else in a set with reps


class Group(NamedTuple):
    """Rendered sets from one range of azimuths."""

    sets: int
    seed: int  # seed of the group, relative to the lift model's
    views_deg: tuple[float, float]  # range of the camera's azimuth


GROUPS = (
    Group(36, 200, (-MOST_VIEW_DEG, MOST_VIEW_DEG)),
    Group(26, 201, (55.0, 105.0)),
    Group(25, 202, (-105.0, -55.0)),
)
"""Most sets are filmed from the side, where the estimator errs most."""


class Drawn(NamedTuple):
    """One rendered set."""

    seed: int
    number: int
    views_deg: tuple[float, float]

    @property
    def name(self) -> str:
        """Name of its files, without their endings."""
        return f"{self.seed}_{self.number:03d}"


def gathered(context: BuildContext) -> list[list[Example]]:
    """Return the movements of a recipe's rendered sets, of which those that the cache lacks are drawn and observed.

    Raises ConfigError where OpenGL is missing.
    """
    recipe, cache = context.recipe.lift, _folder(context.workshop)
    missing = _missing(recipe, cache)
    if missing:
        check(recipe, context.workshop)
        cache.mkdir(parents=True, exist_ok=True)
        context.workshop.each(partial(_make, missing, cache), range(len(missing)), "rendered sets", fresh=True)
    return examples(context.exercise, context.before, cache, _wanted(recipe))


def _folder(workshop: Workshop) -> Path:
    """Return the folder of rendered sets, which all exercises share."""
    return workshop.cache / "rendered"


def check(recipe: LiftRecipe, workshop: Workshop) -> None:
    """Raise ConfigError where a recipe's sets must be drawn and this machine can't draw."""
    if not _missing(recipe, _folder(workshop)):
        return
    try:
        check_drawing()
    except ConfigError as err:
        raise ConfigError(f"{err}. Without it rendered sets can't be drawn; --rendered 0 leaves them out.") from err


def _wanted(recipe: LiftRecipe) -> list[Drawn]:
    every = [Drawn(recipe.seed + one.seed, number, one.views_deg) for one in GROUPS for number in range(one.sets)]
    return sorted(every, key=lambda one: one.number)[: recipe.rendered]


def _missing(recipe: LiftRecipe, cache: Path) -> list[Drawn]:
    return [one for one in _wanted(recipe) if not _file(cache, one).is_file()]


def clip_of(seed: int, views_deg: tuple[float, float], number: int) -> SyntheticClip:
    """Return set `number` of a seed. views_deg: the range of the camera's azimuth."""
    rng = np.random.default_rng((seed, number, 78))
    exercise = MAIN_LIFTS[number % len(MAIN_LIFTS)]
    tokens = tokens_of(rng, number // len(MAIN_LIFTS), exercise)
    if rng.random() < OTHERS:
        at = int(rng.integers(1, len(tokens) + 1))
        tokens = (*tokens[:at], Token(PEOPLE[rng.integers(len(PEOPLE))]), *tokens[at:])
    settings = random_clip_settings(
        [seed, number, 78],
        exercise,
        tokens,
        view_deg=views_deg,
        bodies=TRAINING,
        fps=RATES_FPS[rng.integers(len(RATES_FPS))],
    )
    return make_clip(settings)


def examples(exercise: Exercise, folder: Path, cache: Path, drawn: Sequence[Drawn]) -> list[list[Example]]:
    """Return the movements of each set; in sets of another lift there is no rep of this one.

    folder: holds the stage model and the boundaries.
    """
    out = []
    for one in sorted(drawn, key=lambda one: one.name):
        path = _file(cache, one)
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        faults = [tuple(TrueFault(**fault) for fault in rep["faults"]) for rep in truth["reps"]]
        reps = [TrueRep(**{**rep, "faults": of}) for rep, of in zip(truth["reps"], faults, strict=True)]
        events = [TrueEvent(**event) for event in truth["events"]]
        with path.open("rb") as file:
            observations = [codec.decode(record) for record in codec.read_records(file)]
        true = reps if truth["exercise"] == exercise.motion else []
        out.append(list(labelled(observations, exercise, folder, true, events)))
    return out


def _file(cache: Path, one: Drawn) -> Path:
    return cache / f"{one.name}.obs"


def _make(drawn: Sequence[Drawn], cache: Path, index: int) -> None:
    """Draw a set and observe it."""
    one = drawn[index]
    path, clip = _file(cache, one), clip_of(one.seed, one.views_deg, one.number)
    truth = {
        "exercise": clip.settings.exercise,
        "view_deg": clip.settings.camera.azimuth_deg,
        "reps": as_json(clip.movement.reps),
        "events": as_json(clip.movement.events),
    }
    path.with_suffix(".json").write_text(json.dumps(truth), encoding="utf-8")
    with written_whole(path, private=False) as part:
        part.write_bytes(b"".join(codec.record(codec.encode(observation)) for observation in _observed(clip)))


def _observed(clip: SyntheticClip) -> Iterator[Observation]:
    estimator, fps = BlazePose("lite"), clip.settings.camera.fps
    try:
        observer = Observer(estimator)
        with clip.renderer() as renderer:
            for i in range(clip.frames):
                yield observer.observe(Frame(index=i, t_s=i / fps, picture=renderer.draw(i)))
    finally:
        estimator.close()
