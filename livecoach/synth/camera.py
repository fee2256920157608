"""A pinhole camera, and landmarks as MediaPipe would give them."""

from dataclasses import dataclass

import numpy as np

from livecoach.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera that stands still and looks at `target`."""

    azimuth_deg: float = 30.0
    """0 sees the lifter's front, 90 the lifter's left side, -90 the right side, 180 the back."""
    height_m: float = 1.1
    distance_m: float = 3.4
    """On the floor, from the lifter."""
    fov_deg: float = 48.0
    """Vertical."""
    roll_deg: float = 0.0
    width_px: int = 640
    height_px: int = 480
    target: tuple[float, float, float] = (0.0, 0.0, 0.9)

    def __post_init__(self) -> None:
        for name, low, high in (("azimuth_deg", -180, 180), ("fov_deg", 5, 120), ("distance_m", 1, 20)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(f"camera {name} {value:g}: expected {low}..{high}")

    @property
    def eye(self) -> np.ndarray:
        """(3,) world position, m."""
        a = np.radians(self.azimuth_deg)
        return np.array([self.distance_m * np.cos(a), self.distance_m * np.sin(a), self.height_m])

    @property
    def turn(self) -> np.ndarray:
        """(3, 3) world to camera: x right, y down, z away."""
        forward = np.array(self.target) - self.eye
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0, 0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        c, s = np.cos(np.radians(self.roll_deg)), np.sin(np.radians(self.roll_deg))
        return np.stack([c * right + s * down, -s * right + c * down, forward])

    @property
    def focal_px(self) -> float:
        """Focal length."""
        return 0.5 * self.height_px / np.tan(np.radians(self.fov_deg) / 2)

    @property
    def horizontal(self) -> tuple[np.ndarray, np.ndarray]:
        """Unit vectors (3,) on the floor: away from the camera, and across the picture."""
        a = np.radians(self.azimuth_deg) + np.pi
        return np.array([np.cos(a), np.sin(a), 0]), np.array([-np.sin(a), np.cos(a), 0])

    def seen(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """World landmarks (T, 33, 3) as MediaPipe's image and world landmarks, both (T, 33, 3).

        image: x, y in 0..1 of the picture, z relative to the hips in the scale of x.
        world: metres, origin between the hips, x to the right, y down, z away from the camera.
        """
        local = (points - self.eye) @ self.turn.T
        xy_px = local[..., :2] / np.maximum(local[..., 2:], 0.05) * self.focal_px
        hips = local[..., 23:25, :].mean(-2, keepdims=True)
        z = (local[..., 2] - hips[..., 2]) * self.focal_px / np.maximum(hips[..., 2], 0.05) / self.width_px
        xy = xy_px / (self.width_px, self.height_px) + 0.5
        return np.concatenate([xy, z[..., None]], -1), local - hips

    def clip_matrix(self, near_m: float = 0.1, far_m: float = 30.0) -> np.ndarray:
        """(4, 4) OpenGL clip matrix for column vectors."""
        view = np.eye(4)
        view[:3, :3] = self.turn * np.array([[1], [-1], [-1]])
        view[:3, 3] = -view[:3, :3] @ self.eye
        p = np.zeros((4, 4))
        p[0, 0], p[1, 1] = 2 * self.focal_px / self.width_px, 2 * self.focal_px / self.height_px
        p[2, 2], p[2, 3] = -(far_m + near_m) / (far_m - near_m), -2 * far_m * near_m / (far_m - near_m)
        p[3, 2] = -1
        return p @ view
