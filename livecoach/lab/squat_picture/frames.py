"""Poses around the deepest frame of squats: what the pictures are drawn of, as a dataset of arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from livecoach import landmark
from livecoach.errors import ModelError
from livecoach.model_files.model_folder import Numbers, read_arrays, require_shapes
from livecoach.types import Observation

AROUND = 5
"""Frames before and after the deepest one."""
FRAMES = 2 * AROUND + 1
FRAME_S = 1 / 30
"""Time between the frames of a squat. A recording at another rate gives those that are nearest."""
MOST_OFF_S = 0.1
"""A frame without a pose is replaced by another one that is at most so far away."""
GOOD = "good"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SquatFrames:
    """n squats of known label."""

    joints: np.ndarray
    """(n, FRAMES, 33, 2) float32: landmarks in the picture, in pixels."""
    labels: np.ndarray
    """(n,) str: GOOD, or the name of the worst fault."""
    lifters: np.ndarray
    """(n,) str."""
    azimuths_deg: np.ndarray
    """(n,) float: azimuth of the camera without its sign; 0 where it is not known."""

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
    """The file of a dataset: plain numbers, so texts are their UTF-8 bytes, a row each, padded with zeros."""

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
    part = path.with_suffix(".part.npz")
    np.savez(
        part,
        joints=squats.joints,
        azimuths_deg=squats.azimuths_deg,
        labels=_bytes_of(squats.labels),
        lifters=_bytes_of(squats.lifters),
    )
    part.replace(path)


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

    The deepest frame is the one in which the hips are lowest in the picture. None where the lifter is not seen around
    it.
    """
    seen = [one for one in observations if one.landmarks is not None]
    during = [one for one in seen if start_s <= one.t_s <= end_s]
    if not during:
        return None
    deepest_s = max(during, key=_hips_down_px).t_s
    times_s = np.array([one.t_s for one in seen])
    wanted_s = deepest_s + FRAME_S * np.arange(-AROUND, AROUND + 1)
    nearest = np.abs(times_s[None] - wanted_s[:, None]).argmin(1)
    if np.abs(times_s[nearest] - wanted_s).max() > MOST_OFF_S:
        return None
    return np.stack([_joints_px(seen[i]) for i in nearest.tolist()])


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
