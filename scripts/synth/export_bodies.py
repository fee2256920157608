"""Bake adults of the `anny` parametric model into a small shape basis: run once, in a separate environment.

    pip install anny==0.6.2 torch numpy scipy
    python scripts/synth/export_bodies.py livecoach/lab/synth/figure/bodies/bodies.npz

Nothing else in livecoach needs anny. The bodies are written in our frame: x forward, y to the lifter's left,
z up, in metres, with the origin between the hips, in the rest pose (arms about 45 degrees out, legs apart). Only the
default mesh, which comes from CC0 MakeHuman assets, may be used: the `smplx` topology is for non-commercial use only.
The script prints a table of the bodies, their spread and the error of the basis.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from anny_rest import Rest, with_hands_closed
from basis import error_m, packed, rebuilt
from paint import paint
from people import Person, bmi, drawn, lengths, plausible, solved

SEED = 20
SEXES = {"f": 32, "m": 32}  # number of bodies of each sex
SPARE = 8  # number of further people to draw, because some are out of anny's range
JUDGED_OF = 3  # size of a group of bodies, alike in sex, build and stature, of which one body is for judging
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
"""Our joints in the middle of the body: name, parent, and the MakeHuman bones that are merged into the joint, which is
at the head of the first bone."""
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
"""Our joints on each side, in the form of CENTRE."""
INFLUENCES = 4  # number of skinning weights kept for each vertex
SIGN = {"L": 1, "R": -1}


@dataclass(frozen=True, kw_only=True, eq=False)
class Rig:
    """Our joints on a body of anny."""

    names: list[str]
    parents: list[int]
    heads: np.ndarray  # (J, 3)
    weights: np.ndarray  # (V, J)

    @property
    def joint_of(self) -> np.ndarray:
        """Index of the joint that moves each vertex most, (V,)."""
        return self.weights.argmax(1)

    def vertices_of(self, rest: Rest, joint: str) -> np.ndarray:
        """Return the vertices that a joint moves most, (N, 3)."""
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
    """Return whether a bone matches a pattern: `toe*.L` matches all bones that begin with toe and end with .L."""
    return any(bone == p or ("*" in p and bone.startswith(p.split("*")[0]) and bone.endswith(p[-2:])) for p in patterns)


def landmarks(rest: Rest, rig: Rig) -> tuple[np.ndarray, np.ndarray]:
    """Return the joint to which each of BlazePose's landmarks is fixed, (33,), and their places at rest, (33, 3)."""
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
    """Return the landmarks of the face: nose, eyes (inner, centre, outer), ears, mouth's corners; left before right."""
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
    """Return the vertices of the lowest 5 cm of a foot, (N, 3)."""
    foot = rig.vertices_of(rest, f"foot.{side}")
    return foot[foot[:, 2] < foot[:, 2].min() + 0.05]


@dataclass(frozen=True, kw_only=True, eq=False)
class Baked:
    """A body with the properties that are stored."""

    person: Person
    rest: Rest
    material: np.ndarray  # (V,)
    linear: dict[str, np.ndarray]  # properties that differ between bodies, metres, each (..., 3)
    shared: dict[str, np.ndarray]  # properties that all bodies share


def bake(person: Person, rest: Rest) -> Baked:
    """Close the hands, paint the body, and place the landmarks."""
    rest = replace(rest, vertices=with_hands_closed(rest))
    rig = make_rig(rest)
    hips = (rest.head("upperleg01.L") + rest.head("upperleg01.R")) / 2
    rig.heads[0] = hips
    landmark_joint, landmark_rest = landmarks(rest, rig)
    part = np.array([rig.names[j].split(".")[0] for j in rig.joint_of])
    knuckles = [(rest.tail(f"metacarpal1.{side}"), rest.tail(f"metacarpal4.{side}")) for side in SIGN]
    linear = {
        "vertices": rest.vertices - hips,
        "joint_rest": rig.heads - hips,
        "landmark_rest": landmark_rest - hips,
        "palm": np.stack([(index + little) / 2 - hips for index, little in knuckles]),
        "knuckle_axis": np.stack([little - index for index, little in knuckles]),
    }
    shared = _skinning(rig) | {
        "faces": rest.faces.astype(np.uint16),
        "joint_names": np.array(rig.names),
        "joint_parent": np.array(rig.parents, np.int8),
        "landmark_joint": landmark_joint.astype(np.uint8),
    }
    return Baked(person=person, rest=rest, material=paint(rest, part), linear=linear, shared=shared)


def _skinning(rig: Rig) -> dict[str, np.ndarray]:
    strongest = np.argsort(-rig.weights, 1)[:, :INFLUENCES]
    weight = np.take_along_axis(rig.weights, strongest, 1)
    share = weight / weight.sum(1, keepdims=True)
    return {"weight_joint": strongest.astype(np.uint8), "weight": np.round(share * 65535).astype(np.uint16)}


def bodies_of(sex: str, count: int) -> list[Baked]:
    """Return the bodies of the first `count` plausible people of a sex; exit if there are too few."""
    people = (solved(person) for person in drawn(sex, count + SPARE, SEED + ord(sex)))
    good = [bake(*pair) for pair in people if pair is not None and plausible(*pair)]
    if len(good) < count:
        sys.exit(f"{len(good)} plausible people of sex {sex}, {count} wanted: raise SPARE")
    return good[:count]


def for_judging(bodies: list[Baked]) -> np.ndarray:
    """Return whether each body of a sex is for judging, (N,): one body of each JUDGED_OF similar bodies."""
    rng = np.random.default_rng([SEED, 1])
    builds = np.array([bmi(body.rest) for body in bodies])
    third = np.searchsorted(np.quantile(builds, [1 / 3, 2 / 3]), builds)
    order = np.lexsort(([body.rest.height_m for body in bodies], third))
    judging = np.zeros(len(bodies), bool)
    for i in range(0, len(bodies), JUDGED_OF):
        judging[rng.choice(order[i : i + JUDGED_OF])] = True
    return judging


def sheet(bodies: list[Baked], judging: np.ndarray) -> dict[str, np.ndarray]:
    """Return name, height, weight and purpose of each body, as arrays by name."""
    sexes = [body.person.sex for body in bodies]
    return {
        "name": np.array([f"{sex}{sexes[: i + 1].count(sex):02d}" for i, sex in enumerate(sexes)]),
        "height_m": np.round([body.rest.height_m for body in bodies], 3),
        "weight_kg": np.round([body.rest.weight_kg for body in bodies], 1),
        "judging": judging,
    }


def print_table(bodies: list[Baked], known: dict[str, np.ndarray]) -> None:
    """Print each body, and the spread of each sex and split."""
    names = ("height m", "bmi", "femur/trunk", "arm/trunk", "shin/femur", "forearm/upper arm")
    rows = np.array([_figures(body.rest) for body in bodies])
    print(" " * 16 + "".join(f"{name:>18}" for name in names))
    for name, judged, row in zip(known["name"], known["judging"], rows, strict=True):
        print(f"{name:6}{'judging' if judged else 'training':10}" + "".join(f"{value:18.3f}" for value in row))
    sexes = np.array([body.person.sex for body in bodies])
    for sex in SEXES:
        for judged in (False, True):
            part = rows[(sexes == sex) & (known["judging"] == judged)]
            kind = f"{sex} {'judging' if judged else 'training'} {len(part)}"
            spread = zip(part.mean(0), part.std(0), strict=True)
            print(f"{kind:16}" + "".join(f"{mean:11.3f} ±{deviation:5.3f}" for mean, deviation in spread))
    ends = zip(rows.min(0), rows.max(0), strict=True)
    print(f"{'range':16}" + "".join(f"{f'{low:.3f}..{high:.3f}':>18}" for low, high in ends))


def _figures(rest: Rest) -> tuple[float, ...]:
    now = lengths(rest)
    arm = now["upperarm"] + now["forearm"]
    limbs = (now["thigh"] / now["trunk"], arm / now["trunk"], now["shin"] / now["thigh"])
    return (rest.height_m, bmi(rest), *limbs, now["forearm"] / now["upperarm"])


def main(path: Path) -> None:
    groups = [bodies_of(sex, count) for sex, count in SEXES.items()]
    bodies = [body for group in groups for body in group]
    known = sheet(bodies, np.concatenate([for_judging(group) for group in groups]))
    basis = packed([body.linear for body in bodies])
    path.parent.mkdir(parents=True, exist_ok=True)
    material = np.stack([body.material for body in bodies])
    np.savez_compressed(path, **bodies[0].shared, **known, **basis, material=material)
    print_table(bodies, known)
    rms_mm, most_mm = (1000 * value for value in error_m([body.linear for body in bodies], rebuilt(basis)))
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {basis['component'].shape[0]} components", end=", ")
    print(f"error {rms_mm:.2f} mm rms, {most_mm:.2f} mm at most")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("give one file to write, for example livecoach/lab/synth/figure/bodies/bodies.npz")
    main(Path(sys.argv[1]))
