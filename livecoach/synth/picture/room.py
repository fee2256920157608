"""Looks of a room and an outfit; the boxes that stand behind the lifter."""

from dataclasses import dataclass

import numpy as np

from livecoach.synth.picture.mesh import Colour, Mesh, box, merged

WALL_M = 2.95
"""The wall behind the lifter, as seen from the camera."""
SKINS = ((0.85, 0.66, 0.55), (0.78, 0.57, 0.45), (0.62, 0.42, 0.31), (0.42, 0.28, 0.21), (0.9, 0.73, 0.63))
SHIRTS = (
    (0.15, 0.16, 0.19),
    (0.75, 0.75, 0.74),
    (0.6, 0.14, 0.14),
    (0.15, 0.3, 0.55),
    (0.2, 0.45, 0.3),
    (0.5, 0.5, 0.52),
)
SHORTS = ((0.08, 0.08, 0.1), (0.2, 0.22, 0.3), (0.35, 0.35, 0.37), (0.1, 0.15, 0.3))
SHOES = ((0.85, 0.85, 0.85), (0.12, 0.12, 0.12), (0.6, 0.2, 0.15))
HAIR = ((0.1, 0.07, 0.05), (0.3, 0.2, 0.12), (0.55, 0.42, 0.25), (0.05, 0.05, 0.05))
EYES = (0.12, 0.09, 0.08)
SOCKS = ((0.85, 0.85, 0.85), (0.15, 0.15, 0.15))
FLOORS = ((0.3, 0.3, 0.31), (0.5, 0.42, 0.33), (0.42, 0.42, 0.43), (0.2, 0.2, 0.22))
WALLS = ((0.72, 0.7, 0.66), (0.55, 0.58, 0.6), (0.6, 0.45, 0.38), (0.4, 0.42, 0.45))


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Looks; colours 0..1."""

    seed: int
    """Of the textures, the props and the picture's noise."""
    floor: Colour
    wall: Colour
    light: tuple[float, float, float]
    """Direction towards the light."""
    ambient: float
    clothes: tuple[Colour, ...]
    """One a material of livecoach.synth.figure.body.Body."""


def random_room(rng: np.random.Generator) -> Room:
    """A plausible room and outfit."""
    clothes = _random_clothes(rng)
    return Room(
        seed=int(rng.integers(1 << 30)),
        floor=_near(rng, _pick(rng, FLOORS)),
        wall=_near(rng, _pick(rng, WALLS)),
        light=(rng.uniform(-0.2, 1), rng.uniform(-1, 1), rng.uniform(1, 1.8)),
        ambient=rng.uniform(0.42, 0.62),
        clothes=clothes,
    )


def _random_clothes(rng: np.random.Generator) -> tuple[Colour, ...]:
    skin = _pick(rng, SKINS)
    return (
        _near(rng, skin, 0.03),
        _near(rng, _pick(rng, SHIRTS)),
        _near(rng, _pick(rng, SHORTS)),
        _near(rng, _pick(rng, SHOES)),
        _near(rng, _pick(rng, HAIR), 0.03),
        EYES,
        tuple(np.array(skin) * (0.85, 0.6, 0.6)),
        _near(rng, _pick(rng, SOCKS)),
    )


def _pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    return colours[rng.integers(len(colours))]


def _near(rng: np.random.Generator, colour: Colour, amount: float = 0.06) -> Colour:
    return tuple(np.clip(np.asarray(colour) + rng.uniform(-amount, amount, 3), 0.03, 0.97))


def props(rng: np.random.Generator, away: np.ndarray, across: np.ndarray) -> Mesh:
    """Boxes (a bench, a rack, a poster ...) between the lifter and the wall; away, across: Camera.horizontal."""
    axes = np.stack([across, away, [0, 0, 1]], 1)
    boxes = []
    for _ in range(int(rng.integers(2, 6))):
        aside, behind = rng.uniform(-3, 3), rng.uniform(1.7, 2.6)
        half = np.array([rng.uniform(0.1, 0.6), rng.uniform(0.1, 0.25), rng.uniform(0.15, 0.9)])
        colour = rng.uniform(0.05, 0.7) * rng.uniform(0.6, 1, 3)
        boxes.append(box(aside * across + behind * away + (0, 0, half[2]), half, axes, colour))
    for _ in range(int(rng.integers(0, 4))):  # pictures, windows
        centre = rng.uniform(-2.5, 2.5) * across + 2.93 * away + (0, 0, rng.uniform(1.3, 2))
        half = np.array([rng.uniform(0.2, 0.6), 0.02, rng.uniform(0.2, 0.45)])
        boxes.append(box(centre, half, axes, rng.uniform(0.2, 0.9, 3)))
    return merged(boxes)
