"""Films real people's movements with virtual cameras, for training and judging in addition to the synthetic lifter.

UI-PRMD (Vakanski et al., Data 3:2, 2018): ten people, ten movements, two of which are exercises. CMU Graphics Lab
Motion Capture Database: two people do squats among other warm-ups, six walk, run, jump, dance, bend and play. In half
of the squats and lunges, the hands are moved to where they would hold a bar or a weight; trunk and legs move as
recorded.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.lab.synth import noise
from livecoach.lab.synth.figure.geometry import solve_two_bones, unit_vectors
from livecoach.lab.synth.motion.ranges import log_uniform
from livecoach.lab.synth.synthetic_camera import random_camera
from livecoach.lab.train import real_motion
from livecoach.lab.train.labelled_movements import MOST_VIEW_DEG, draw_noise_factor
from livecoach.lab.truth import TrueEvent, TrueRep, make_true_rep
from livecoach.perception.body.body import pair_middle

CMU_FILE, OTHERS_FILE = "cmu_exercises_30fps.npz", "cmu_subjects1to7_30fps.npz"
SQUAT, LUNGE = "m01", "m03"
EXERCISE_OF = {SQUAT: "squat", LUNGE: "lunge"}  # Movement of UI-PRMD (deep squat, inline lunge) → exercise
NONE_OF = ("m02", "m04", "m05", "m06", "m07", "m08", "m09", "m10")
"""Movements of UI-PRMD that are none of the exercises; a side lunge shows no rep or fault of a lunge."""
BETWEEN = ("m02", "m06", "m07", "m08", "m09", "m10")  # Movements during which the feet stay in place
TRAINING = ("s01", "s02", "s03", "s04", "s05", "13", "001", "003", "005")
CHOOSING = ("s06", "007")
JUDGING = ("s07", "s08", "s09", "s10", "14", "002", "006")
"""Names of people by purpose. A name with s is of UI-PRMD, with two digits of CMU_FILE, with three of OTHERS_FILE."""
PLAN = (SQUAT, SQUAT, LUNGE, None, None, None, None, CMU_FILE, OTHERS_FILE, OTHERS_FILE)
"""Movements that ten successive sets show: None is the next movement of NONE_OF, a file any movement of the file."""
MOTION_FPS = 30.0  # Frame rate of the recorded movements
FPS = (10, 12, 15, 20, 25, 30)
"""Frame rates of training and judging. More frames in each tick of recognition reduce its noise a little, and cost
time."""
PACES = (0.75, 1.35)
"""Range of the factor on the times of filmed and of synthetic training sets, since tempos vary more than recorded."""
STILL_S, REST_S, BLEND_S = (0.3, 1.5), (0.0, 1.8), (0.3, 0.9)  # Ranges of stillness, rests and transitions
AMONG = 0.4  # Share of sets of squats and lunges with other movements between the reps
REARMED = 0.5  # Share of sets of squats and lunges in which the hands hold something
CMU_S = 12.0  # Longest part of a recording of CMU, in seconds
DEEP, UPRIGHT = 0.75, 0.93
"""Height of the hips, as a share of its median, below which a person squats, and above which they stand."""
HANDS = {
    "bar on the back": ((-0.06, 0.16, 0.02), (-0.5, 0.2, -0.8), True),
    "front rack": ((0.14, 0.05, 0.03), (1.0, 0.2, -0.3), True),
    "before the chest": ((0.22, -0.1, -0.12), (0.1, 0.4, -1.0), True),
    "hanging": ((0.0, 0.06, -0.56), (-1.0, 0.2, 0.0), False),
    "held out": ((0.55, -0.05, 0.0), (0.0, 0.3, -1.0), False),
}
"""Hold → offset of the hands from the shoulders (forward, outward, up, in metres), direction in which the elbows point
(forward, outward, up), and whether these axes lean with the trunk."""
PLACED_M = 0.05  # Standard deviation of the hands' place, in metres
PAIRS = (
    *(landmark.SHOULDERS, landmark.ELBOWS, landmark.WRISTS),
    *(landmark.HIPS, landmark.KNEES, landmark.ANKLES, landmark.TOES),
)
JOINTS = {
    CMU_FILE: ("head", "lr", ("{}clavicle", "{}humerus", "{}wrist", "{}hipjoint", "{}femur", "{}tibia", "{}toes")),
    OTHERS_FILE: (
        *("CC_Base_Head", "LR"),
        tuple(f"CC_Base_{{}}_{name}" for name in ("Upperarm", "Forearm", "Hand", "Thigh", "Calf", "Foot", "ToeBase")),
    ),
}
"""File → joint of the head, letters of the sides, and joints of PAIRS with the side's letter in place of the braces."""


class RecordedMovement(NamedTuple):
    """A recorded movement of a person, or several movements in sequence, with the reps among them."""

    points: np.ndarray  # (T, 33, 3) landmarks in metres, z up, at MOTION_FPS
    reps: tuple[tuple[int, int, int], ...] = ()  # Frame indices, from 0, of start, turn and end of each rep


class FilmedSet(NamedTuple):
    """A set of recorded movements of a real person, as a pose estimator would see them through a virtual camera.

    All times are times of the recording, multiplied by a random pace.
    """

    exercise: str  # Exercise of its reps; squat if it has none
    movement: str  # Movement of UI-PRMD, or file of CMU
    seen: noise.SeenLandmarks  # Landmarks with the errors of a pose estimator
    t_s: np.ndarray  # (T,) times of the frames
    reps: tuple[TrueRep, ...]
    events: tuple[TrueEvent, ...] = ()

    def reps_of_lift(self, motion: str) -> tuple[TrueRep, ...] | None:
        """Return the reps of a lift in the set; empty if the set shows another movement.

        The result is None for a movement without reps that resembles the lift, as sit to stand resembles a squat.
        """
        if motion != self.exercise or not self.reps:
            return None if self.movement in real_motion.MOVEMENTS.get(motion, ()) else ()
        return self.reps


def film_real_set(folder: Path, seed: int, number: int, people: Sequence[str]) -> FilmedSet:
    """Film a set of a person's recorded movements with a virtual camera. Raises SourceError if a file can't be read.

    Args:
        number: Index of the set in the series of the seed, from 0, on which the movement depends.
        people: Names of the people from whom the person is drawn, such as TRAINING.
    """
    rng = np.random.default_rng((seed, number, 82))
    files = [file for file in (real_motion.FILE, *JOINTS) if file in map(_file_of, people)]
    planned, around = PLAN[number % len(PLAN)], number // len(PLAN)
    file = planned if planned in JOINTS else real_motion.FILE
    if file not in files:
        file, planned = files[0], None
    other = NONE_OF[(around * PLAN.count(None) + number % len(PLAN) - PLAN.index(None)) % len(NONE_OF)]
    of_file = [person for person in people if _file_of(person) == file]
    if file == real_motion.FILE:
        shown = planned or other
        pieces = _of_uiprmd(rng, folder, of_file, shown)
    else:
        shown, pieces = file, [_of_cmu(rng, folder, file, of_file)]
    if shown in EXERCISE_OF and rng.random() < REARMED:
        hands = HANDS[list(HANDS)[rng.integers(len(HANDS))]]
        pieces = [RecordedMovement(_with_held_hands(rng, p.points, *hands), p.reps) if p.reps else p for p in pieces]
    return _filmed(rng, join_movements(rng, pieces), shown)


def _file_of(person: str) -> str:
    if not person.isdecimal():
        return real_motion.FILE
    return CMU_FILE if len(person) == len("13") else OTHERS_FILE


def join_movements(rng: np.random.Generator, pieces: Sequence[RecordedMovement]) -> RecordedMovement:
    """Join recorded movements in sequence, with stillness around them and transitions between them."""
    parts, reps, count = list[np.ndarray](), list[tuple[int, int, int]](), 0
    for number, piece in enumerate(pieces):
        before = _still(piece.points[0], _frames(rng, REST_S if number else STILL_S))
        if number:
            way = np.linspace(0, 1, _frames(rng, BLEND_S) + 2)[1:-1, None, None]
            share = way * way * (3 - 2 * way)
            before = np.concatenate([(1 - share) * parts[-1][-1] + share * piece.points[0], before])
        count += len(before)
        reps += [(start + count, turn + count, end + count) for start, turn, end in piece.reps]
        parts += [before, piece.points]
        count += len(piece.points)
    parts.append(_still(parts[-1][-1], _frames(rng, STILL_S)))
    return RecordedMovement(np.concatenate(parts), tuple(reps))


def _of_uiprmd(rng: np.random.Generator, folder: Path, people: Sequence[str], movement: str) -> list[RecordedMovement]:
    recorded = _uiprmd(folder)
    recorded_people = [name for name in people if (movement, name) in recorded]
    person = recorded_people[rng.integers(len(recorded_people))]
    of_movement = recorded[movement, person]
    pieces = []
    among = movement in EXERCISE_OF and rng.random() < AMONG
    for _ in range(int(rng.integers(1, 5))):
        points = of_movement[rng.integers(len(of_movement))]
        reps = ((0, real_motion.find_lowest_frame(points), len(points) - 1),) if movement in EXERCISE_OF else ()
        pieces.append(RecordedMovement(points, reps))
        if among:
            others = recorded[BETWEEN[rng.integers(len(BETWEEN))], person]
            pieces.append(RecordedMovement(others[rng.integers(len(others))]))
    return pieces


def _of_cmu(rng: np.random.Generator, folder: Path, file: str, people: Sequence[str]) -> RecordedMovement:
    clips = [points for person, points in _cmu(folder, file) if person in people]
    points = clips[rng.integers(len(clips))]
    length = round(CMU_S * MOTION_FPS)
    start = int(rng.integers(max(len(points) - length, 1)))
    cut = points[start : start + length]
    return RecordedMovement(real_motion.move_to_origin(cut), _find_squats(cut) if file == CMU_FILE else ())


def _find_squats(points: np.ndarray) -> tuple[tuple[int, int, int], ...]:
    """Return start, turn and end of each squat, from the last upright frame before it to the first after it."""
    height = pair_middle(points, landmark.HIPS)[:, 2] - pair_middle(points, landmark.ANKLES)[:, 2]
    height = height / np.median(height)
    upright, squats = np.flatnonzero(height > UPRIGHT), []
    for before, after in zip(upright[:-1].tolist(), upright[1:].tolist(), strict=True):
        lowest = before + int(height[before : after + 1].argmin())
        if height[lowest] < DEEP:
            squats.append((before, lowest, after))
    return tuple(squats)


def _filmed(rng: np.random.Generator, piece: RecordedMovement, shown: str) -> FilmedSet:
    fps, pace = float(FPS[rng.integers(len(FPS))]), log_uniform(rng, *PACES)
    count = int(len(piece.points) / MOTION_FPS * fps)
    at = np.minimum(np.arange(count) * MOTION_FPS / fps, len(piece.points) - 1.001)
    size_px = real_motion.SIZES_PX[rng.integers(len(real_motion.SIZES_PX))]
    camera = random_camera(rng, size_px, float(rng.uniform(-MOST_VIEW_DEG, MOST_VIEW_DEG)), fps)
    image, world = camera.project_landmarks(real_motion.interpolate(piece.points, at))
    amount = draw_noise_factor(rng) or 1.0
    return FilmedSet(
        exercise=EXERCISE_OF.get(shown, EXERCISE_OF[SQUAT]),
        movement=shown,
        seen=noise.load_noise()(rng, image, world, camera.azimuth_deg, fps, size_px, amount),
        t_s=np.arange(count) / fps * pace,
        reps=tuple(_true_rep(number, places, fps, pace) for number, places in enumerate(piece.reps, 1)),
    )


def _true_rep(number: int, frames: tuple[int, int, int], fps: float, pace: float) -> TrueRep:
    times_s = [frame / MOTION_FPS for frame in frames]
    return make_true_rep(number, (), [round(at_s * fps) for at_s in times_s], [pace * at_s for at_s in times_s])


def _with_held_hands(
    rng: np.random.Generator,
    points: np.ndarray,
    place: tuple[float, float, float],
    elbows: tuple[float, float, float],
    leans: bool,
) -> np.ndarray:
    """Return the points (T, 33, 3) with the hands at an offset from the shoulders, and the elbows to match."""
    out = points.copy()
    shoulders, hips = (pair_middle(points, pair) for pair in (landmark.SHOULDERS, landmark.HIPS))
    left = unit_vectors(points[:, landmark.SHOULDERS[0]] - points[:, landmark.SHOULDERS[1]])
    up = unit_vectors(shoulders - hips) if leans else np.broadcast_to((0.0, 0.0, 1.0), left.shape)
    forward = unit_vectors(np.cross(left, up))
    off = np.array(place) + rng.normal(0, PLACED_M, 3)
    for side, sign in ((0, 1.0), (1, -1.0)):
        shoulder, elbow, wrist = (
            points[:, pair[side]] for pair in (landmark.SHOULDERS, landmark.ELBOWS, landmark.WRISTS)
        )
        upper_m, lower_m = (float(np.median(np.linalg.norm(d, axis=1))) for d in (elbow - shoulder, wrist - elbow))
        axes = np.stack([forward, sign * left, up], 1)
        hand = np.einsum("i,tij->tj", off, axes)
        distance = np.clip(np.linalg.norm(hand, axis=1, keepdims=True), 0.1, 0.99 * (upper_m + lower_m))
        hand = unit_vectors(hand) * distance
        pole = np.einsum("i,tij->tj", np.array(elbows), axes)
        out[:, landmark.ELBOWS[side]], _, _ = solve_two_bones(shoulder, shoulder + hand, upper_m, lower_m, pole)
        for finger in (landmark.WRISTS[side], *range(17 + side, 23, 2)):
            out[:, finger] = points[:, finger] - wrist + shoulder + hand
    return out


@lru_cache(maxsize=1)
def _uiprmd(folder: Path) -> dict[tuple[str, str], list[np.ndarray]]:
    by_person = defaultdict[tuple[str, str], list[np.ndarray]](list)
    for rep in real_motion.read_recorded_reps(folder / real_motion.FILE):
        if len(rep.markers["LASI"]) >= real_motion.LEAST_FRAMES:
            by_person[rep.movement, rep.person].append(rep.compute_landmarks())
    return by_person


@lru_cache(maxsize=2)
def _cmu(folder: Path, file: str) -> tuple[tuple[str, np.ndarray], ...]:
    """Return the person and the landmarks of each clip of a file, with z up. Raises SourceError if it can't be read."""
    with real_motion.open_recordings(folder / file, "Restore the file.") as stored:
        names = stored["joints"].tolist()
        if file == OTHERS_FILE:
            metres = np.split(stored["xyz_mm"].astype(float) / 1000, stored["lengths"].cumsum()[:-1])
            clips = dict(zip(stored["names"].tolist(), metres, strict=True))
        else:
            clips = {key: stored[key].astype(float) for key in stored.files if key != "joints"}
    return tuple((name.partition("_")[0], _cmu_landmarks(points, names, file)) for name, points in clips.items())


def _cmu_landmarks(points: np.ndarray, names: Sequence[str], file: str) -> np.ndarray:
    """Return landmarks (T, 33, 3), with z up, from joints (T, J, 3), with y up."""
    turned, (head, letters, joints) = points[..., (2, 0, 1)], JOINTS[file]
    out = np.repeat(turned[:, [names.index(head)]], landmark.COUNT, axis=1)
    for pair, joint in zip(PAIRS, joints, strict=True):
        for side, letter in zip(pair, letters, strict=True):
            out[:, side] = turned[:, names.index(joint.format(letter))]
    for side in (0, 1):
        out[:, landmark.HEELS[side]] = out[:, landmark.ANKLES[side]] - (0.0, 0.0, 0.06)
        for finger in range(17 + side, 23, 2):
            out[:, finger] = out[:, landmark.WRISTS[side]]
    return out


def _frames(rng: np.random.Generator, limits_s: tuple[float, float]) -> int:
    return round(float(rng.uniform(*limits_s)) * MOTION_FPS)


def _still(points: np.ndarray, count: int) -> np.ndarray:
    return np.repeat(points[None], count, 0)
