"""Squats as pictures: the poses around the deepest frame, drawn in the format of a published network.

The published pictures have 108 rows and 192 columns, and show nothing but the pose. A lifter fills them from top to
bottom, whoever they are and wherever they stand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from livecoach import landmark
from livecoach.config.files import written_whole
from livecoach.errors import ModelError
from livecoach.lab.processes import Progress, in_order, share_of
from livecoach.lab.synthetic import MOST_VIEW_DEG, PLACED_DEG
from livecoach.model_files.model_folder import Numbers, read_arrays, require_shapes
from livecoach.synth.motion.lifts import FAULT_VARIANTS
from livecoach.synth.motion.tokens import Token, parse
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set
from livecoach.synth.truth import TrueRep
from livecoach.types import Observation

NOSE, EARS = 0, (7, 8)
DRAWN = (NOSE, *EARS, *range(11, 17), *range(23, landmark.COUNT))
"""Landmarks that are drawn: no fingers, of the face only nose and ears."""
NECK, HEAD = landmark.COUNT, landmark.COUNT + 1
"""Points between the shoulders and between the ears, beside the landmarks."""
MARGIN_PX = 6  # pixels between the lifter and the edge of a picture that is not zoomed
THICK_PX = 2
FRACTION_BITS = 4  # fractional bits of the coordinates that OpenCV draws at
FARTHEST = 2**20
Pixels = Annotated[int, Field(ge=16, le=1024)]


LINES = (*landmark.BONES, (NECK, HEAD), (HEAD, NOSE))  # the two points of each line


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureKind:
    """The size of a picture, in pixels: that of the published ones, or another."""

    rows: Pixels = 108
    columns: Pixels = 192


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Zoom, shift and flip of the lifter, applied after the crop."""

    zoom: float = 1.0
    right_px: float = 0.0
    down_px: float = 0.0
    flipped: bool = False


AS_CROPPED = Placing()


def pose_picture(joints: np.ndarray, kind: PictureKind, placing: Placing = AS_CROPPED) -> np.ndarray:
    """Draw a picture (rows, columns, 1) uint8. joints: (33, 2) in pixels, x to the right and y down."""
    pose = flipped(joints) if placing.flipped else joints
    drawn = pose[list(DRAWN)]
    low, high = drawn.min(0), drawn.max(0)
    room = np.array([kind.columns, kind.rows]) - 2 * MARGIN_PX
    scale = float((room / np.maximum(high - low, 1e-6)).min()) * placing.zoom
    centre = np.array([kind.columns / 2 + placing.right_px, kind.rows / 2 + placing.down_px])
    placed = (pose - (low + high) / 2) * scale + centre
    neck, head = placed[list(landmark.SHOULDERS)].mean(0), placed[list(EARS)].mean(0)
    # Clipped far outside of the picture, a line stays invisible and OpenCV's integers do not overflow.
    fixed = np.clip(np.round(np.vstack([placed, neck, head]) * 2**FRACTION_BITS), -FARTHEST, FARTHEST)
    points = fixed.astype(int).tolist()
    picture = np.zeros((kind.rows, kind.columns), np.uint8)
    for start, end in LINES:
        cv2.line(picture, points[start], points[end], 255, THICK_PX, cv2.LINE_AA, FRACTION_BITS)
    return picture[..., None]


def flipped(pose: np.ndarray) -> np.ndarray:
    """Return a pose (33, 2) mirrored."""
    mirrored: np.ndarray = pose[list(landmark.OTHER_SIDE)] * np.array([-1.0, 1.0])
    return mirrored


AROUND = 5  # frames before and after the deepest one
FRAMES = 2 * AROUND + 1
FRAME_S = 1 / 30  # time between the frames of a squat; a recording at another rate provides the nearest ones
MOST_OFF_S = 0.1  # largest distance of the frame that replaces one without a pose
GOOD = "good"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SquatFrames:
    """n squats of known label."""

    joints: np.ndarray  # (n, FRAMES, 33, 2) float32: landmarks in the picture, in pixels
    labels: np.ndarray  # (n,) str: GOOD, or the name of the worst fault
    lifters: np.ndarray  # (n,) str
    azimuths_deg: np.ndarray  # (n,) float: azimuth of the camera without its sign; 0 where it is not known

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def bad(self) -> np.ndarray:
        """(n,) bool."""
        return np.asarray(self.labels != GOOD)

    def some(self, which: np.ndarray) -> "SquatFrames":
        """Return some of the squats. which: their numbers, or a mask."""
        return SquatFrames(**{name: getattr(self, name)[which] for name in NAMES})


NAMES = tuple(SquatFrames.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """The file of a dataset. It holds numbers only: each text is a row of UTF-8 bytes, padded with zeros."""

    joints: Annotated[np.ndarray, Numbers(ndim=4)]
    azimuths_deg: Annotated[np.ndarray, Numbers(ndim=1)]
    labels: Annotated[np.ndarray, Numbers(ndim=2, whole=True)]
    lifters: Annotated[np.ndarray, Numbers(ndim=2, whole=True)]


def joined(parts: Sequence[SquatFrames]) -> SquatFrames:
    """Return the squats of several datasets as one."""
    return SquatFrames(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in NAMES})


def save(squats: SquatFrames, path: Path) -> None:
    """Write a dataset as one .npz file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path, private=False) as part, part.open("wb") as file:
        np.savez(
            file,
            joints=squats.joints,
            azimuths_deg=squats.azimuths_deg,
            labels=_bytes_of(squats.labels),
            lifters=_bytes_of(squats.lifters),
        )


def load(path: Path) -> SquatFrames:
    """Read a dataset. Raises ModelError that names the file and what is wrong with it."""
    stored = read_arrays(path, _Stored)
    count = len(stored.joints)
    arrays = {"joints": stored.joints, "azimuths_deg": stored.azimuths_deg}
    require_shapes(path, arrays, {"joints": (count, FRAMES, landmark.COUNT, 2), "azimuths_deg": (count,)})
    texts = {"labels": stored.labels, "lifters": stored.lifters}
    if any(len(text) != count or text.min() < 0 or text.max() > 255 for text in texts.values()):
        raise ModelError(f"{path}: labels or lifters: expected the bytes of {count} texts. Make the dataset again.")
    return SquatFrames(
        joints=stored.joints.astype(np.float32),
        azimuths_deg=stored.azimuths_deg,
        **{name: _texts_of(text) for name, text in texts.items()},
    )


def frames_of(observations: Sequence[Observation], start_s: float, end_s: float) -> np.ndarray | None:
    """Return the joints around the deepest frame of a squat, (FRAMES, 33, 2) pixels.

    The deepest frame is the one in which the hips are lowest in the picture. None if the lifter is not visible around
    it.
    """
    visible = [one for one in observations if one.landmarks is not None]
    during = [one for one in visible if start_s <= one.t_s <= end_s]
    if not during:
        return None
    deepest_s = max(during, key=_hips_down_px).t_s
    times_s = np.array([one.t_s for one in visible])
    wanted_s = deepest_s + FRAME_S * np.arange(-AROUND, AROUND + 1)
    nearest = np.abs(times_s[None] - wanted_s[:, None]).argmin(1)
    if np.abs(times_s[nearest] - wanted_s).max() > MOST_OFF_S:
        return None
    return np.stack([_joints_px(visible[i]) for i in nearest.tolist()])


def _hips_down_px(observation: Observation) -> float:
    return float(_joints_px(observation)[list(landmark.HIPS), 1].mean())


def _joints_px(observation: Observation) -> np.ndarray:
    assert observation.landmarks is not None
    size_px = np.array([observation.width_px, observation.height_px])
    joints: np.ndarray = (observation.landmarks[:, :2] * size_px).astype(np.float32)
    return joints


def _bytes_of(texts: np.ndarray) -> np.ndarray:
    encoded = texts.astype(str)
    raw = np.char.encode(encoded, "utf-8")
    rows: np.ndarray = raw.view(np.uint8).reshape(len(raw), -1)
    return rows


def _texts_of(rows: np.ndarray) -> np.ndarray:
    raw = np.ascontiguousarray(rows.astype(np.uint8)).view(f"S{rows.shape[1]}")[:, 0]
    texts: np.ndarray = np.char.decode(raw, "utf-8")
    return texts


def deepest_pictures(squats: SquatFrames, kind: PictureKind) -> np.ndarray:
    """Return the picture of the deepest frame of each squat, (n, rows, columns, 1)."""
    return np.stack([pose_picture(joints[AROUND], kind) for joints in squats.joints])


EXERCISE = "squat"
FAULTY, GOOD_REPS = 9, 5  # bad and good reps of a set
KNOBS = (0.65, 1.0)
"""With smaller knobs, most faults are too small to call the rep bad, and too large to call it good."""
BAD = 0.5
"""True severity from which a rep is bad. A rep with a smaller fault is neither good nor bad."""
FPS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SquatRequest:
    """The squats to make."""

    bodies: str  # group of bodies: training or judging
    seed: int
    lifters: int
    sets: int = 1  # sets of each lifter, before one camera


def kept_squats(wanted: SquatRequest, cache: Path, jobs: int, progress: Progress) -> tuple[SquatFrames, Path]:
    """Return the squats and their file in the cache; make them if the file is missing."""
    path = cache / ("-".join(map(str, asdict(wanted).values())) + ".npz")
    if path.is_file():
        return load(path), path
    of_lifters = share_of(progress, f"lifters of {wanted.bodies}", wanted.lifters)
    every = in_order(partial(_of_lifter, wanted), range(wanted.lifters), jobs, of_lifters)
    made = joined([squats for squats in every if squats is not None])
    save(made, path)
    return made, path


def _of_lifter(wanted: SquatRequest, number: int) -> SquatFrames | None:
    """Return the squats of a lifter; None if none is visible and clearly good or bad."""
    name = f"{wanted.bodies}-{wanted.seed}-{number}"
    rows = [
        (joints, label, name, abs(made.settings.view_deg))
        for made in sets_of(wanted, number)
        for rep in made.reps
        if (label := label_of(rep)) is not None
        and (joints := frames_of(made.observations, rep.start_s, rep.end_s)) is not None
    ]
    if not rows:
        return None
    joints, labels, lifters, azimuths_deg = zip(*rows, strict=True)
    return SquatFrames(
        joints=np.array(joints),
        labels=np.array(labels),
        lifters=np.array(lifters),
        azimuths_deg=np.array(azimuths_deg),
    )


def sets_of(wanted: SquatRequest, number: int) -> Iterator[SyntheticSet]:
    """Yield the sets of one lifter: good and bad squats in random order, from any side but not from behind."""
    rng = np.random.default_rng((wanted.seed, number))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    for index in range(wanted.sets):
        request = SetRequest(
            exercise=EXERCISE,
            bodies=wanted.bodies,
            lifter=wanted.seed * 10_000 + number,
            view_deg=float(view_deg + rng.uniform(-PLACED_DEG, PLACED_DEG)),
            fps=FPS,
            lost=0.0,
            tokens=_tokens(rng),
        )
        yield random_set((wanted.seed, number, index), request)


def label_of(rep: TrueRep) -> str | None:
    """Return GOOD or the name of the worst fault; None if a fault is too small to call the rep bad."""
    if not rep.faults and not any(rep.severities.values()):
        return GOOD
    worst = max(rep.severities, key=lambda name: rep.severities[name], default=None)
    return worst if worst is not None and rep.severities[worst] >= BAD else None


def _tokens(rng: np.random.Generator) -> tuple[Token, ...]:
    ways = [f"{fault}.{way}" for fault, by_way in FAULT_VARIANTS[EXERCISE].items() for way in by_way]
    items = [f"{way}:{rng.uniform(*KNOBS):.2f}" for way in rng.choice(ways, FAULTY, replace=False)]
    items += [GOOD] * GOOD_REPS
    rng.shuffle(items)
    return parse(",".join(items), EXERCISE)
