"""Assigns a material to each vertex of a body in shorts and a T-shirt, which the renderer varies and gives volume."""

import numpy as np
from anny_rest import Rest

SKIN, SHIRT, SHORTS, SHOES, HAIR, EYE, LIP, SOCK = range(8)
SIDES = ("L", "R")


def paint(rest: Rest, part: np.ndarray) -> np.ndarray:
    """Return the material of each vertex, (V,); `part` names the joint, without side, that moves the vertex most."""
    material = np.full(len(rest.vertices), SKIN, np.uint8)
    _paint_clothes(material, part, rest)
    _paint_head(material, part, rest)
    return material


def _along_limb(rest: Rest, upper: str, lower: str) -> np.ndarray:
    """Return the place of vertices of a side, 0 at the head of bone `upper` to 1 at `lower`, (V,); NaN for others."""
    a, b = rest.head(upper), rest.head(lower)
    share = (rest.vertices - a) @ (b - a) / ((b - a) @ (b - a))
    return np.where(np.sign(rest.vertices[:, 1]) == np.sign(a[1]), share, np.nan)


def _paint_clothes(material: np.ndarray, part: np.ndarray, rest: Rest) -> None:
    y, z = rest.vertices[:, 1], rest.vertices[:, 2]
    material[np.isin(part, ["spine5", "spine4", "spine3", "spine2", "spine1", "clavicle"])] = SHIRT
    for side in SIDES:
        sleeve = _along_limb(rest, f"upperarm01.{side}", f"lowerarm01.{side}") < 0.45
        material[(part == "upperarm") & sleeve] = SHIRT
    collar = (z > rest.head("neck01")[2] + 0.005) & (np.abs(y) < 0.09)
    material[(material == SHIRT) & collar] = SKIN
    material[((part == "spine5") & (z < rest.head("spine05")[2] + 0.07)) | (part == "pelvis")] = SHORTS
    for side in SIDES:
        leg = _along_limb(rest, f"upperleg01.{side}", f"lowerleg01.{side}") < 0.72
        material[(part == "thigh") & leg] = SHORTS
        ankle = _along_limb(rest, f"lowerleg01.{side}", f"foot.{side}") > 0.8
        material[(part == "shin") & ankle] = SOCK
    material[part == "foot"] = SHOES


def _paint_head(material: np.ndarray, part: np.ndarray, rest: Rest) -> None:
    vertices, head = rest.vertices, np.isin(part, ["head", "neck"])
    eye = rest.head("eye.L")
    top = vertices[:, 2] > eye[2] + 0.055
    back = (vertices[:, 0] < eye[0] - 0.075) & (vertices[:, 2] > eye[2] - 0.07)
    material[head & (top | back)] = HAIR
    for side in SIDES:
        centre = rest.head(f"eye.{side}")
        material[head & (np.linalg.norm(vertices - centre, axis=1) < 0.0165)] = EYE
        brow = np.abs(vertices - centre - (0.025, 0, 0.024)) < (0.03, 0.022, 0.006)
        material[head & brow.all(1)] = HAIR
    face = vertices[part == "head"]
    nose = face[face[:, 0].argmax()]
    lips = np.abs(vertices - (nose[0] - 0.02, 0, nose[2] - 0.04)) < (0.03, 0.026, 0.011)
    material[head & lips.all(1)] = LIP
