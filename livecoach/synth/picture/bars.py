"""Barbells of many makes: full plates and small ones, bumpers and iron, an empty bar, a stick."""

from dataclasses import dataclass

import numpy as np

from livecoach.synth.figure.posture import PLATE_RADIUS_M
from livecoach.synth.picture.barbell import BAR_HALF_M, BAR_RADIUS_M, BLACK, BUMPERS, GREYS, SLEEVE_AT_M, STEEL
from livecoach.synth.picture.mesh import Colour, Mesh, lathe, merge

EMPTY, FULL = 0.12, 0.7
"""Share of bars without plates, and share of the others with a full-size plate."""
SMALL_M = (0.08, 0.2)
"""Range of radii of smaller plates."""
GAP_M = 0.004
SIDES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """One plate."""

    radius_m: float
    thick_m: float
    colour: tuple[float, ...]
    ring: tuple[float, ...]
    """Colour of a band on its face, such as lettering, a stripe or bare metal."""
    band: tuple[float, float]
    """Inner and outer radius of that band, as shares of the radius."""
    hollow_m: float
    """Depth of the face behind the rim."""
    hub: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BarbellMake:
    """The make of a barbell."""

    discs: tuple[Disc, ...]
    """Plates from the middle outwards, the same on both sides; empty for an empty bar."""
    shaft: tuple[float, ...]
    shaft_m: float
    """Radius of the shaft."""
    sleeve_m: float
    """Radius of the sleeves."""
    collar: bool

    @property
    def face_m(self) -> float:
        """Distance from the middle to the outer face of the outermost of the largest plates."""
        at, found = SLEEVE_AT_M, SLEEVE_AT_M
        for disc in self.discs:
            at += disc.thick_m
            if disc.radius_m >= self.radius_m - 0.003:
                found = at
            at += GAP_M
        return found

    @property
    def radius_m(self) -> float:
        """Radius of the largest plate; 0 without plates."""
        return max((disc.radius_m for disc in self.discs), default=0.0)

    def mesh(self) -> Mesh:
        """Return the barbell along y at the origin."""
        r = self.shaft_m
        parts = [lathe([(-BAR_HALF_M, 0), (-BAR_HALF_M, r), (BAR_HALF_M, r), (BAR_HALF_M, 0)], self.shaft, 10)]
        for sign in (-1, 1):
            sleeve = [(SLEEVE_AT_M - 0.03, 0.0), (SLEEVE_AT_M - 0.03, self.sleeve_m + 0.012)]
            sleeve += [(SLEEVE_AT_M, self.sleeve_m + 0.012), (SLEEVE_AT_M, self.sleeve_m)]
            sleeve += [(BAR_HALF_M, self.sleeve_m), (BAR_HALF_M, 0.0)]
            if self.sleeve_m > r:
                parts.append(lathe([(sign * y, radius) for y, radius in sleeve], self.shaft, 14))
            at = SLEEVE_AT_M
            for disc in self.discs:
                parts += _disc(disc, sign, at)
                at += disc.thick_m + GAP_M
            if self.collar:
                collar = [(at, 0.025), (at, 0.045), (at + 0.04, 0.045), (at + 0.04, 0.025)]
                parts.append(lathe([(sign * y, radius) for y, radius in collar], BLACK, 14))
        return merge(parts)


def _disc(disc: Disc, sign: int, at_m: float) -> list[Mesh]:
    r, hollow = disc.radius_m, disc.hollow_m
    low, high = disc.band
    face = [(0.0, 0.024), (0.0, 0.2 * r), (hollow, 0.26 * r), (hollow, low * r)]
    outer = [(hollow, high * r), (hollow, 0.86 * r), (0.0, 0.9 * r), (0.0, r - 0.005), (0.005, r)]

    def both(profile: list[tuple[float, float]], colour: Colour) -> list[Mesh]:
        front = [(sign * (at_m + disc.thick_m - depth), radius) for depth, radius in profile]
        back = [(sign * (at_m + depth), radius) for depth, radius in profile]
        return [lathe(front, colour, SIDES), lathe(back, colour, SIDES)]

    rim = [(sign * (at_m + 0.005), r), (sign * (at_m + disc.thick_m - 0.005), r)]
    parts = [lathe(rim, disc.colour, SIDES), *both(face[:2], disc.hub), *both(face[1:], disc.colour)]
    return [*parts, *both([(hollow, low * r), (hollow, high * r)], disc.ring), *both(outer, disc.colour)]


def random_make(rng: np.random.Generator) -> BarbellMake:
    """Draw a barbell as found in any gym; one in eight has no plates, and some of these are sticks."""
    empty, stick = bool(rng.random() < EMPTY), bool(rng.random() < 0.5)
    tone = float(rng.uniform(0.15, 0.8))
    wooden = empty and stick
    return BarbellMake(
        discs=() if empty else _random_discs(rng),
        shaft=(0.55, 0.4, 0.25) if wooden else (tone, tone, tone * 1.03) if rng.random() < 0.5 else STEEL,
        shaft_m=float(rng.uniform(0.012, 0.018)) if wooden else BAR_RADIUS_M,
        sleeve_m=0.0 if wooden else 0.025,
        collar=bool(rng.random() < 0.4) and not wooden,
    )


def _random_discs(rng: np.random.Generator) -> tuple[Disc, ...]:
    radius = PLATE_RADIUS_M if rng.random() < FULL else float(rng.uniform(*SMALL_M))
    count, same = int(rng.integers(1, 5)), bool(rng.random() < 0.6)
    coloured = bool(rng.random() < 0.45)
    iron = GREYS[rng.integers(len(GREYS))] * rng.uniform(0.7, 1.4, 3)
    thin = bool(rng.random() < 0.4)
    discs: list[Disc] = []
    for k in range(count):
        if k and not same:
            radius *= float(rng.uniform(0.6, 1.0))
        colour = np.array(BUMPERS[rng.integers(len(BUMPERS))]) * rng.uniform(0.7, 1.2, 3) if coloured else iron
        ring = rng.uniform(0.3, 0.9) * np.ones(3) if rng.random() < 0.35 else colour
        low = float(rng.uniform(0.3, 0.7))
        discs.append(
            Disc(
                radius_m=radius,
                thick_m=float(rng.uniform(0.02, 0.04) if thin else rng.uniform(0.035, 0.085)),
                colour=tuple(np.clip(colour, 0.02, 0.95).tolist()),
                ring=tuple(np.clip(ring, 0.02, 0.95).tolist()),
                band=(low, float(rng.uniform(low, 0.85))),
                hollow_m=float(rng.uniform(0.0, 0.012)),
                hub=tuple((np.ones(3) * rng.uniform(0.1, 0.7)).tolist()),
            )
        )
    return tuple(discs)
