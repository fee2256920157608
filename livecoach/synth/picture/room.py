"""The appearance of a room: floor, walls, light, and a mirror or a window."""

from dataclasses import dataclass

import numpy as np

from livecoach.synth.picture.mesh import Colour
from livecoach.synth.picture.outfit import near, pick

TILES, BOARDS, CARPET, RUBBER, CONCRETE = range(5)
PAINT, BRICKS, PANELS, TWO_TONES, CEILING = range(10, 15)
"""Kinds of floor, wall and ceiling in shaders.ROOM_FRAGMENT."""
FLOORS = {
    TILES: ((0.3, 0.3, 0.31), (0.42, 0.42, 0.43), (0.5, 0.48, 0.45), (0.2, 0.2, 0.22)),
    BOARDS: ((0.5, 0.36, 0.23), (0.62, 0.5, 0.36), (0.35, 0.24, 0.16), (0.55, 0.53, 0.5)),
    CARPET: ((0.45, 0.42, 0.38), (0.25, 0.27, 0.33), (0.55, 0.5, 0.42), (0.35, 0.2, 0.18)),
    RUBBER: ((0.09, 0.09, 0.1), (0.13, 0.13, 0.14), (0.2, 0.2, 0.21)),
    CONCRETE: ((0.45, 0.44, 0.42), (0.36, 0.36, 0.37)),
}
WALLS = {
    PAINT: (
        (0.72, 0.7, 0.66),
        (0.78, 0.78, 0.78),
        (0.55, 0.58, 0.6),
        (0.4, 0.42, 0.45),
        (0.65, 0.68, 0.6),
        (0.2, 0.2, 0.23),
    ),
    BRICKS: ((0.5, 0.27, 0.2), (0.7, 0.68, 0.65), (0.42, 0.36, 0.32)),
    PANELS: ((0.5, 0.38, 0.26), (0.72, 0.7, 0.68), (0.3, 0.25, 0.22)),
    TWO_TONES: ((0.7, 0.7, 0.68), (0.6, 0.65, 0.7), (0.75, 0.6, 0.4)),
}
WALL_SHARES = (0.6, 0.12, 0.12, 0.16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """A mirror on a wall; positions are along the wall from its middle and up from the floor, m."""

    on_side: bool
    """True for the side wall; False for the wall behind the lifter."""
    left_m: float
    right_m: float
    bottom_m: float
    top_m: float
    tint: float
    """Share of the light that it reflects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The appearance of a room; colours are 0..1."""

    seed: int
    """Seed of the textures and of the clutter."""
    floor: Colour
    floor_kind: int
    platform: bool
    """Whether a lifting platform lies on the floor."""
    wall: Colour
    wall_kind: int
    wall_m: float
    """Distance from the lifter to the wall behind."""
    wall_yaw_rad: float
    """Yaw of that wall; 0 faces the camera."""
    ceiling_m: float
    """Height of the ceiling."""
    side: int
    """Side of the nearer side wall in the picture: 1 right, -1 left."""
    side_m: float
    light: tuple[float, float, float]
    """Direction towards the light."""
    sunlight: float
    ambient: float
    lamp: tuple[float, float]
    """Brightest point of floor and walls, in their own coordinates, m."""
    contrast: float
    """Additional brightness at that point."""
    shadow: float
    """Share of the light that a shadow removes."""
    blur_px: float
    """Softness of shadows."""
    clutter: int
    """Number of things in the room."""
    mirror: Mirror | None
    window: bool
    """Whether a window behind the lifter causes backlight."""


def random_room(rng: np.random.Generator, view_deg: float) -> Room:
    """Draw a plausible room for a camera at this azimuth."""
    floor_kind = int(rng.choice(list(FLOORS), p=(0.2, 0.25, 0.15, 0.25, 0.15)))
    wall_kind = int(rng.choice(list(WALLS), p=WALL_SHARES))
    window = bool(rng.random() < 0.15)
    yaw = float(rng.uniform(-0.45, 0.45))
    # The camera looks across the axis of the room: a side wall on its own side might block the view.
    side = -1 if yaw > 0 else 1
    ambient = float(rng.uniform(0.3, 0.45) if window else rng.uniform(0.42, 0.7))
    return Room(
        seed=int(rng.integers(1 << 30)),
        floor=near(rng, pick(rng, FLOORS[floor_kind]), 0.04),
        floor_kind=floor_kind,
        platform=bool(rng.random() < 0.2),
        wall=near(rng, pick(rng, WALLS[wall_kind]), 0.05),
        wall_kind=wall_kind,
        wall_m=float(rng.uniform(1.7, 5.0)),
        wall_yaw_rad=yaw,
        ceiling_m=float(rng.uniform(2.4, 4.5)),
        side=side,
        side_m=float(rng.uniform(2.7, 6.0)),
        light=_random_light(rng, view_deg, window),
        sunlight=float(rng.uniform(0.3, 0.75)),
        ambient=ambient,
        lamp=(float(rng.uniform(-2, 2)), float(rng.uniform(0, 2.5))),
        contrast=float(rng.uniform(0, 0.4)),
        shadow=float(rng.uniform(0.25, 0.65)),
        blur_px=float(rng.uniform(2, 8)),
        clutter=int(rng.integers(0, 9)),
        mirror=_random_mirror(rng) if rng.random() < 0.25 and not window else None,
        window=window,
    )


def _random_light(rng: np.random.Generator, view_deg: float, behind: bool) -> tuple[float, float, float]:
    """Draw a light direction from above, mostly from the camera's side, or from behind the lifter with a window."""
    spread = rng.uniform(-40, 40) if behind else rng.uniform(-110, 110)
    a = np.radians(view_deg + spread) + (np.pi if behind else 0)
    steep = rng.uniform(0.7, 1.2) if behind else rng.uniform(0.9, 2.5)
    direction = np.array([np.cos(a), np.sin(a), steep])
    x, y, z = (direction / np.linalg.norm(direction)).tolist()
    return (x, y, z)


def _random_mirror(rng: np.random.Generator) -> Mirror:
    on_side = bool(rng.random() < 0.4)
    middle, half = rng.uniform(-0.8, 0.8) - on_side, rng.uniform(0.5, 1.5 if on_side else 2.5)
    bottom = rng.uniform(0.05, 0.4)
    return Mirror(
        on_side=on_side,
        left_m=float(middle - half),
        right_m=float(middle + half),
        bottom_m=float(bottom),
        top_m=float(bottom + rng.uniform(1.6, 2.0)),
        tint=float(rng.uniform(0.6, 0.85)),
    )
