"""Films real people's movements with virtual cameras: reps to train and to judge the encoder on.

UI-PRMD (Vakanski et al., Data 3:2, 2018; public domain) holds ten people who do each movement correctly and incorrectly
about ten times, as 39 markers of a motion capture system. The markers become BlazePose's landmarks, a virtual camera
films them, and the noise model adds the pose estimator's errors. Several cameras film each person.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
from scipy.ndimage import uniform_filter1d

from livecoach.core import landmark
from livecoach.core.errors import SourceError
from livecoach.core.quantiles import median
from livecoach.core.types import RepWindow
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.measures import FaultTable
from livecoach.lab.dataset import GOOD, Reps, rep_row
from livecoach.lab.synth import noise
from livecoach.lab.synth.figure.geometry import perpendicular_part, rotation, unit_vectors
from livecoach.lab.synth.synthetic_camera import VirtualCamera, random_camera
from livecoach.lab.synthetic import LEAST_WITH_POSE, MARGIN_S, MOST_VIEW_DEG, READ_DEG, build_window
from livecoach.perception.body.body import pair_middle

FILE = "uiprmd_mm.npz"
MOVEMENTS: dict[str, tuple[str, ...]] = {"squat": ("m01", "m05"), "lunge": ("m03",)}
"""Motion of an exercise → its movements in UI-PRMD: deep squat and sit to stand; inline lunge."""
INCORRECT = "incorrect"  # Label of a rep that was done incorrectly on purpose, in an unspecified way
RECORDED_FPS, FPS = 33.0, 30.0  # Frame rates of the recordings, and of the virtual cameras
UNKNOWN_MM = -32768  # Stands for an unknown coordinate in the file
LEAST_FRAMES = 10  # Least number of frames of a recorded movement; a few recordings end at once
SIZES_PX = ((640, 480), (1280, 720), (480, 640))
STILL_S = 0.33
"""Stillness before and after each recorded rep, in seconds, because the recordings begin and end with the movement."""
BOUNDARY_S = 0.05  # Standard deviation of the error of an estimated turn, in seconds
SMOOTHED = 5  # Number of frames in the running mean of the hips' height, from which the turn is found
SIDES = (("L", 0, 1.0), ("R", 1, -1.0))


class RecordedRep(NamedTuple):
    """A rep of the UI-PRMD dataset, recorded by motion capture."""

    movement: str  # Name in UI-PRMD, such as m01
    person: str  # Name in UI-PRMD, such as s01
    correct: bool  # Whether the movement was to be done correctly
    markers: dict[str, np.ndarray]  # Marker → (T, 3) metres: x forward, y left, z up

    def compute_landmarks(self) -> np.ndarray:
        """Return BlazePose's landmarks at FPS a second, (T, 33, 3) metres; the person stands at 0 and faces along x."""
        points = convert_markers(self.markers)
        at = np.linspace(0, len(points) - 1, int(len(points) * FPS / RECORDED_FPS))
        points = interpolate(points, at)
        leftward = points[:, landmark.SHOULDERS[0]] - points[:, landmark.SHOULDERS[1]]
        leftward = leftward + points[:, landmark.HIPS[0]] - points[:, landmark.HIPS[1]]
        x, y, _ = median(leftward)
        return move_to_origin(points @ rotation(2, np.arctan2(-x, y)))


def film_real_reps(folder: Path, motion: str, table: FaultTable, *, cameras: int, seed: int) -> Reps | None:
    """Film the recorded reps of a lift with virtual cameras, and return the visible reps.

    Args:
        folder: Folder with FILE, the UI-PRMD recordings.
        cameras: Number of cameras for each person and movement.

    Returns:
        The reps, labelled GOOD or INCORRECT; None if MOVEMENTS lacks the motion.

    Raises:
        SourceError: FILE can't be read, or has no usable movement.
    """
    if motion not in MOVEMENTS:
        return None
    by_person = defaultdict[tuple[str, str], list[RecordedRep]](list)
    for rep in read_recorded_reps(folder / FILE):
        if rep.movement in MOVEMENTS[motion]:
            by_person[rep.movement, rep.person].append(rep)
    rows: list[dict[str, object]] = []
    for of_person in by_person.values():
        sets = {
            label: [rep.compute_landmarks() for rep in of_person if rep.correct is (label == GOOD)]
            for label in (GOOD, INCORRECT)
        }
        for camera in range(cameras):
            rows += _rows(of_person[0], sets, table, seed, camera)
    if not rows:
        raise SourceError(f"{folder / FILE}: holds no movement of a {motion} that can be used. Restore the file.")
    return Reps.from_rows(rows)


@contextmanager
def open_recordings(path: Path, advice: str) -> Iterator["np.lib.npyio.NpzFile"]:
    """Open a file of recorded movements. Raises SourceError, with `advice`, if the file or an array can't be read."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            yield stored
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as err:
        raise SourceError(f"{path}: holds no recorded movements ({err}). {advice}") from err


def read_recorded_reps(path: Path) -> Iterator[RecordedRep]:
    """Yield the reps of all movements in a file of UI-PRMD. Raises SourceError if the file can't be read.

    A rep is left out if a coordinate of a marker is known in none of its frames; shorter gaps are filled.
    """
    with open_recordings(path, f"Name the folder of {FILE}.") as stored:
        markers, names, lengths, points = (stored[key] for key in ("markers", "names", "lengths", "mm"))
    ends = np.cumsum(lengths)
    for name, begin, end in zip(names.tolist(), ends - lengths, ends, strict=True):
        of_rep = points[begin:end].astype(float)
        of_rep[of_rep == UNKNOWN_MM] = np.nan
        known = _without_gaps(of_rep / 1000)
        if np.isfinite(known).all():
            movement, person, _, kind = name.split("_")
            by_marker = dict(zip(markers.tolist(), known.swapaxes(0, 1), strict=True))
            yield RecordedRep(movement=movement, person=person, correct=kind == "c", markers=by_marker)


def convert_markers(markers: dict[str, np.ndarray]) -> np.ndarray:
    """Convert Plug-in-Gait markers, each (T, 3), to BlazePose's landmarks, (T, 33, 3); all in metres, z upwards.

    Joints lie inside the body: hips by Bell et al. (J. Biomechanics 23:617, 1990), other joints at fixed distances from
    markers. The face is fixed to the head's markers; toes and fingers are extrapolated.
    """
    points = np.empty((len(markers["LASI"]), landmark.COUNT, 3))
    front, rear = _middle(markers, "LASI", "RASI"), _middle(markers, "LPSI", "RPSI")
    left = unit_vectors(markers["LASI"] - markers["RASI"])
    forward = unit_vectors(perpendicular_part(front - rear, left))
    up, width = np.cross(forward, left), float(np.median(np.linalg.norm(markers["LASI"] - markers["RASI"], axis=1)))
    inwards = unit_vectors(markers["RSHO"] - markers["LSHO"])
    for name, side, sign in SIDES:
        points[:, landmark.HIPS[side]] = front - 0.19 * width * forward + sign * 0.36 * width * left - 0.3 * width * up
        points[:, landmark.KNEES[side]] = markers[f"{name}KNE"] - sign * 0.05 * left
        points[:, landmark.ANKLES[side]] = markers[f"{name}ANK"] - sign * 0.035 * left
    trunk = unit_vectors(_middle(markers, "LSHO", "RSHO") - pair_middle(points, landmark.HIPS))
    for name, side, sign in SIDES:
        points[:, landmark.SHOULDERS[side]] = markers[f"{name}SHO"] - 0.045 * trunk + sign * 0.01 * inwards
        points[:, landmark.ELBOWS[side]] = markers[f"{name}ELB"] + sign * 0.03 * inwards
        _hand_and_foot(points, markers, name, side)
    _face(points, markers)
    return points


def _hand_and_foot(points: np.ndarray, markers: dict[str, np.ndarray], name: str, side: int) -> None:
    wrist = _middle(markers, f"{name}WRA", f"{name}WRB")
    over_wrist, finger = unit_vectors(markers[f"{name}WRA"] - markers[f"{name}WRB"]), markers[f"{name}FIN"]
    points[:, landmark.WRISTS[side]] = wrist
    points[:, 19 + side] = finger + 0.5 * (finger - wrist)
    points[:, 17 + side] = points[:, 19 + side] - 0.03 * over_wrist
    points[:, 21 + side] = finger + 0.03 * over_wrist
    heel, toe = markers[f"{name}HEE"], markers[f"{name}TOE"]
    points[:, landmark.HEELS[side]] = heel - (0.0, 0.0, 0.02)
    points[:, landmark.TOES[side]] = toe + 0.35 * (toe - heel) * (1.0, 1.0, 0.0) - (0.0, 0.0, 0.03)


_LEFT_FACE = {
    0: (0.0, 0.03, -0.09),
    1: (0.02, 0.01, -0.05),
    2: (0.03, 0.0, -0.05),
    3: (0.045, -0.01, -0.05),
    7: (0.075, -0.1, -0.07),
    9: (0.025, 0.005, -0.13),
}
"""Landmark of the nose and the left face → metres to the left, to the front and up from the middle of the forehead's
markers. The right face is the mirror image."""


def _face(points: np.ndarray, markers: dict[str, np.ndarray]) -> None:
    front, rear = _middle(markers, "LFHD", "RFHD"), _middle(markers, "LBHD", "RBHD")
    left = unit_vectors(markers["LFHD"] - markers["RFHD"])
    forward = unit_vectors(perpendicular_part(front - rear, left))
    up = np.cross(forward, left)
    for place, (to_left, to_front, upwards) in _LEFT_FACE.items():
        points[:, landmark.OTHER_SIDE[place]] = front - to_left * left + to_front * forward + upwards * up
        points[:, place] = front + to_left * left + to_front * forward + upwards * up


def _rows(
    who: RecordedRep, sets: Mapping[str, Sequence[np.ndarray]], table: FaultTable, seed: int, number: int
) -> Iterator[dict[str, object]]:
    """Yield the rows of a person's sets, each of a single label, in front of a camera that is anywhere but behind."""
    numbers = seed, int(who.movement[1:]), int(who.person[1:]), number
    rng = np.random.default_rng(numbers)
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    camera = random_camera(rng, SIZES_PX[rng.integers(len(SIZES_PX))], view_deg, FPS)
    read_deg = camera.azimuth_deg + float(rng.normal(0, READ_DEG))
    noise_seeds = noise.NoiseSeeds(numbers[2], int(np.dot(numbers, (1, 10_000, 100, 1))))
    for label, reps in sets.items():
        for window in _filmed(rng, reps, camera, read_deg, noise_seeds) if reps else ():
            rep, lifter = MeasuredRep(window, table, mirrored=camera.azimuth_deg < 0), f"{who.movement}-{who.person}"
            if rep.normalised_rep is not None:
                yield rep_row(rep, table) | {
                    "labels": label,
                    "severities": np.full(len(table.faults), np.nan),
                    "lifters": lifter,
                    "sets": f"{lifter} camera {number}",
                    "sources": f"UI-PRMD {lifter}",
                    "times_s": (window.start_s, window.turn_s, window.end_s),
                }


def _filmed(
    rng: np.random.Generator,
    reps: Sequence[np.ndarray],
    camera: VirtualCamera,
    read_deg: float,
    noise_seeds: noise.NoiseSeeds,
) -> Iterator[RepWindow]:
    """Yield the windows of reps, (T, 33, 3) each, in front of a camera; a rep with too few poses is left out."""
    still = round(STILL_S * FPS)
    held = [np.concatenate([np.repeat(m[:1], still, 0), m, np.repeat(m[-1:], still, 0)]) for m in reps]
    ends = np.cumsum([len(rep) for rep in held]).tolist()
    image, world = camera.project_landmarks(np.concatenate(held))
    seen = noise.load_noise()(rng, image, world, camera.azimuth_deg, FPS, camera.size_px, 1.0, noise_seeds)
    observations = seen.to_observations(np.arange(ends[-1]) / FPS)
    margin = round(MARGIN_S * FPS)
    for rep, after in zip(held, ends, strict=True):
        start, turn, end = after - len(rep) + still, after - len(rep) + find_lowest_frame(rep), after - still - 1
        near = [item for item in observations[max(start - margin, 0) : end + margin + 1] if item.landmarks is not None]
        if sum(start <= item.index <= end for item in near) >= LEAST_WITH_POSE * (end - start):
            times_s = start / FPS, turn / FPS + float(rng.normal(0, BOUNDARY_S)), end / FPS
            yield build_window(times_s, near, read_deg)


def find_lowest_frame(points: np.ndarray) -> int:
    """Return the index of the frame with the lowest hips after smoothing, from landmarks, (T, 33, 3), with z up."""
    height = pair_middle(points, landmark.HIPS)[:, 2]
    return int(uniform_filter1d(height, SMOOTHED, mode="nearest").argmin())


def move_to_origin(points: np.ndarray) -> np.ndarray:
    """Return landmarks, (T, 33, 3), moved horizontally so that the ankles' median is at x = y = 0."""
    feet = median(points[:, list(landmark.ANKLES)].reshape(-1, 3))
    return points - (feet[0], feet[1], 0.0)


def interpolate(points: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Interpolate landmarks, (T, 33, 3), linearly at fractional frame indices, (n,), 0…T - 1."""
    below = np.clip(at.astype(int), 0, len(points) - 2)
    share = (at - below)[:, None, None]
    return (1 - share) * points[below] + share * points[below + 1]


def _without_gaps(points: np.ndarray) -> np.ndarray:
    """Fill gaps of single coordinates linearly. A coordinate that is never known stays NaN."""
    columns = points.reshape(len(points), -1).copy()
    frames = np.arange(len(points))
    for column in columns.T:
        known = np.isfinite(column)
        if known.any() and not known.all():
            column[:] = np.interp(frames, frames[known], column[known])
    return columns.reshape(points.shape)


def _middle(markers: dict[str, np.ndarray], first: str, second: str) -> np.ndarray:
    return (markers[first] + markers[second]) / 2
