"""The shape basis of all bodies: their names, and the reconstruction of surface, joints and landmarks.

scripts/synth/export_bodies.py writes bodies/bodies.npz: a mean and principal components, rounded to small integers,
and a row of coefficients for each body.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
from scipy.sparse import csr_matrix

from livecoach.errors import ConfigError

FILE = Path(__file__).resolve().parent / "bodies" / "bodies.npz"
PARTS = ("vertices", "joint_rest", "landmark_rest", "palm", "knuckle_axis")
"""Arrays that the components stack, in this order."""
SEXES = {"f": "female", "m": "male"}
"""First letter of a body's name → sex."""
TRUNK = ("pelvis", "spine5", "spine4", "spine3", "spine2", "spine1")
BACK_HALF_WIDTH_M = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyFacts:
    """Properties of a body at scale 1."""

    sex: str
    """female or male"""
    height_m: float
    weight_kg: float
    """Mass of the undressed mesh at 985 kg/m³."""
    split: str
    """training or judging: never train on a body for judging."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shared:
    """Properties that all bodies share; J joints, V vertices, F faces. Read-only."""

    faces: np.ndarray
    """(F, 3) int32"""
    weights: csr_matrix
    """(V, J) skinning weights."""
    dominant: np.ndarray
    """(V,) the joint with the largest weight."""
    joint: dict[str, int]
    parent: np.ndarray
    """(J,) -1 for the pelvis."""
    landmark_joint: np.ndarray
    """(33,) the joint that carries a landmark."""
    back: np.ndarray
    """(N,) vertices of the back near the spine, from low to high."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """One body at scale 1, metres, origin between the hips."""

    vertices: np.ndarray
    """(V, 3)"""
    joint_rest: np.ndarray
    """(J, 3)"""
    landmark_rest: np.ndarray
    """(33, 3)"""
    palm: np.ndarray
    """(2, 3) left, right."""
    knuckle_axis: np.ndarray
    """(2, 3) from the index finger's knuckle to the little finger's."""
    material: np.ndarray
    """(V,)"""


def _read_sheet() -> dict[str, BodyFacts]:
    with np.load(FILE) as stored:
        columns = [stored[key].tolist() for key in ("name", "height_m", "weight_kg", "judging")]
    return {
        name: BodyFacts(
            sex=SEXES[name[0]], height_m=height, weight_kg=weight, split="judging" if judging else "training"
        )
        for name, height, weight, judging in zip(*columns, strict=True)
    }


SHEET = MappingProxyType(_read_sheet())
"""All bodies, by name."""
NAMES: tuple[str, ...] = tuple(SHEET)
TRAINING: tuple[str, ...] = tuple(name for name, facts in SHEET.items() if facts.split == "training")
JUDGING: tuple[str, ...] = tuple(name for name, facts in SHEET.items() if facts.split == "judging")


def check_name(name: str) -> None:
    """Raise ConfigError for an unknown body name."""
    if name in SHEET:
        return
    near = get_close_matches(str(name), NAMES, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    women, men = ([known for known in NAMES if known[0] == letter] for letter in SEXES)
    raise ConfigError(
        f"body {name!r}: unknown.{hint} There are: {women[0]} to {women[-1]} (women), {men[0]} to {men[-1]} (men)"
    )


@cache
def _arrays() -> dict[str, np.ndarray]:
    with np.load(FILE) as stored:
        arrays = {key: stored[key] for key in stored.files}
    arrays["mean"] = arrays["mean"] * arrays["mean_step"]
    arrays["component"] = arrays["component"].astype(np.float32)
    return arrays


@cache
def shape(name: str) -> Shape:
    """Return the body of that name, one of NAMES, from a cache; do not modify it."""
    arrays = _arrays()
    row = NAMES.index(name)
    return Shape(
        **_split(arrays["mean"] + arrays["coefficient"][row] @ arrays["component"]), material=arrays["material"][row]
    )


def _split(stacked: np.ndarray) -> dict[str, np.ndarray]:
    """Split (D,) stacked numbers into PARTS."""
    ends = np.concatenate([[0], 3 * np.cumsum(_arrays()["rows"])])
    parts = zip(PARTS, pairwise(ends), strict=True)
    return {part: stacked[low:high].reshape(-1, 3).astype(float) for part, (low, high) in parts}


@cache
def shared() -> Shared:
    """Read what all bodies share, once."""
    arrays = _arrays()
    count, influences = arrays["weight"].shape
    joint = {str(name): i for i, name in enumerate(arrays["joint_names"])}
    rows = np.repeat(np.arange(count), influences)
    weights = csr_matrix(
        (arrays["weight"].ravel() / 65535.0, (rows, arrays["weight_joint"].ravel())), shape=(count, len(joint))
    )
    dominant = np.asarray(weights.argmax(1)).ravel()
    mean = _split(arrays["mean"])
    return Shared(
        faces=arrays["faces"].astype(np.int32),
        weights=weights,
        dominant=dominant,
        joint=joint,
        parent=arrays["joint_parent"].astype(int),
        landmark_joint=arrays["landmark_joint"].astype(int),
        back=_back(mean["vertices"], mean["joint_rest"], dominant, joint),
    )


def _back(vertices: np.ndarray, rest: np.ndarray, dominant: np.ndarray, joint: dict[str, int]) -> np.ndarray:
    """Return Shared.back from the mean body: vertices behind the line through the spine joints, above the hips."""
    spine = rest[[joint[name] for name in (*TRUNK, "neck")]]
    x, y, z = vertices.T
    behind = x < np.interp(z, spine[:, 2], spine[:, 0])
    trunk = np.isin(dominant, [joint[name] for name in TRUNK])
    near = np.flatnonzero(trunk & behind & (np.abs(y) < BACK_HALF_WIDTH_M) & (z > spine[0, 2]))
    return near[np.argsort(z[near])]
