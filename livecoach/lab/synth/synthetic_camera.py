"""Simulates a camera with a lens, and projects landmarks into MediaPipe's format."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from livecoach.lab.synth.figure.geometry import rotation
from livecoach.lab.synth.motion.ranges import pick

HEIGHTS_M = {(0.3, 0.4): 0.15, (0.42, 0.6): 0.2, (0.7, 1.05): 0.25, (1.0, 1.8): 0.4}
"""Share of cameras by the range of their heights: phone on the floor, phone on a bench, laptop, tripod or hand."""
FRAMINGS_M = {(1.0, 1.15): 0.1, (1.15, 1.7): 0.75, (1.75, 2.5): 0.15}
"""Share of cameras by the range of half the picture's height at the lifter: tight, usual, and distant, where a lifter
fills 35 to 50 % of the height."""
NEAR_M = (0.55, 1.3)  # Half the picture's height at the lifter, for a camera near the lifter
NEAR_HEIGHTS_M = (0.3, 2.3)  # Height of a camera near the lifter
OFF_M = 0.2  # Largest error along each axis in aiming a camera near the lifter
SHAKES_DEG = {(0.0, 0.0): 0.82, (0.03, 0.12): 0.1, (0.3, 0.9): 0.08}
"""Share of cameras by the range of their shake (`random_shake`): fixed, on a wobbling stand, and in a hand."""
LEAST_M = 1.6  # Smallest distance at which people film themselves


class ShakeWave(NamedTuple):
    """A sine wave in the shake of a camera."""

    axis: int  # 0: tilt, 1: pan, 2: roll
    amplitude_rad: float
    hz: float
    phase_rad: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualCamera:
    """A simulated camera that looks at a target. It may have lens distortion and shake.

    The lens is a pinhole with the barrel distortion of small wide lenses: a point at tangent r from the axis appears at
    atan(s r) / s, where s is `distortion` (the field-of-view model of Devernay and Faugeras, 2001).
    """

    azimuth_deg: float = 30.0  # 0 sees the lifter's front, 90 the left side, -90 the right side, 180 the back
    height_m: float = 1.1
    distance_m: float = 3.4  # horizontal, from the origin
    fov_deg: float = 48.0  # vertical, before distortion
    distortion: float = 0.0
    roll_deg: float = 0.0  # > 0 turns the camera clockwise, seen from behind it
    width_px: int = 640
    height_px: int = 480
    target: tuple[float, float, float] = (0.0, 0.0, 0.9)  # point at which the camera looks, in metres
    shake: tuple[ShakeWave, ...] = ()
    fps: float = 30.0  # frame i shows the shake at i / fps seconds

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the picture, in pixels."""
        return self.width_px, self.height_px

    @property
    def eye(self) -> np.ndarray:
        """Position of the camera in the world, (3,), in metres."""
        a = np.radians(self.azimuth_deg)
        return np.array([self.distance_m * np.cos(a), self.distance_m * np.sin(a), self.height_m])

    @property
    def rotation(self) -> np.ndarray:
        """Rotation from world to camera axes without shake, (3, 3): x right, y down, z away from the camera."""
        forward = np.array(self.target) - self.eye
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0, 0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        c, s = np.cos(np.radians(self.roll_deg)), np.sin(np.radians(self.roll_deg))
        return np.stack([c * right + s * down, -s * right + c * down, forward])

    def shake_rotations(self, frames: np.ndarray) -> np.ndarray:
        """Return the rotation from the still camera's axes to the shaken camera's axes in `frames`, (T, 3, 3)."""
        angle = np.zeros((3, len(frames)))
        for wave in self.shake:
            phase = 2 * np.pi * wave.hz * np.asarray(frames) / self.fps + wave.phase_rad
            angle[wave.axis] += wave.amplitude_rad * np.sin(phase)
        return rotation(0, angle[0]) @ rotation(1, angle[1]) @ rotation(2, angle[2])

    @property
    def focal_px(self) -> float:
        """Focal length, in pixels."""
        return 0.5 * self.height_px / np.tan(np.radians(self.fov_deg) / 2)

    def project_landmarks(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Project landmarks to MediaPipe's image and world landmarks.

        Args:
            points: (T, 33, 3) landmarks in the world frame, in frames 0..T-1.

        Returns:
            Image landmarks, (T, 33, 3): x and y in 0…1 of the picture, z relative to the hips in the scale of x. World
            landmarks, (T, 33, 3), in metres from the middle of the hips: x right, y down, z away from the camera.
        """
        local = self.to_camera_axes(points)
        hips = local[..., 23:25, :].mean(-2, keepdims=True)
        z = (local[..., 2] - hips[..., 2]) * self.focal_px / np.maximum(hips[..., 2], 0.05) / self.width_px
        return np.concatenate([self.project(local), z[..., None]], -1), local - hips

    def to_camera_axes(self, points: np.ndarray) -> np.ndarray:
        """Transform world points, (T, N, 3), of frames 0..T-1 to camera axes in metres: x right, y down, z away."""
        turns = self.shake_rotations(np.arange(len(points))) @ self.rotation
        return (points - self.eye) @ turns.swapaxes(1, 2)

    def project(self, local: np.ndarray) -> np.ndarray:
        """Project points in camera axes, (..., 3) in metres, to x and y, (..., 2), 0…1 inside the picture.

        A point behind the camera, or less than 5 cm in front, is projected as if it were 5 cm in front.
        """
        tangent = local[..., :2] / np.maximum(local[..., 2:], 0.05)
        if self.distortion:
            r = self.distortion * np.maximum(np.linalg.norm(tangent, axis=-1, keepdims=True), 1e-6)
            tangent = tangent * np.arctan(r) / r
        return tangent * self.focal_px / (self.width_px, self.height_px) + 0.5


def random_camera(
    rng: np.random.Generator, size_px: tuple[int, int], view_deg: float, fps: float = 30.0
) -> VirtualCamera:
    """Draw a camera at azimuth `view_deg`, as people place cameras; it nearly always shows the whole lifter."""
    fov = rng.uniform(35, 75)
    reach = rng.uniform(*pick(rng, FRAMINGS_M)) * (1.2 if size_px[0] < size_px[1] else 1.0)
    distance = max(LEAST_M, reach / np.tan(np.radians(fov) / 2))
    height = rng.uniform(*pick(rng, HEIGHTS_M))
    # A lifter with arms is 1.1 m wide and 1.9 m high: the aim may be off by the remaining room, or slightly more.
    across = rng.uniform(-1, 1) * np.clip(0.7 * (reach * size_px[0] / size_px[1] - 0.6), 0.05, 0.6)
    up = rng.uniform(-1, 1) * np.clip(0.7 * (reach - 1.0), 0.05, 0.5)
    a = np.radians(view_deg)
    return VirtualCamera(
        azimuth_deg=view_deg,
        height_m=height,
        distance_m=float(distance),
        fov_deg=fov,
        distortion=max(0.0, rng.uniform(-0.1, 0.3)),
        roll_deg=float(np.clip(rng.normal(0, 1.3), -4, 4)),
        width_px=size_px[0],
        height_px=size_px[1],
        target=(float(0.05 - across * np.sin(a)), float(across * np.cos(a)), float(0.9 + up)),
        shake=random_shake(rng, rng.uniform(*pick(rng, SHAKES_DEG))),
        fps=fps,
    )


def draw_near_camera(
    rng: np.random.Generator, size_px: tuple[int, int], view_deg: float, aim: tuple[float, float, float], fps: float
) -> VirtualCamera:
    """Draw a random camera that is close to the lifter and shows the upper body, but often not the legs.

    Args:
        aim: World position near which the camera is aimed, in metres.
    """
    camera = random_camera(rng, size_px, view_deg, fps)
    reach = rng.uniform(*NEAR_M) * (1.2 if size_px[0] < size_px[1] else 1.0)
    x, y, z = (aim + rng.uniform(-OFF_M, OFF_M, 3)).tolist()
    return replace(
        camera,
        height_m=rng.uniform(*NEAR_HEIGHTS_M),
        distance_m=float(max(LEAST_M, reach / np.tan(np.radians(camera.fov_deg) / 2))),
        target=(x, y, z),
    )


def random_shake(rng: np.random.Generator, amount_deg: float) -> tuple[ShakeWave, ...]:
    """Draw the shake of a camera as sine waves: a slow drift with a small tremor; empty for an amount of 0.

    The standard deviations of tilt and pan are about `amount_deg`; the standard deviation of the roll is half as large.
    """
    if amount_deg == 0:
        return ()
    waves = []
    for axis, share in enumerate((1.0, 1.0, 0.5)):
        for low_hz, high_hz, part in ((0.04, 0.15, 0.8), (0.15, 0.4, 0.5), (0.6, 1.6, 0.25), (4, 9, 0.06)):
            amplitude = float(np.radians(amount_deg) * share * part * np.sqrt(2))
            waves.append(ShakeWave(axis, amplitude, rng.uniform(low_hz, high_hz), rng.uniform(0, 2 * np.pi)))
    return tuple(waves)
