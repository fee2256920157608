"""Draws random sets: thousands of reps per minute as observations, or settings of videos that vary as real ones do."""

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

from livecoach.core.errors import ConfigError
from livecoach.lab.synth.figure.body_mesh import JUDGING, NAMES, TRAINING, BodyModel, load_body
from livecoach.lab.synth.motion.lifter import SyntheticLifter, vary_between_sets
from livecoach.lab.synth.motion.lifts import EXERCISES, LIFTS, draw_lifter, find_lift
from livecoach.lab.synth.motion.motion_sequence import Performer
from livecoach.lab.synth.motion.ranges import pick
from livecoach.lab.synth.motion.tokens import Token, random_tokens
from livecoach.lab.synth.noise import NoiseSeeds
from livecoach.lab.synth.synthetic_camera import VirtualCamera, draw_near_camera, random_camera
from livecoach.lab.synth.synthetic_set import Seed, SetSettings, SyntheticSet, simulate_set

BodyGroup = Literal["training", "judging"]
BODY_GROUPS = {"training": TRAINING, "judging": JUDGING, "all": NAMES}
"""Names of the bodies in each group. No model may be evaluated on a body on which it was trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRequest:
    """Constraints on a random set. A field that is None is left to chance, except `noise` and `session`.

    A constraint on a field leaves all other random values as they are, except values that depend on the field.
    """

    exercise: str | None = None
    bodies: str = "all"  # group of bodies (BODY_GROUPS) from which the lifter is drawn
    body: str | None = None
    lifter: int | None = None  # seed of the lifter: sets with the same seed show the same person
    session: int | None = None
    """Seed of what the sets of a session share: the camera's place, the size of the picture, and the estimator's
    systematic errors. None for a session of only this set."""
    loaded: bool | None = None  # whether there is a barbell; no effect on a lift that needs a barbell
    fps: float | None = None
    view_deg: float | None = None  # azimuth of the camera, -180…180
    tokens: tuple[Token, ...] | None = None
    noise: float | None = None
    """Factor on the pose estimator's errors: 1, or None, for errors as measured; 0 for the truth, with visibility 1."""
    size_px: tuple[int, int] | None = None  # width and height of the picture
    lost: float | None = None  # share of frames that the camera loses; 0 also removes timing jitter
    graded: bool = True  # whether to measure the severities of the reps' faults, which doubles the time
    wide: bool = False  # whether to draw posture, hands, depth and pace from wider ranges (`Lift.wide_draws`)
    near: bool = False  # whether the camera is near the upper body
    part: bool = False  # whether the lifter does only a part of the lift (`Lift.partial_draws`)
    typical: bool = False  # whether to draw only lifters who do the lift, not a similar lift (`Lift.typical`)


FPS = (12, 15, 20, 24, 25, 30, 30, 30, 30, 50, 60)  # Frame rates of observations; each entry is equally likely
SIZES_PX = ((640, 480), (640, 480), (1280, 720), (480, 640), (720, 1280))  # Picture sizes; each entry is equally likely
MAX_VIEW_DEG = 100.0  # Largest azimuth of the camera, on either side
STEADY = 0.6  # Share of sets with a camera that loses no frames
MOST_LOST = 0.15  # Largest share of frames that any other camera loses
LATE_S = 0.006  # Mean delay of the frames of a camera that loses frames
STANDS_M = 0.1  # Standard deviation of a lifter's place between the sets of a session. Our choice.
FACES_DEG = 4.0  # Standard deviation of the direction that the lifter faces. Our choice.
NEAR_AIM_M = {False: (0.0, 0.0, 1.2), True: (-0.6, 0.0, 0.6)}
"""World position of the chest, at which a near camera looks, by whether the lifter lies."""
T = TypeVar("T")


_Streams = namedtuple("_Streams", "settings lifter set_variation tokens motion camera frames noise")
"""Random generators, one for each concern, so that a constraint on a concern does not change the others."""


def random_set(seed: Seed, request: SetRequest) -> SyntheticSet:
    """Draw a random set, with the errors of a pose estimator unless `request.noise` is 0.

    The same seed and request give the same set, bit for bit. Raises ConfigError if the exercise or the body is unknown,
    or `play_set` rejects the tokens.
    """
    streams = _Streams(*(np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(8)))
    exercise = _wish(request.exercise, pick(streams.settings, EXERCISES))
    fps = float(_wish(request.fps, pick(streams.settings, FPS)))
    body, lifter = _draw_lifter(streams, request, exercise)
    camera = _draw_camera(streams, request, fps, LIFTS[exercise].lies)
    tokens = _wish(request.tokens, random_tokens(streams.tokens, exercise))
    steady = streams.frames.random() < STEADY
    lost = _wish(request.lost, 0.0 if steady else streams.frames.uniform(0, MOST_LOST))
    settings = SetSettings(
        exercise=exercise,
        tokens=tokens,
        camera=camera,
        body=body.name,
        seed=seed,
        scale=body.scale,
        bar=lifter.loaded,
        lost=lost,
        late_s=LATE_S if lost > 0 else 0.0,
        typical=request.typical,
    )
    made = simulate_set(settings, Performer(body, exercise, lifter), streams.motion, streams.frames, request.graded)
    amount, seeds = _wish(request.noise, 1.0), NoiseSeeds(request.lifter, request.session)
    return made.with_noise(streams.noise, amount, seeds) if amount else made


def _draw_lifter(streams: _Streams, request: SetRequest, exercise: str) -> tuple[BodyModel, SyntheticLifter]:
    rng = streams.lifter if request.lifter is None else np.random.default_rng(request.lifter)
    name, scale = pick(rng, BODY_GROUPS[request.bodies]), round(rng.uniform(0.96, 1.04), 3)
    lift = find_lift(exercise)
    loaded = lift.needs_bar or _wish(request.loaded, rng.random() < lift.loaded)
    body = load_body(_wish(request.body, name), scale)
    lifter = draw_lifter(rng, body, exercise, loaded, wide=request.wide, part=request.part, typical=request.typical)
    return body, vary_between_sets(streams.set_variation, lifter)


def _draw_camera(streams: _Streams, request: SetRequest, fps: float, lies: bool) -> VirtualCamera:
    settings, drawn = streams.settings, streams.camera
    if request.session is not None:
        settings, drawn = (np.random.default_rng((request.session, number)) for number in (1, 2))
    size, view = pick(settings, SIZES_PX), settings.uniform(-MAX_VIEW_DEG, MAX_VIEW_DEG)
    shown = _wish(request.size_px, size), _wish(request.view_deg, view)
    camera = (
        draw_near_camera(drawn, *shown, NEAR_AIM_M[lies], fps) if request.near else random_camera(drawn, *shown, fps)
    )
    if request.session is None:
        return camera
    x_m, y_m = STANDS_M * streams.camera.standard_normal(2)
    return replace(
        camera,
        azimuth_deg=(camera.azimuth_deg + float(FACES_DEG * streams.camera.standard_normal()) + 180) % 360 - 180,
        target=(camera.target[0] + float(x_m), camera.target[1] + float(y_m), camera.target[2]),
    )


def _wish(wanted: T | None, drawn: T) -> T:
    return drawn if wanted is None else wanted


# Shares of the picture sizes and frame rates of videos
FILMED_SIZES_PX = {(640, 480): 0.4, (640, 360): 0.25, (480, 640): 0.15, (360, 640): 0.2}
FILMED_FPS = {12.0: 0.04, 15.0: 0.08, 20.0: 0.06, 24.0: 0.1, 25.0: 0.1, 30.0: 0.52, 50.0: 0.04, 60.0: 0.06}


def random_settings(
    seed: Seed,
    exercise: str,
    tokens: tuple[Token, ...],
    *,
    view_deg: float | tuple[float, float] = (-90.0, 90.0),
    bodies: Sequence[str] = TRAINING,
    size_px: tuple[int, int] | None = None,
    fps: float | None = None,
) -> SetSettings:
    """Choose random settings for a video of a set of an exercise.

    The camera, the quality of the video, and the lost and late frames vary as in sets that people film.

    Args:
        view_deg: Azimuth of the camera, -180…180, or its smallest and its largest value.
        bodies: Names of the bodies from which the lifter's body is chosen.
        size_px: Width and height of the picture; None to choose both at random.
        fps: Frame rate; None to choose it at random.

    Raises:
        ConfigError: The exercise is unknown, or an azimuth is out of range or in the wrong order.
    """
    rng = np.random.default_rng(seed)
    low, high = view_deg if isinstance(view_deg, tuple) else (view_deg, view_deg)
    if not -180 <= low <= high <= 180:
        raise ConfigError(f"view {low:g}..{high:g}: expected degrees of -180..180, the lower one first")
    view = round(rng.uniform(low, high), 1)
    drawn_size, rate = pick(rng, FILMED_SIZES_PX), pick(rng, FILMED_FPS)
    faulty = rng.random() < 0.15
    return SetSettings(
        exercise=exercise,
        tokens=tokens,
        seed=int(rng.integers(1 << 31)),
        body=pick(rng, bodies),
        scale=round(rng.uniform(0.95, 1.05), 3),
        bar=bool(rng.random() < find_lift(exercise).loaded),
        plates=int(rng.integers(1, 4)),
        lost=rng.uniform(0.01, 0.25) if faulty else 0.0,
        late_s=rng.uniform(0.002, 0.03) if rng.random() < 0.25 else 0.0,
        crf=int(rng.integers(20, 36)),
        camera=random_camera(rng, size_px or drawn_size, view, rate if fps is None else fps),
    )
