"""A body of the `anny` parametric model at rest, with closed hands, in our frame; see export_bodies.py."""

from dataclasses import dataclass

import anny
import numpy as np
import torch

CURL = np.radians([55, 85, 55])
"""Finger joints, so that a hand looks closed round a bar."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rest:
    """anny's rest pose in our frame."""

    vertices: np.ndarray
    """(V, 3)"""
    faces: np.ndarray
    """(F, 3)"""
    weights: np.ndarray
    """(V, B) dense skinning weights on anny's bones."""
    bones: list[str]
    parents: list[int]
    heads: np.ndarray
    """(B, 3)"""
    tails: np.ndarray
    """(B, 3)"""

    def head(self, bone: str) -> np.ndarray:
        """(3,) where a bone begins."""
        return self.heads[self.bones.index(bone)]

    def tail(self, bone: str) -> np.ndarray:
        """(3,) where it ends."""
        return self.tails[self.bones.index(bone)]


def to_ours(points: torch.Tensor) -> np.ndarray:
    """anny's frame (x left, y back, z up) to ours (x forward, y left, z up)."""
    a = points[0].double().numpy()
    return np.stack([-a[..., 1], a[..., 0], a[..., 2]], -1)


def read_rest(phenotype: dict[str, float]) -> Rest:
    """One body, hands closed."""
    model = anny.Anny(rig="makehuman", topology="anny")
    values = {name: torch.tensor([value]) for name, value in phenotype.items()}
    with torch.no_grad():
        out = model(phenotype_kwargs=values, return_bone_ends=True)
    vertices = to_ours(out["rest_vertices"])
    weights = np.zeros((len(vertices), len(model.bone_labels)))
    rows = np.arange(len(vertices))[:, None]
    np.add.at(weights, (rows, model.vertex_bone_indices.numpy()), model.vertex_bone_weights.double().numpy())
    rest = Rest(
        vertices=vertices,
        faces=model.faces.numpy(),
        weights=weights,
        bones=list(model.bone_labels),
        parents=list(model.bone_parents),
        heads=to_ours(out["rest_bone_heads"]),
        tails=to_ours(out["rest_bone_tails"]),
    )
    vertices[:] = with_hands_closed(rest)
    return rest


def axis_rotation(axis: np.ndarray, angle_rad: float) -> np.ndarray:
    """(3, 3) rotation about `axis`."""
    x, y, z = axis / np.linalg.norm(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle_rad) * k + (1 - np.cos(angle_rad)) * k @ k


def with_hands_closed(rest: Rest) -> np.ndarray:
    """(V, 3) rest vertices with the fingers curled; the joints of the fingers are not kept."""
    count = len(rest.bones)
    turn, position = np.tile(np.eye(3), (count, 1, 1)), rest.heads.copy()
    for i, (bone, parent) in enumerate(zip(rest.bones, rest.parents, strict=True)):
        if parent < 0:
            continue
        turn[i] = turn[parent]
        position[i] = position[parent] + turn[parent] @ (rest.heads[i] - rest.heads[parent])
        if bone.startswith("finger") and not bone.startswith("finger1"):
            turn[i] = axis_rotation(curl_axis(rest, bone[-1]), CURL[int(bone[8]) - 1]) @ turn[parent]
    moved = np.einsum("bij,vbj->vbi", turn, rest.vertices[:, None] - rest.heads[None]) + position[None]
    return (rest.weights[..., None] * moved).sum(1)


def curl_axis(rest: Rest, side: str) -> np.ndarray:
    """(3,) axis that turns the fingers towards the palm."""
    knuckle = rest.tail(f"metacarpal1.{side}")
    along = knuckle - rest.head(f"wrist.{side}")
    normal = np.cross(along, rest.tail(f"metacarpal4.{side}") - knuckle)
    if normal @ (rest.tail(f"finger1-3.{side}") - knuckle) < 0:
        normal = -normal
    return np.cross(along, normal)
