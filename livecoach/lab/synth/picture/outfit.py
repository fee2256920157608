"""Dresses a body: clothes, shoes and hair add colour and volume to its surface."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.csgraph import connected_components

from livecoach.lab.synth.figure.body_mesh import SIDES, BodyModel
from livecoach.lab.synth.figure.geometry import rotation
from livecoach.lab.synth.motion.ranges import Draw, choice, drawn_by, pick
from livecoach.lab.synth.picture.mesh import (
    COLOURS,
    INFLUENCES,
    Colour,
    Mesh,
    ellipsoid,
    merge_meshes,
    rigid_mesh,
    vertex_normals,
)

SECTIONS, AROUND = 10, 16  # Cross-sections of a shoe, and points of each section's outline
WIDER_M = 0.006  # Distance of a shoe from the skin
COLLAR_M = 0.09  # Height of a shoe's upper edge above the sole
SOLE_M = 0.022  # Thickness of a sole
ROUND = 0.65  # Exponent of the sections' superellipse: 1 is an ellipse, smaller is squarer


def _shoe(foot: np.ndarray, yaw_rad: float, joint: int, colour: Colour, sole: Colour) -> Mesh:
    """Return a shoe around a foot's skin, (N, 3) in metres in the rest pose, that moves with a joint."""
    axes = rotation(2, yaw_rad)
    local = foot @ axes
    low = local[local[:, 2] < local[:, 2].min() + COLLAR_M]
    along = np.linspace(low[:, 0].min(), low[:, 0].max(), SECTIONS)
    rings = [_section(low, at, along[1] - along[0]) for at in along]
    ends = (rings[0], along[0] - WIDER_M), (rings[-1], along[-1] + WIDER_M)
    first, last = (ring.mean(0) * [0, 1, 1] + [at, 0, 0] for ring, at in ends)
    vertices = np.concatenate([*rings, [first, last]])
    faces = _faces()
    mesh = rigid_mesh(vertices @ axes.T, vertex_normals(vertices, faces) @ axes.T, colour, faces)
    mesh.colours[vertices[:, 2] < vertices[:, 2].min() + SOLE_M, :3] = sole
    return mesh._replace(bone=np.full_like(mesh.bone, joint))


def _section(foot: np.ndarray, at: float, step: float) -> np.ndarray:
    """Return the outline of a cross-section of the shoe, (AROUND, 3)."""
    near = foot[np.abs(foot[:, 0] - at) < step]
    low, high = near[:, 1:].min(0) - WIDER_M, near[:, 1:].max(0) + WIDER_M
    low[1] = foot[:, 2].min()
    angle = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
    around = np.stack([np.cos(angle), np.sin(angle)], 1)
    outline = (low + high) / 2 + np.sign(around) * np.abs(around) ** ROUND * (high - low) / 2
    return np.column_stack([np.full(AROUND, at), outline])


def _faces() -> np.ndarray:
    i = np.arange(AROUND)
    k = (i + 1) % AROUND
    bands = [
        np.concatenate([np.stack([i, k, i + AROUND], 1), np.stack([k, k + AROUND, i + AROUND], 1)]) + AROUND * ring
        for ring in range(SECTIONS - 1)
    ]
    heel, toe = SECTIONS * AROUND, SECTIONS * AROUND + 1
    last = (SECTIONS - 1) * AROUND
    caps = [np.stack([k, i, np.full(AROUND, heel)], 1), np.stack([i + last, k + last, np.full(AROUND, toe)], 1)]
    return np.concatenate([*bands, *caps])


SKIN, SHIRT, SHORTS, SHOES, HAIR, EYE, LIP, SOCK = range(8)  # Values of BodyModel.material
PEOPLE = COLOURS["people"]
EYES = (0.12, 0.09, 0.08)  # Colour of all eyes
# Shares of people by sleeves, legwear and hairdo
SLEEVES = {"none": 0.25, "short": 0.55, "long": 0.2}
LEGS = {"shorts": 0.45, "trousers": 0.25, "leggings": 0.3}
HAIRDOS = {"shaved": 0.12, "short": 0.38, "full": 0.2, "tail": 0.18, "bun": 0.12}
HAIR_M = {"shaved": (0.0, 0.0), "full": (0.02, 0.04)}  # Thickness of hair by hairdo, if it isn't USUAL_HAIR_M
USUAL_HAIR_M = (0.005, 0.015)
SHIRT_LOOSE = {"pelvis": 1.0, "spine5": 1.0, "spine4": 1.0, "spine3": 0.8, "spine2": 0.4, "spine1": 0.2, "neck": 0.1}
"""Distance of a shirt from the skin at each joint, relative to the belly; 0.4 at the other joints, as on the arms."""
LEGS_LOOSE = {"pelvis": 0.3, "spine5": 0.2, "spine4": 0.2}
"""Distance of trousers and shorts from the skin at the joints of the trunk, relative to the legs."""
SMOOTHING = 3  # Passes that smooth the distance of the surface from the skin


def tint_draw(colours: Sequence[Colour], amount: float = 0.06) -> Draw:
    """Return a function that draws a colour from `colours`, and changes each channel at random by at most `amount`."""
    return lambda d: tuple(
        np.clip(np.asarray(pick(d.rng, colours)) + d.rng.uniform(-amount, amount, 3), 0.03, 0.97).tolist()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """The clothes, the hair and the skin of a person. `draw_fields` draws them at random, in order; colours are 0…1."""

    legwear: str = choice(LEGS)
    hairdo: str = choice(HAIRDOS)
    shirt_loose_m: float = drawn_by(lambda d: d.rng.uniform(0, 0.025) if d.rng.random() < 0.75 else 0.0)
    """Distance between the belly and the shirt."""
    skin: Colour = drawn_by(tint_draw(PEOPLE["skin"], 0.03))
    shirt: Colour = drawn_by(tint_draw(PEOPLE["shirt"]))
    legs: Colour = drawn_by(tint_draw(PEOPLE["legs"]))
    shoes: Colour = drawn_by(tint_draw(PEOPLE["shoes"]))
    soles: Colour = drawn_by(tint_draw(PEOPLE["soles"], 0.03))
    hair: Colour = drawn_by(tint_draw(PEOPLE["hair"], 0.03))
    socks: Colour = drawn_by(tint_draw(PEOPLE["socks"]))
    sleeves: str = choice(SLEEVES)
    legs_loose_m: float = drawn_by(lambda d: 0.002 if d.values["legwear"] == "leggings" else d.rng.uniform(0.004, 0.02))
    """Distance between the legs and the legwear."""
    hair_m: float = drawn_by(lambda d: d.rng.uniform(*HAIR_M.get(d.values["hairdo"], USUAL_HAIR_M)))  # thickness


def dress(body: BodyModel, outfit: Outfit) -> Mesh:
    """Return the mesh of a dressed body in the rest pose. The bones of the mesh are the joints of the body."""
    neighbours = _neighbours(body)
    material = _material(body, outfit)
    thick = _thickness(body, outfit, material, _head_of_hair(material, neighbours))
    for _ in range(SMOOTHING):  # so that there is no step between cloth and skin
        thick = 0.4 * thick + 0.6 * (neighbours @ thick)
    vertices = body.vertices + thick[:, None] * vertex_normals(body.vertices, body.faces)
    normals = vertex_normals(vertices, body.faces)
    weights = body.weights.toarray()
    bone = np.argsort(-weights, axis=1, kind="stable")[:, :INFLUENCES]  # with the largest weights
    weight = np.take_along_axis(weights, bone, 1)
    folds = np.where(np.isin(material, (SHIRT, SHORTS)), np.clip(thick * 7, 0.0, 0.11), 0.0)
    colours = np.column_stack([_palette(outfit)[material], folds])
    surface = Mesh(vertices, normals, colours, bone, weight / weight.sum(1, keepdims=True), body.faces)
    return merge_meshes([surface, *_knots(body, outfit, material), *_shoes(body, outfit, material)])


def _palette(outfit: Outfit) -> np.ndarray:
    lip = np.asarray(outfit.skin) * (0.85, 0.6, 0.6)
    shaved = 0.75 * np.asarray(outfit.skin) + 0.25 * np.asarray(outfit.hair)
    hair = shaved if outfit.hairdo == "shaved" else outfit.hair
    return np.array([outfit.skin, outfit.shirt, outfit.legs, outfit.shoes, hair, EYES, lip, outfit.socks])


def _material(body: BodyModel, outfit: Outfit) -> np.ndarray:
    """Return the material of each vertex, (V,), with the sleeves and the legwear of the outfit."""
    material = body.material.astype(int).copy()
    arms = np.isin(
        body.dominant, [body.joint[f"{name}.{side}"] for side in SIDES for name in ("upperarm", "forearm", "forearm2")]
    )
    legs = np.isin(body.dominant, [body.joint[f"{name}.{side}"] for side in SIDES for name in ("thigh", "shin")])
    if outfit.sleeves == "none":
        material[arms & (material == SHIRT)] = SKIN
    if outfit.sleeves == "long":
        material[arms & (material == SKIN)] = SHIRT
    if outfit.legwear != "shorts":
        material[legs & np.isin(material, (SKIN, SOCK))] = SHORTS
    return material


def _thickness(body: BodyModel, outfit: Outfit, material: np.ndarray, hair: np.ndarray) -> np.ndarray:
    """Return the distance between skin and surface, (V,), in metres."""
    thick = np.zeros(len(material))
    shirt, legs = (SHIRT, 0.4, SHIRT_LOOSE, outfit.shirt_loose_m), (SHORTS, 1.0, LEGS_LOOSE, outfit.legs_loose_m)
    for code, usual, by_joint, loose_m in (shirt, legs):
        share = np.full(len(body.joint), usual)
        share[[body.joint[name] for name in by_joint]] = list(by_joint.values())
        thick = np.where(material == code, loose_m * (body.weights @ share), thick)
    thick[hair] = outfit.hair_m
    return thick


def _head_of_hair(material: np.ndarray, neighbours: csr_matrix) -> np.ndarray:
    """Return the vertices of the largest connected piece of hair, (N,), which excludes brows and beards."""
    hair = np.flatnonzero(material == HAIR)
    if not len(hair):
        return hair
    _, piece = connected_components(neighbours[hair][:, hair], directed=False)
    return hair[piece == np.bincount(piece).argmax()]


def _knots(body: BodyModel, outfit: Outfit, material: np.ndarray) -> list[Mesh]:
    hair = body.vertices[material == HAIR]
    if outfit.hairdo not in ("tail", "bun") or not len(hair):
        return []
    high = hair[:, 2].min() + 0.7 * np.ptp(hair[:, 2])
    back = np.array([hair[np.abs(hair[:, 2] - high) < 0.03, 0].min(), 0.0, high])
    parts = [ellipsoid(back + np.array([-0.015, 0, 0.01]), np.array([0.04, 0.045, 0.04]), outfit.hair)]
    if outfit.hairdo == "tail":
        for k in range(1, 5):
            radii = np.array([0.028, 0.032, 0.055]) * (1.05 - 0.1 * k)
            place = back + np.array([-0.03 - 0.006 * k, 0, 0.02 - 0.055 * k])
            parts.append(ellipsoid(place, radii, outfit.hair))
    return [part._replace(bone=np.full_like(part.bone, body.joint["head"])) for part in parts]


def _shoes(body: BodyModel, outfit: Outfit, material: np.ndarray) -> list[Mesh]:
    made = []
    for side in SIDES:
        joint = body.joint[f"foot.{side}"]
        foot = body.vertices[(material == SHOES) & (body.weights[:, joint].toarray().ravel() > 0.5)]
        made.append(_shoe(foot, body.toe_yaw[side], joint, outfit.shoes, outfit.soles))
    return made


def _neighbours(body: BodyModel) -> csr_matrix:
    """Return the matrix that averages over the neighbours of each vertex, (V, V)."""
    a, b = np.concatenate([body.faces[:, pair] for pair in ((0, 1), (1, 2), (2, 0))]).T
    count = len(body.vertices)
    both = (np.concatenate([a, b]), np.concatenate([b, a]))
    joined = coo_matrix((np.ones(2 * len(a)), both), shape=(count, count)).tocsr()
    return diags(1 / np.maximum(np.asarray(joined.sum(1)).ravel(), 1)) @ joined
