"""Rendered sets with rounded backs and tucked pelvises, as the pose estimator and its person mask see them."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from livecoach.frame.posture import torso_px
from livecoach.lab.measure.cache import Cache, rendered
from livecoach.rep.measures import DorsalProfile
from livecoach.synth.clip import Clip, make_clip
from livecoach.synth.figure.body import JUDGING, TRAINING
from livecoach.synth.motion.tokens import parse
from livecoach.synth.variety import random_clip_settings
from livecoach.types import Observation

FPS, SIZE_PX, SPARSE = 15.0, (640, 480), 8
BODIES = {"training": TRAINING, "judging": JUDGING}
BODY_STEP = 5
"""Step from one set's body to the next one's; it has no divisor in common with how many there are."""
FAULT = {"deadlift": "rounded_back", "squat": "butt_wink"}
MEASURE = {"deadlift": "dorsal_sagitta", "squat": "pelvic_tuck"}
FRONT_DEG, OTHERS_DEG = 15, (60, 75)
"""Up to FRONT_DEG the back is hardly in the picture, and a set has one fault; faults of another kind are drawn at
OTHERS_DEG only."""
ROUNDED = ("head_up", "lower", "head_down", "upper")
KNOBS = {"lower": (0.8, 1.0)}
"""Knobs of the first and the second fault of a set, so that severities are around .5; USUAL_KNOBS for other ways."""
USUAL_KNOBS = (0.5, 0.75)
OTHERS = {"deadlift": ("hips_early:0.75", "bar_drift:0.75"), "squat": ("forward_lean:0.75", "shallow:0.6")}
STANDING_PERCENTILE = 92
"""Percentile of the torso's length in the frames drawn, of which few show a lifter who stands."""


def rounded_items(number: int) -> tuple[str, str]:
    """Return the two rounded backs of set `number`, in words."""
    ways = ROUNDED[number % 4], ROUNDED[(number + 1) % 4]
    one, two = (f"rounded_back.{way}:{KNOBS.get(way, USUAL_KNOBS)[i]}" for i, way in enumerate(ways))
    return one, two


def items(exercise: str, number: int, view_deg: int) -> str:
    """Return a set in words; good reps are around the others, as a set's last reps differ from its first."""
    other = f",{OTHERS[exercise][number // 2 % 2]}" if view_deg in OTHERS_DEG and number % 2 == 0 else ""
    if exercise == "squat":
        first, second = USUAL_KNOBS if number % 2 == 0 else USUAL_KNOBS[::-1]
        if view_deg <= FRONT_DEG:
            return "good*2,butt_wink:0.75"
        return f"good*2,butt_wink.at_bottom:{first},good,butt_wink.early:{second},good{other}"
    one, two = rounded_items(number)
    return f"good*2,{two}" if view_deg <= FRONT_DEG else f"good*2,{one},good,{two},good{other}"


def back_clip(exercise: str, bodies: str, seed: int, number: int, view_deg: int) -> Clip:
    """Return set `number` at a view; the camera is on the lifter's left and right in turn."""
    names = BODIES[bodies]
    settings = random_clip_settings(
        [seed, number, view_deg],
        exercise,
        parse(items(exercise, number, view_deg), exercise),
        view_deg=float(view_deg if (number + view_deg) % 2 else -view_deg),
        bodies=(names[(number * BODY_STEP + seed) % len(names)],),
        size_px=SIZE_PX,
        fps=FPS,
    )
    return make_clip(replace(settings, lost=0.0, late_s=0.0))


def observed(clip: Clip, name: str, frames: Sequence[int], cache: Cache) -> list[Observation]:
    """Return the observations of some frames of a clip; they are drawn where the cache does not have them."""
    return cache.kept(f"{name}.obs", lambda: rendered(clip, frames, FPS, "lite"))


def drawn_frames(clip: Clip) -> list[int]:
    """Return the frames that are measured, and enough of the others for the estimator not to lose the lifter."""
    draw = np.zeros(clip.frames, bool)
    draw[::SPARSE] = True
    for rep in clip.movement.reps:
        start, turn = rep.start_frame, rep.turn_frame
        if clip.settings.exercise == "deadlift":
            draw[max(start - 4, 0) : start : 2] = True
            draw[start : start + int(0.6 * (turn - start))] = True
            draw[turn] = True
        else:
            draw[start:turn:3] = True
            draw[start + int(0.35 * (turn - start)) : start + int(0.7 * (turn - start))] = True
            draw[turn - 3 : turn + 3] = True
    return [int(frame) for frame in np.flatnonzero(draw)]


def profile_of(observations: Sequence[Observation], first: int) -> DorsalProfile:
    """Return the observed edge by frame, `first` being frame 0; in standing torsos as they are seen."""
    lengths = [torso_px(one) for one in observations if one.landmarks is not None]
    torso = float(np.percentile(lengths, STANDING_PERCENTILE)) if lengths else math.nan
    edges = {one.index: one.back * one.height_px / torso for one in observations if one.back is not None}
    unknown = np.full(19, np.nan)
    return lambda frames: np.array([edges.get(first + int(frame), unknown) for frame in frames])
