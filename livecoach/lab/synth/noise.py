"""Adds the errors of a pose estimator to true landmarks, by a model that scripts/synth/fit_noise.py fitted.

Image errors are in torso lengths (shoulders to hips) as they would appear upright at the distance of the hips; world
errors are in torso lengths. The errors of a frame are a sum: errors that all clips share (linear in a landmark's
position, in posture and in azimuth, and a lag), errors of the clip that recur with the same posture, and slow and fast
errors in time, which are larger on the far side and in some postures.

Three error sizes and a loss rate are drawn jointly for each clip, with long tails. Then the variation of bone lengths
is reduced to that of BlazePose, left and right are swapped for moments, and the lifter is lost in some frames.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach.core import landmark
from livecoach.core.types import Observation
from livecoach.lab.synth import noise_model
from livecoach.lab.synth.noise_model import CONSTANT, ERRORS, FAST, POSTURAL, SHIPPED, SLOW, NoiseParameters
from livecoach.perception.body.body import pair_middle

SWAP = np.array(landmark.OTHER_SIDE)  # (33,) Index of each landmark's mirror image


def mirror_landmarks(points: np.ndarray) -> np.ndarray:
    """Return the mirror image of landmarks, (T, 33, 3): left and right swapped, the first coordinate negated."""
    points = points[:, SWAP].copy()
    points[..., 0] *= -1
    return points


def mirror_errors(errors: np.ndarray) -> np.ndarray:
    """Mirror the errors of landmarks, (T, 33, 6): three of image landmarks, then three of world landmarks."""
    return np.concatenate([mirror_landmarks(errors[..., :3]), mirror_landmarks(errors[..., 3:])], -1)


def _mix_patterns(rng: np.random.Generator, count: int, parts: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Draw normal samples, (count, C): random sums of the patterns (K, C), plus noise with deviations `rest` (C,)."""
    shared = rng.standard_normal((count, len(parts)), dtype=np.float32) @ parts.astype(np.float32)
    own = rng.standard_normal((count, len(rest)), dtype=np.float32)
    own *= rest.astype(np.float32)
    own += shared
    return own


def draw_spline_noise(
    rng: np.random.Generator, clock_s: np.ndarray, knot_s: float, parts: np.ndarray, rest: np.ndarray
) -> np.ndarray:
    """Draw smooth noise at T times in C channels, (T, C), as cubic B-splines over random knots.

    The noise has the variance of the knots. Two values of a channel have a correlation of about 0.5 if one knot
    interval lies between them, and of 0 from four intervals on.

    Args:
        clock_s: (T,) times, which ascend.
        knot_s: Time between two knots.
        parts: (K, C) patterns that the channels share; each knot is a random sum of the patterns and noise.
        rest: (C,) standard deviations of each channel's independent noise.
    """
    at = (clock_s - clock_s[0]) / knot_s + rng.random()
    first = at.astype(int)
    f = at - first
    weights = np.stack([(1 - f) ** 3, 4 - 6 * f**2 + 3 * f**3, 1 + 3 * f + 3 * f**2 - 3 * f**3, f**3], 1)
    weights = (weights / np.linalg.norm(weights, axis=1, keepdims=True)).astype(np.float32)
    knots = _mix_patterns(rng, int(first[-1]) + 4, parts, rest)
    return np.asarray(sum(weights[:, k, None] * knots[first + k] for k in range(4)))


def _draw_channel_noise(rng: np.random.Generator, clock_s: np.ndarray, knot_s: float) -> np.ndarray:
    return draw_spline_noise(rng, clock_s, knot_s, np.zeros((0, 1)), np.ones(1))[:, 0]


TORSO, THIGH, SHIN, ARM, FOREARM, WIDTH = range(6)  # Kinds of bones, in the order of NoiseParameters.length_kept
ARM_FROM_ELBOW, HAND_FROM_WRIST = (13, 15, 17, 19, 21), (15, 17, 19, 21)
LEG_FROM_KNEE, FOOT_FROM_ANKLE = (25, 27, 29, 31), (27, 29, 31)
CHAINS = (
    (ARM, 11, 13, ARM_FROM_ELBOW),
    (FOREARM, 13, 15, HAND_FROM_WRIST),
    (THIGH, 23, 25, LEG_FROM_KNEE),
    (SHIN, 25, 27, FOOT_FROM_ANKLE),
)
"""Kind of a bone, its upper and lower landmark, and the landmarks that move with the lower landmark. All landmarks are
on the left side; the numbers on the right side are greater by 1."""
WIDTHS = ((11, (11, *ARM_FROM_ELBOW)), (23, (23, *LEG_FROM_KNEE)))
"""Left landmark of the shoulders and of the hips, and the landmarks that move with it. The numbers on the right side
are greater by 1."""
UPPER_BODY = tuple(range(landmark.HIPS[0]))
SHORTEST_M = 1e-3  # Smallest length of a bone, against division by 0


def steady_bone_lengths(world: np.ndarray, usual: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return a copy of `world` whose bone lengths deviate less from the usual lengths than before.

    Args:
        world: (T, 33, 3) landmarks, in metres.
        usual: (T, 33, 3) landmarks with only those errors that all clips share, in metres.
        kept: (3, 6) share of the deviations to keep, by kind of deviation and of bone (`NoiseParameters.length_kept`).
    """
    out = world.copy()

    def shift(kind: int, *ends: tuple[int, int]) -> np.ndarray:
        """Return the shifts (bones, T, 3) of the second ends along their bones that make the lengths steadier."""
        bones, usual_m = (np.stack([w[:, lower] - w[:, upper] for upper, lower in ends]) for w in (world, usual))
        length = np.maximum(np.sqrt((bones * bones).sum(-1)), SHORTEST_M)
        mean = length.mean(1)
        off = np.log(mean / np.sqrt((usual_m * usual_m).sum(-1)).mean(1))
        left = kept[0, kind] * off.mean() + kept[1, kind] * (off - off.mean())
        share = np.exp(left - off)[:, None] * (length / mean[:, None]) ** (kept[2, kind] - 1) - 1
        return np.asarray(share[..., None] * bones)

    torso = shift(TORSO, *zip(landmark.HIPS, landmark.SHOULDERS, strict=True)).mean(0)
    out[:, UPPER_BODY] += torso[:, None]
    for left, points in WIDTHS:
        wider = shift(WIDTH, (left, left + 1))[0, :, None] / 2
        out[:, points] -= wider
        out[:, [point + 1 for point in points]] += wider
    for kind, upper, lower, moving in CHAINS:
        for side, off_m in enumerate(shift(kind, (upper, lower), (upper + 1, lower + 1))):
            out[:, [point + side for point in moving]] += off_m[:, None]
    return out


REGAINED_S = 5.0
"""Jump of the slow errors' clock when a lost lifter is detected again, so that the errors differ afterwards."""
RARELY_LOST = -1.0
"""Offset of a clip's loss rate: the lifter is lost less often in real clips than in rendered clips. Our choice."""
POSTURE_REACH = 2.0  # Distance between postures (`measure_posture`) beyond which recurring errors are independent
WAVES = 48  # Number of waves in a random function of the posture
SHARED = {"picture": 0.4, "world": 0.55}
"""Share of the variance of constant and posture-dependent errors that is due to the lifter, and so stays the same on
other days, for image landmarks and visibility ("picture") and for world landmarks."""
IN_SESSION = 0.93
"""Share of the variance of lasting and recurring errors that is common to a session. Our choice (docs/figures.md)."""
OUTSIDE = 0.3  # Factor on the visibility of a landmark outside the picture
LIMBS = (tuple(range(landmark.ELBOWS[0], 23)), tuple(range(landmark.KNEES[0], landmark.COUNT)))
"""Landmarks of the arms and of the legs: left and right are swapped for all of them together."""
BLEND_S = 0.05  # Duration of the transition to and from swapped limbs (standard deviation)
LIFTER_STREAM, SESSION_STREAM = 9, 10
"""Numbers that separate the random streams of a lifter's and a session's errors from other streams of their seeds."""
_SHARED = np.concatenate(
    [
        np.where(np.arange(ERRORS) % 6 < 3, SHARED["picture"], SHARED["world"]),
        np.full(landmark.COUNT, SHARED["picture"]),
    ]
)


class NoiseSeeds(NamedTuple):
    """The seeds of the errors that all clips of a lifter, or of a session, have in common."""

    lifter: int | None = None  # Seed of the lifter's own errors; None if no other clip shares them
    session: int | None = None
    """Seed of the errors of a session, in which a fixed camera films all clips; None without a shared session."""


INDEPENDENT = NoiseSeeds()  # The clip shares errors with no other clip


class SeenLandmarks(NamedTuple):
    """The landmarks that a simulated pose estimator reports for T frames."""

    image: np.ndarray  # (T, 33, 4): x, y (0…1 of the picture), z (scale of x), visibility
    world: np.ndarray  # (T, 33, 3), m, origin between the hips
    lost: np.ndarray  # (T,) whether nobody is detected; image and world are meaningless there
    size_px: tuple[int, int]  # width and height of the picture

    def to_observations(
        self, t_s: np.ndarray, people: np.ndarray | int = 1, dropped: np.ndarray | int = 0
    ) -> tuple[Observation, ...]:
        """Return an observation of each frame, without landmarks if nobody is detected.

        Args:
            people: Number of people in the picture, in all frames or (T,). An observation without the lifter counts
                one person fewer.
            dropped: Number of frames that the camera lost just before each frame, in all frames or (T,).
        """
        landmarks = np.concatenate([self.image, self.image[..., 3:]], -1).astype(np.float32)
        positions = self.world.astype(np.float32)
        columns = (t_s, self.lost, np.broadcast_to(people, t_s.shape), np.broadcast_to(dropped, t_s.shape))
        return tuple(
            Observation(
                index=i,
                t_s=at_s,
                landmarks=None if is_lost else landmarks[i],
                world=None if is_lost else positions[i],
                people=count - is_lost,
                brightness=0.5,
                width_px=self.size_px[0],
                height_px=self.size_px[1],
                dropped=skipped,
            )
            for i, (at_s, is_lost, count, skipped) in enumerate(
                zip(*(column.tolist() for column in columns), strict=True)
            )
        )


class _Scene(NamedTuple):
    """The true scene, mirrored if necessary so that the camera stands on the lifter's left."""

    points: np.ndarray  # (T, 33, 3) world landmarks, torso lengths
    azimuth: np.ndarray  # (T,) radians
    posture: np.ndarray  # (T, 3), from noise_model.measure_posture
    fps: float


class Noise:
    """A random model of a pose estimator's errors. A call of the model adds errors to true landmarks."""

    def __init__(self, model: NoiseParameters) -> None:
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
        seeds: NoiseSeeds = INDEPENDENT,
    ) -> SeenLandmarks:
        """Return true landmarks with the errors of the estimator.

        Args:
            image: (T, 33, 3), T >= 2, from VirtualCamera.project_landmarks.
            world: (T, 33, 3), from the same call.
            view_deg: Azimuth of the camera. Its sign gives the side that the camera sees.
            amount: Factor on errors, loss and swaps; 0 gives the truth except for the visibility.
            seeds: Seeds of the errors that the clip shares with other clips.
        """
        size = np.array(size_px, float)
        scale = noise_model.measure_scale(world, image[..., :2] * size)
        right = view_deg < 0
        points = (mirror_landmarks(world) if right else world) / scale.torso_m
        scene = _Scene(points, noise_model.azimuth_rad(points), noise_model.measure_posture(points), fps)
        draws = _Draws(rng, seeds)
        level = self._level(draws.clip, scene)
        lost = self._lost(rng, scene, level[3], amount)
        shared = noise_model.mean_errors(self.model, points, scene.azimuth, scene.posture)
        errors, visible = self._errors(draws, scene, level, lost, shared)
        usual = shared[:, :ERRORS].reshape(errors.shape)
        swapped = self._swapped(rng, scene, amount)
        if right:
            errors, usual = mirror_errors(errors), mirror_errors(usual)
            visible, swapped = visible[:, SWAP], swapped[:, SWAP]
        out = np.empty((*image.shape[:2], 4))
        per_torso = scale.torso_px[:, None] / size[[0, 1, 0]]
        out[..., :3] = _exchanged(image + amount * errors[..., :3] * per_torso[:, None], swapped)
        inside = ((out[..., :2] > 0) & (out[..., :2] < 1)).all(-1)
        out[..., 3] = np.where(inside, visible, OUTSIDE * visible)
        kept = _between(self.model.length_kept, scene) ** min(amount, 1.0)
        seen, expected = (world + amount * off[..., 3:] * scale.torso_m for off in (errors, usual))
        swapped_points = _exchanged(steady_bone_lengths(seen, expected, kept), swapped)
        hips = pair_middle(swapped_points, landmark.HIPS)[:, None]
        return SeenLandmarks(image=out, world=swapped_points - hips, lost=lost, size_px=size_px)

    def _level(self, rng: np.random.Generator, scene: _Scene) -> np.ndarray:
        """Draw the sizes of a clip's lasting (constant or postural), slow and fast errors, and its loss rate, (4,)."""
        m, side = self.model, np.median(np.sin(scene.azimuth) ** 2)
        drawn = m.level[0] + side * m.level[1] + m.level_spread @ rng.standard_normal(4)
        return np.append(np.exp(drawn[:3]), drawn[3])

    def _lost(self, rng: np.random.Generator, scene: _Scene, proneness: float, amount: float) -> np.ndarray:
        """Return whether nobody is detected in each frame, (T,)."""
        *terms, knot_s = self.model.loss
        wandering = _draw_channel_noise(rng, np.arange(len(scene.points)) / scene.fps, knot_s)
        drawn = proneness + RARELY_LOST + scene.posture @ np.array(terms) + wandering
        return drawn > (-np.log(amount) if amount > 0 else np.inf)

    def _errors(
        self, draws: "_Draws", scene: _Scene, level: np.ndarray, lost: np.ndarray, shared: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the errors (T, 33, 6) in torso lengths, and the visibility (T, 33)."""
        m, count = self.model, len(scene.points)
        slopes = np.einsum("kij,nkj->nik", m.slope_spread, draws.normal(*m.slope_spread.shape[:2])) @ m.slope_parts
        offsets = m.offset * draws.normal(len(m.offset))
        own = noise_model.slope_terms(scene.posture) @ draws.mix(slopes) + draws.mix(offsets)
        deviation = draws.mix((draws.normal(18) @ m.geometry_spread.T).reshape(-1, 3, 6))
        own[:, :ERRORS] += (scene.points @ deviation).reshape(count, ERRORS)
        own *= level[0]
        size, staying = _between(m.size, scene), own.mean(0)
        channels = shared + size[CONSTANT] * staying + size[POSTURAL] * (own - staying)
        channels += self._wandering(draws, scene, level, size, lost)
        errors = channels[:, :ERRORS].reshape(count, landmark.COUNT, 6)
        errors -= np.tile(np.gradient(scene.points, axis=0) * scene.fps, 2) * m.lag_s
        return errors, 1 / (1 + np.exp(-channels[:, ERRORS:]))

    def _wandering(
        self, draws: "_Draws", scene: _Scene, level: np.ndarray, size: np.ndarray, lost: np.ndarray
    ) -> np.ndarray:
        m, count, rng = self.model, len(scene.points), draws.rng
        slow_knot_s, fast_knot_s, rest_rate, rate = m.pace
        speed = noise_model.body_speed(scene.points, scene.fps)
        detected_again = np.diff(lost.astype(int), prepend=0) < 0
        clock_s = np.cumsum((rest_rate + rate * speed) / scene.fps + REGAINED_S * detected_again)
        terms = noise_model.size_terms(scene.azimuth, scene.posture, speed)
        recurring = _by_posture(draws.clip, scene, m)
        if draws.in_session:
            recurring = math.sqrt(IN_SESSION) * recurring + math.sqrt(1 - IN_SESSION) * _by_posture(rng, scene, m)
        slow = np.sqrt(m.recurring) * (recurring - recurring.mean(0))
        slow += np.sqrt(1 - m.recurring) * draw_spline_noise(rng, clock_s, slow_knot_s, m.slow_parts, m.slow_rest)
        slow *= _by_channel(np.exp(terms @ m.slow_size + _bursts(rng, count, scene.fps, m.burst[0])))
        fast = draw_spline_noise(rng, np.arange(count) / scene.fps, fast_knot_s, m.fast_parts, m.fast_rest)
        fast *= _by_channel(np.exp(terms @ m.fast_size + _bursts(rng, count, scene.fps, m.burst[1])))
        return np.asarray(level[1] * size[SLOW] * slow + level[2] * size[FAST] * fast)

    def _swapped(self, rng: np.random.Generator, scene: _Scene, amount: float) -> np.ndarray:
        """Draw the share, 0…1, by which each landmark is swapped with its mirror image, (T, 33)."""
        count, swapped = len(scene.points), np.zeros((len(scene.points), landmark.COUNT))
        side = np.sin(scene.azimuth) ** 2
        for limbs, (front, across, length_s) in zip(LIMBS, self.model.swap, strict=True):
            rate = amount * (front + (across - front) * side) / scene.fps
            swap = np.zeros(count)
            for start in np.flatnonzero(rng.random(count) < rate):
                swap[start : start + 1 + int(rng.exponential(length_s) * scene.fps)] = 1
            if swap.any():
                swapped[:, limbs] = gaussian_filter1d(swap, BLEND_S * scene.fps)[:, None]
        return swapped


class _Draws:
    """A source of the normal random numbers of a clip and, if their seeds are known, of its session and its lifter."""

    def __init__(self, rng: np.random.Generator, seeds: NoiseSeeds) -> None:
        lifter, session = seeds
        self.rng = rng
        self.clip = rng if session is None else np.random.default_rng((session, SESSION_STREAM))
        """Random stream that all clips of the session share."""
        self.in_session = session is not None
        self._lifter = None if lifter is None else np.random.default_rng((lifter, LIFTER_STREAM))

    def normal(self, *shape: int) -> np.ndarray:
        """Draw normally distributed numbers for the lifter, the session and the clip, in that order, (3, *shape).

        Without a lifter's seed the lifter's numbers are 0; without a session's seed the clip's are 0.
        """
        of_session = self.clip.standard_normal(shape)
        of_clip = self.rng.standard_normal(shape) if self.in_session else np.zeros(shape)
        of_lifter = np.zeros(shape) if self._lifter is None else self._lifter.standard_normal(shape)
        return np.stack([of_lifter, of_session, of_clip])

    def mix(self, drawn: np.ndarray) -> np.ndarray:
        """Return the sum of the three draws of `normal`, (3, …, C or 6), weighted by their shares of the variance."""
        of_lifter, of_session, of_clip = drawn
        shared = _SHARED[: drawn.shape[-1]] * (self._lifter is not None)
        mixed: np.ndarray = np.sqrt(1 - shared) * of_session + np.sqrt(shared) * of_lifter
        if self.in_session:
            mixed = math.sqrt(IN_SESSION) * mixed + math.sqrt(1 - IN_SESSION) * of_clip
        return mixed


def _between(ends: np.ndarray, scene: _Scene) -> np.ndarray:
    """Interpolate positive values for the front and the side, (2, …), to the azimuth of the scene."""
    side = np.median(np.sin(scene.azimuth) ** 2)
    return np.exp((1 - side) * np.log(ends[0]) + side * np.log(ends[1]))


def _by_posture(rng: np.random.Generator, scene: _Scene, model: NoiseParameters) -> np.ndarray:
    """Draw smooth functions of posture and direction, (T, C): random Fourier features (Rahimi and Recht, 2007)."""
    going = np.tanh(np.gradient(scene.posture[:, 1]) * scene.fps)
    at = np.column_stack([scene.posture, going]) / POSTURE_REACH
    waves = np.cos(at @ rng.standard_normal((at.shape[1], WAVES)) + rng.uniform(0, 2 * np.pi, WAVES))
    return (math.sqrt(2 / WAVES) * waves).astype(np.float32) @ _mix_patterns(
        rng, WAVES, model.slow_parts, model.slow_rest
    )


def _bursts(rng: np.random.Generator, count: int, fps: float, burst: np.ndarray) -> np.ndarray:
    """Draw the logarithm of the momentary error size, (T, 1)."""
    spread, knot_s = burst
    return spread * _draw_channel_noise(rng, np.arange(count) / fps, knot_s)[:, None]


def _by_channel(size: np.ndarray) -> np.ndarray:
    """Repeat values by landmark, (T, 33), for the error channels and the visibility of the landmark, (T, C)."""
    return np.concatenate([np.repeat(size, 6, axis=1), size], 1).astype(np.float32)


def _exchanged(points: np.ndarray, swapped: np.ndarray) -> np.ndarray:
    """Move each point (T, 33, k) towards its mirror landmark by the share `swapped` of their distance."""
    return points + swapped[..., None] * (points[:, SWAP] - points) if swapped.any() else points


@lru_cache(maxsize=1)
def load_noise() -> Noise:
    """Load the noise model that is part of the package."""
    return Noise(noise_model.read_parameters(SHIPPED))
