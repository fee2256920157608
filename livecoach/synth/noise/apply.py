"""Puts the model's errors on true landmarks."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach import landmark
from livecoach.synth.noise import curve, pose
from livecoach.synth.noise.bones import steady_bone_lengths
from livecoach.synth.noise.model import ERRORS, NoiseModel
from livecoach.synth.noise.sides import SWAP, mirror, mirror_both

REGAINED_S = 5.0
"""A lifter found again is seen with other slow errors: their clock jumps."""
RARELY_LOST = -1.0
"""Added to a clip's proneness to loss, our choice: rendered lifters are lost in 4 % of their frames, those of 118 real
clips in 0.7 %; with it, random sets lose 2 %."""
REPEATED = 0.97
"""Share of the slow errors' variance that comes back with the posture; the rest wanders in time. An estimator errs
alike whenever the same body passes through the same pose before the same camera. This, IN_PICTURE, IN_WORLD and
POSTURE_REACH are set so that reps of one set differ as rendered and real ones do (docs/form.md, "Repeatability")."""
IN_PICTURE = (0.75, 0.2)
IN_WORLD = (1.0, 0.5)
"""Slow and fast errors in the picture and in the world, as shares of what was fitted to single frames."""
IN_PICTURE_SPREAD = 0.7
"""How the shares in the picture differ from clip to clip: standard deviation of their logarithm."""
POSTURE_REACH = 2.0
"""Postures (pose.posture) this far apart have errors of their own. With .8 the errors of two reps that differ a little
in depth differed twice as much as those of rendered ones."""
WAVES = 48
"""That a random function of the posture is made of."""
SHARED = {"picture": 0.4, "world": 0.55}
"""Share of the variance of what differs between clips and goes with posture that is a lifter's own: the same in his
clips of other days, in other clothes, another room and light, with the camera put up anew. Rendered pairs of clips of
one movement say so (scripts/synth/measure_days.py)."""
IN_SESSION = 0.85
"""Share of the variance of what a clip has of its own that all clips of a session have in common: the rest comes from
where and how the lifter stands in this set. Our choice: with it, and livecoach.synth.sets.STANDS_M, two good sets of a
session differ about as two real ones of one lifter do (docs/form.md, "Repeatability")."""
OUTSIDE = 0.3
"""Visibility of a landmark outside the picture, as a share of what it would be."""
LIMBS = (tuple(range(landmark.ELBOWS[0], 23)), tuple(range(landmark.KNEES[0], landmark.COUNT)))
"""Landmarks of arms and legs that are taken for the other side's."""
BLEND_S = 0.05
OF_LIFTER, OF_SESSION = 9, 10
"""Set the streams of a lifter's and of a session's own errors apart from the others that their seeds have."""
_SHARED = np.concatenate(
    [
        np.where(np.arange(ERRORS) % 6 < 3, SHARED["picture"], SHARED["world"]),
        np.full(landmark.COUNT, SHARED["picture"]),
    ]
)
_OF_PICTURE = np.flatnonzero(np.arange(ERRORS) % 6 < 3)
"""Channels that are errors in the picture."""
_OF_WORLD = np.flatnonzero(np.arange(ERRORS) % 6 >= 3)
"""Channels that are errors in the world."""


class NoiseSeeds(NamedTuple):
    """Whom a clip shows, and when: clips of one lifter, and of one session, have errors in common."""

    lifter: int | None = None
    """Seed of what is the lifter's own of the errors."""
    session: int | None = None
    """Seed of what is the session's: its clips were filmed by one camera that stayed where it was."""


INDEPENDENT = NoiseSeeds()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoisyLandmarks:
    """What the estimator makes of T frames."""

    image: np.ndarray
    """(T, 33, 4): x, y (0..1 of the picture), z (scale of x), visibility."""
    world: np.ndarray
    """(T, 33, 3), m, origin between the hips."""
    lost: np.ndarray
    """(T,) where nobody is found; image and world mean nothing there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scene:
    """The truth, as if the camera stood on the lifter's left."""

    points: np.ndarray
    """(T, 33, 3) world landmarks, torso lengths."""
    azimuth: np.ndarray
    """(T,) radians."""
    stance: np.ndarray
    """(T, 3) pose.posture."""
    fps: float


class Noise:
    """Adds the errors of a pose estimator."""

    def __init__(self, model: NoiseModel) -> None:
        self.model = model

    def __call__(
        self,
        rng: np.random.Generator,
        image: np.ndarray,
        world: np.ndarray,
        view_deg: float,
        fps: float,
        size_px: tuple[int, int],
        amount: float = 1.0,
        whose: NoiseSeeds = INDEPENDENT,
    ) -> NoisyLandmarks:
        """True (T, 33, 3) image and world landmarks (Camera.seen), two frames or more, as the estimator would see them.

        view_deg: the camera's azimuth; its sign says from which side. size_px: width and height. amount: errors and
        chances of loss and swaps times this; 0 gives the truth, but for the visibility. whose: what of the errors
        a clip has in common with others.
        """
        size = np.array(size_px, float)
        scale = pose.scale_of(world, image[..., :2] * size)
        right = view_deg < 0
        points = (mirror(world) if right else world) / scale.torso_m
        scene = _Scene(points=points, azimuth=pose.azimuth_rad(points), stance=pose.posture(points, 1.0), fps=fps)
        draws = _Draws(rng, whose)
        level, sizes = self._level(draws.clip, scene)
        lost = self._lost(rng, scene, level[3], amount)
        errors, visible = self._errors(draws, scene, (level[0], sizes), lost)
        taken = self._swapped(rng, scene, amount)
        if right:
            errors, visible, taken = mirror_both(errors), visible[:, SWAP], taken[:, SWAP]
        out = np.empty((*image.shape[:2], 4))
        per_torso = scale.torso_px[:, None] / size[[0, 1, 0]]
        out[..., :3] = _exchanged(image + amount * errors[..., :3] * per_torso[:, None], taken)
        inside = ((out[..., :2] > 0) & (out[..., :2] < 1)).all(-1)
        out[..., 3] = np.where(inside, visible, OUTSIDE * visible)
        side = np.median(np.sin(scene.azimuth) ** 2)
        kept = (1 - side) * self.model.length_kept[0] + side * self.model.length_kept[1]
        seen = _exchanged(
            steady_bone_lengths(world + amount * errors[..., 3:] * scale.torso_m, kept ** min(amount, 1.0)), taken
        )
        return NoisyLandmarks(image=out, world=seen - landmark.middle(seen, landmark.HIPS)[:, None], lost=lost)

    def _level(self, rng: np.random.Generator, scene: _Scene) -> tuple[np.ndarray, np.ndarray]:
        """Of this clip: sizes of what depends on posture, of slow and of fast errors, and proneness to loss, (4,); and
        (3, 33) the same sizes by landmark."""
        m, side = self.model, np.median(np.sin(scene.azimuth) ** 2)
        drawn = m.level[0] + side * m.level[1] + m.level_spread @ rng.standard_normal(4)
        by_landmark = (m.limb_spread @ rng.standard_normal(len(m.limb_spread))).reshape(3, landmark.COUNT)
        return np.concatenate([np.exp(drawn[:3]), drawn[3:]]), np.exp(drawn[:3, None] + by_landmark)

    def _lost(self, rng: np.random.Generator, scene: _Scene, proneness: float, amount: float) -> np.ndarray:
        """(T,) frames in which nobody is found."""
        *terms, knot_s = self.model.loss
        wandering = curve.single(rng, np.arange(len(scene.points)) / scene.fps, knot_s)
        drawn = proneness + RARELY_LOST + scene.stance @ np.array(terms) + wandering
        lost: np.ndarray = drawn > (-np.log(amount) if amount > 0 else np.inf)
        return lost

    def _errors(
        self, draws: "_Draws", scene: _Scene, level: tuple[float, np.ndarray], lost: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Errors (T, 33, 6) in torso lengths and visibility (T, 33)."""
        m, count = self.model, len(scene.points)
        channels = pose.bias_terms(scene.azimuth, scene.stance) @ m.bias
        slopes = np.einsum("kij,nkj->nik", m.slope_spread, draws.normal(*m.slope_spread.shape[:2])) @ m.slope_parts
        offsets = m.offset * draws.normal(len(m.offset))
        own = pose.slope_terms(scene.stance) @ draws.mixed(slopes) + draws.mixed(offsets)
        whole, sizes = level
        channels += _by_channel((sizes[0] * m.slope_gain)[None]) * own
        channels += self._wandering(draws, scene, sizes, lost)
        errors = channels[:, :ERRORS].reshape(count, landmark.COUNT, 6)
        deviation = draws.mixed((draws.normal(18) @ m.geometry_spread.T).reshape(-1, 3, 6))
        by_direction = np.einsum("tk,kij->tij", pose.direction(scene.azimuth), m.geometry) + whole * deviation
        errors += scene.points @ by_direction
        errors -= np.tile(np.gradient(scene.points, axis=0) * scene.fps, 2) * m.lag_s
        return errors, 1 / (1 + np.exp(-channels[:, ERRORS:]))

    def _wandering(self, draws: "_Draws", scene: _Scene, sizes: np.ndarray, lost: np.ndarray) -> np.ndarray:
        """(T, C) slow and fast errors."""
        m, count, rng = self.model, len(scene.points), draws.rng
        slow_knot_s, fast_knot_s, rest_rate, rate = m.pace
        speed = pose.body_speed(scene.points, scene.fps)
        found_again = np.diff(lost.astype(int), prepend=0) < 0
        clock_s = np.cumsum((rest_rate + rate * speed) / scene.fps + REGAINED_S * found_again)
        terms = pose.uneven_terms(scene.azimuth, scene.stance, speed)
        slow = math.sqrt(1 - REPEATED) * curve.spline(rng, clock_s, slow_knot_s, m.slow_parts, m.slow_rest)
        repeated = _by_posture(draws.clip, scene, m)
        if draws.in_session:
            repeated = math.sqrt(IN_SESSION) * repeated + math.sqrt(1 - IN_SESSION) * _by_posture(rng, scene, m)
        slow += math.sqrt(REPEATED) * repeated
        slow *= _by_channel(sizes[1] * np.exp(terms @ m.slow_size + _bursts(rng, count, scene.fps, m.burst[0])))
        fast = curve.spline(rng, np.arange(count) / scene.fps, fast_knot_s, m.fast_parts, m.fast_rest)
        fast *= _by_channel(sizes[2] * np.exp(terms @ m.fast_size + _bursts(rng, count, scene.fps, m.burst[1])))
        in_picture = np.exp(IN_PICTURE_SPREAD * draws.clip.standard_normal())
        for wandering, picture, world in zip((slow, fast), IN_PICTURE, IN_WORLD, strict=True):
            wandering[:, _OF_PICTURE] *= picture * in_picture
            wandering[:, _OF_WORLD] *= world
        return slow + fast

    def _swapped(self, rng: np.random.Generator, scene: _Scene, amount: float) -> np.ndarray:
        """(T, 33) 0..1: how far a landmark has gone over to the other side's."""
        count, taken = len(scene.points), np.zeros((len(scene.points), landmark.COUNT))
        side = np.sin(scene.azimuth) ** 2
        for limbs, (front, across, length_s) in zip(LIMBS, self.model.swap, strict=True):
            rate = amount * (front + (across - front) * side) / scene.fps
            swap = np.zeros(count)
            for start in np.flatnonzero(rng.random(count) < rate):
                swap[start : start + 1 + int(rng.exponential(length_s) * scene.fps)] = 1
            if swap.any():
                taken[:, limbs] = gaussian_filter1d(swap, BLEND_S * scene.fps)[:, None]
        return taken


class _Draws:
    """Normal numbers of a clip, of the session that it is from, and of the lifter, as far as these are known."""

    def __init__(self, rng: np.random.Generator, whose: NoiseSeeds) -> None:
        """rng: of the clip alone."""
        lifter, session = whose
        self.rng = rng
        self.clip = rng if session is None else np.random.default_rng((session, OF_SESSION))
        """What all clips of the session have in common."""
        self.in_session = session is not None
        self._lifter = None if lifter is None else np.random.default_rng((lifter, OF_LIFTER))

    def normal(self, *shape: int) -> np.ndarray:
        """(3, *shape): of the lifter, the session and the clip; 0 of what is not known."""
        of_session = self.clip.standard_normal(shape)
        of_clip = self.rng.standard_normal(shape) if self.in_session else np.zeros(shape)
        of_lifter = np.zeros(shape) if self._lifter is None else self._lifter.standard_normal(shape)
        return np.stack([of_lifter, of_session, of_clip])

    def mixed(self, drawn: np.ndarray) -> np.ndarray:
        """(…, C or 6) of (3, …, C or 6), with SHARED of the variance by channel from the lifter's."""
        of_lifter, of_session, of_clip = drawn
        shared = _SHARED[: drawn.shape[-1]] * (self._lifter is not None)
        mixed: np.ndarray = np.sqrt(1 - shared) * of_session + np.sqrt(shared) * of_lifter
        if self.in_session:
            mixed = math.sqrt(IN_SESSION) * mixed + math.sqrt(1 - IN_SESSION) * of_clip
        return mixed


def _by_posture(rng: np.random.Generator, scene: _Scene, model: NoiseModel) -> np.ndarray:
    """(T, C) random smooth functions of posture and of going up or down, with the slow errors' covariance.

    Random Fourier features (Rahimi and Recht, 2007) of a Gaussian kernel.
    """
    going = np.tanh(np.gradient(scene.stance[:, 1]) * scene.fps)
    at = np.column_stack([scene.stance, going]) / POSTURE_REACH
    waves = np.cos(at @ rng.standard_normal((at.shape[1], WAVES)) + rng.uniform(0, 2 * np.pi, WAVES))
    values: np.ndarray = (math.sqrt(2 / WAVES) * waves).astype(np.float32) @ curve.mixed(
        rng, WAVES, model.slow_parts, model.slow_rest
    )
    return values


def _bursts(rng: np.random.Generator, count: int, fps: float, burst: np.ndarray) -> np.ndarray:
    """(T, 1) logarithm of how much larger errors are for a moment."""
    spread, knot_s = burst
    return spread * curve.single(rng, np.arange(count) / fps, knot_s)[:, None]


def _by_channel(size: np.ndarray) -> np.ndarray:
    """(T, C) of (T, 33): errors of a landmark, and its visibility."""
    return np.concatenate([np.repeat(size, 6, axis=1), size], 1).astype(np.float32)


def _exchanged(points: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """(T, 33, k) points, each moved to its mirror image's by the share `taken`."""
    if not taken.any():
        return points
    moved: np.ndarray = points + taken[..., None] * (points[:, SWAP] - points)
    return moved
