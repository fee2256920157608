"""Measures whether verdicts hold for disturbed films, which a profile of a clean film judges.

Films are disturbed like gyms and phones do: by a leaning or shaking camera, darkness, other people. docs/models.md
describes the table of films.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np

from livecoach.capture.file import VideoFile
from livecoach.core import landmark
from livecoach.core.errors import ConfigError
from livecoach.core.step import RepCompleted
from livecoach.core.types import Frame, Observation
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.changed_camera import KnownLifter, SetToJudge, outcome_tables
from livecoach.lab.measure.judge_sets import KnownRep
from livecoach.lab.measure.real_clips import table_rows
from livecoach.lab.measure.table import Table
from livecoach.lab.processes import ReportProgress

FPS, HEIGHT_PX = 30.0, 720  # Greatest frame rate and height of a film, as in a phone's stream
Change = Callable[[np.ndarray, float], np.ndarray | None]  # Picture and time in s → picture; None if it is dropped
SWAY = (((0.7, 0.31, 0), (0.3, 0.83, 1)), ((0.7, 0.37, 2), (0.3, 0.91, 0)))
"""Waves that add up, of a phone in a hand, across and along: share of the amplitude, hertz, phase in radians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmProperties:
    """The picture size, the duration and the lifter's place in a film, on which disturbances depend."""

    size_px: tuple[int, int]  # Width and height of the pictures
    seconds: float  # Time of the last frame
    head: float  # y of the standing lifter's head, 0…1 of the picture's height
    feet: float  # y of the feet, 0…1 of the picture's height
    neighbour: Iterator[np.ndarray] = field(default_factory=lambda: iter(()))  # Endless pictures of another person

    @property
    def lifter_height(self) -> float:
        """Height of the standing lifter, 0…1 of the picture's height."""
        return self.feet - self.head


def _warped(scene: FilmProperties, matrix_at: Callable[[float], np.ndarray]) -> Change:
    """Return a change by a homography that may depend on time. Outside the picture, its edge is repeated."""
    return lambda picture, t_s: cv2.warpPerspective(
        picture, matrix_at(t_s), scene.size_px, borderMode=cv2.BORDER_REPLICATE
    )


def _motion_matrix(
    scene: FilmProperties, *, dx: float = 0.0, dy: float = 0.0, deg: float = 0.0, scale: float = 1.0
) -> np.ndarray:
    """Return the matrix of a clockwise turn and a growth around the middle, and a shift in picture heights."""
    width, height = scene.size_px
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), -deg, scale)
    turned[:, 2] += np.array([dx, dy]) * height
    return np.vstack([turned, (0.0, 0.0, 1.0)])


def _shake(scene: FilmProperties, percent: float) -> Change:
    def at(t_s: float) -> np.ndarray:
        dx, dy = (sum(share * np.sin(2 * np.pi * hz * t_s + phase) for share, hz, phase in sway) for sway in SWAY)
        return _motion_matrix(scene, dx=percent / 100 * dx, dy=percent / 100 * dy)

    return _warped(scene, at)


def _bump(scene: FilmProperties, percent: float) -> Change:
    """Return a change in which the camera jumps and swings halfway, and stays turned by percent / 2 degrees."""

    def at(t_s: float) -> np.ndarray:
        since_s = t_s - scene.seconds / 2
        swing = percent / 100 * (1 + np.exp(-3 * since_s) * np.sin(5 * np.pi * since_s))
        return np.eye(3) if since_s < 0 else _motion_matrix(scene, dx=swing, dy=-0.6 * swing, deg=percent / 2)

    return _warped(scene, at)


def _zoom(scene: FilmProperties, percent: float) -> Change:
    return _warped(
        scene, lambda t_s: _motion_matrix(scene, scale=1 + percent / 200 * (1 - np.cos(2 * np.pi * t_s / 9)))
    )


def _low(scene: FilmProperties, percent: float) -> Change:
    """Return the keystone of a camera that looks up from the floor: at the top, a share is added on each side."""
    width, height = scene.size_px
    x = width * percent / 100
    seen = np.array([(-x, 0), (width + x, 0), (0, height), (width, height)], np.float32)
    shown = np.array([(0, 0), (width, 0), (0, height), (width, height)], np.float32)
    return _warped(scene, lambda _: cv2.getPerspectiveTransform(seen, shown))


def _small(scene: FilmProperties, parts: float) -> Change:
    """Return a change in which the standing lifter has 1/parts of the picture's height. The picture keeps its size."""
    grown = max(parts * scene.lifter_height, 1.0)
    x, y = (round(side * (grown - 1) / 2) for side in scene.size_px)

    def change(picture: np.ndarray, _: float) -> np.ndarray:
        wider = cv2.copyMakeBorder(picture, y, y, x, x, cv2.BORDER_REPLICATE)
        return cv2.resize(wider, scene.size_px, interpolation=cv2.INTER_AREA)

    return change


def _cut(top: float, bottom: float) -> Change:
    return lambda picture, _: np.ascontiguousarray(picture[round(top * len(picture)) : round(bottom * len(picture))])


def _with_neighbour(scene: FilmProperties, size: float, *, walks: bool = False) -> Change:
    """Return a change with a person of `size` lifters' heights, who stands on the right or walks past in front."""
    width, height = scene.size_px
    tall, bottom = round(height * scene.lifter_height * size), min(round(height * scene.feet), height)
    top = max(bottom - tall, 0)

    def change(picture: np.ndarray, t_s: float) -> np.ndarray:
        """Return a picture with the other person next to the lifter, or in front."""
        person = next(scene.neighbour, picture)
        wide = round(tall * person.shape[1] / len(person))
        person = cv2.resize(person, (wide, tall), interpolation=cv2.INTER_AREA)
        shown = cv2.copyMakeBorder(picture, 0, 0, 0, 0 if walks else wide, cv2.BORDER_REPLICATE)
        left = round((width + wide) * ((t_s - scene.seconds / 2) / 4 + 0.5)) - wide if walks else width
        low, high = max(left, 0), min(left + wide, shown.shape[1])
        if low < high:
            shown[top:bottom, low:high] = person[tall - (bottom - top) :, low - left : high - left]
        return shown

    return change


def _mirror(scene: FilmProperties, size: float) -> Change:
    pictures: list[np.ndarray] = []
    mirrored = (cv2.flip(pictures.pop(), 1) for _ in count())
    reflect = _with_neighbour(replace(scene, neighbour=mirrored), size / scene.lifter_height)

    def change(picture: np.ndarray, t_s: float) -> np.ndarray | None:
        pictures.append(picture)
        return reflect(picture, t_s)

    return change


def _dark(_: FilmProperties, share: float) -> Change:
    """Return a change that leaves a share of the light, with the noise of a small sensor."""
    rng, noise = np.random.default_rng(0), 3.3 + 4.7 * (0.5 - share)
    return lambda picture, _: np.clip(picture * share + rng.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)


def _backlight(_: FilmProperties, step: float) -> Change:
    """Return a change with a bright background (step 1), in front of which the lifter is black (step 2)."""
    ends = [(0, 0.2, 0.9, 1, 1), (0, 0.02, 0.4, 1, 1)][round(step) - 1]
    curve = (255 * np.interp(np.arange(256) / 255, (0, 0.28, 0.5, 0.63, 1), ends)).astype(np.uint8)
    return lambda picture, _: cv2.LUT(picture, curve)


def _blurred(_: FilmProperties, pictures: float) -> Change:
    """Return a change to the mean of several successive pictures, as of a long exposure."""
    latest: list[np.ndarray] = []

    def change(picture: np.ndarray, _: float) -> np.ndarray:
        latest[:] = [*latest, picture][-round(pictures) :]
        return np.asarray(np.mean(latest, axis=0, dtype=np.float32), np.uint8)

    return change


def _thinned(fps: float) -> Change:
    due_s = [-np.inf]

    def change(picture: np.ndarray, t_s: float) -> np.ndarray | None:
        if t_s < due_s[0]:
            return None
        due_s[0] = max(due_s[0], t_s - 1 / fps) + 1 / fps - 1e-3
        return picture

    return change


def _dropped(_: FilmProperties, percent: float) -> Change:
    rng = np.random.default_rng(0)
    return lambda picture, _: None if rng.random() < percent / 100 else picture


def _limit_height(picture: np.ndarray, height_px: float = HEIGHT_PX) -> np.ndarray:
    height, width = picture.shape[:2]
    size = round(width * height_px / height), round(height_px)
    return picture if height <= height_px else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _compressed(scene: FilmProperties, crf: float) -> Change:
    """Return a change that compresses a picture by H.264 with a constant rate factor."""
    width, height = (side // 2 * 2 for side in scene.size_px)
    encoder, decoder = av.VideoCodecContext.create("libx264", "w"), av.VideoCodecContext.create("h264", "r")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = width, height, "yuv420p", Fraction(FPS)
    encoder.options = {"crf": str(crf), "preset": "veryfast", "tune": "zerolatency"}
    decoder.flags |= 1 << 19  # low delay: a picture in, a picture out

    def change(picture: np.ndarray, _: float) -> np.ndarray | None:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:height, :width]), format="bgr24")
        decoded = [shown for packet in encoder.encode(frame) for shown in decoder.decode(packet)]
        return decoded[-1].to_ndarray(format="bgr24") if decoded else None

    return change


DISTURBANCES: dict[str, tuple[tuple[float, ...], str, Callable[[FilmProperties, float], Change]]] = {
    "clean": ((0,), "", lambda *_: lambda picture, _: picture),
    "roll": ((3, 6, 10, 15, -6), "°", lambda scene, deg: _warped(scene, lambda _: _motion_matrix(scene, deg=deg))),
    "dark": ((0.5, 0.25, 0.12, 0.06), " of the light", _dark),
    "backlight": ((1, 2), "", _backlight),
    "shake": ((1, 2, 4), " %", _shake),
    "bump": ((3, 6, 12), " %", _bump),
    "zoom": ((10, 20), " %", _zoom),
    "small": ((3, 4, 6), "th of the height", _small),
    "feet_cut": ((3, 6, 10), " %", lambda scene, by: _cut(0, scene.feet - by / 100 * scene.lifter_height)),
    "head_cut": ((8, 18), " %", lambda scene, by: _cut(scene.head + by / 100 * scene.lifter_height, 1)),
    "low_camera": ((10, 25), " %", _low),
    "neighbour": ((0.8, 1.1), " times as tall", _with_neighbour),
    "walker": ((1.0, 1.3), " times as tall", partial(_with_neighbour, walks=True)),
    "mirror": ((0.5, 1.0), " times as large", _mirror),
    "flip": ((1,), "", lambda *_: lambda picture, _: cv2.flip(picture, 1)),
    "fps": ((20, 12), " a second", lambda _, fps: _thinned(fps)),
    "dropped": ((20, 40), " %", _dropped),
    "blur": ((3, 5, 9), " pictures", _blurred),
    "compression": ((38, 45), " crf", _compressed),
    "resolution": ((360, 240, 160), "p", lambda _, height_px: lambda picture, _: _limit_height(picture, height_px)),
}
"""Name → strengths, their unit, and the function that makes the change from a film's properties and a strength."""


class DisturbedFilm(VideoFile):
    """A film whose pictures are disturbed when they are read, such as darkened or shaken."""

    def __init__(self, path: Path, change: Change) -> None:
        """Open the film. Raises SourceError if it can't be read."""
        self._thin, self._change = _thinned(FPS), change
        super().__init__(path)

    def read(self) -> Frame | None:
        """Return the next frame, with its picture shrunk to HEIGHT_PX, if higher, and disturbed; None at the end.

        Frames above FPS a second, and frames that the disturbance drops, are skipped.
        """
        while (frame := super().read()) is not None:
            assert frame.picture is not None
            if self._thin(frame.picture, frame.t_s) is not None:
                picture = self._change(_limit_height(frame.picture), frame.t_s)
                if picture is not None:
                    return replace(frame, picture=picture)
        return None


SETS = ("reference", "good", "faulty", "neighbour")
COLUMNS = ("lifter", "exercise", "film", "set", "reps", "fault")
MARGIN = 0.15  # Margin around a neighbour's landmarks for hair and hands, as a share of their height
CLEAN = ("clean", 0.0)  # Name and strength that stand for no disturbance
NO_SCENE = FilmProperties(size_px=(2, 2), seconds=0.0, head=0.0, feet=1.0)  # of a clean film: nothing is drawn
NOSE, ANKLES = 0.88, 0.04  # Heights of the nose above the ankles, and of these above the soles, as shares of stature
JOINTS = [0, landmark.ANKLES[0]]  # Nose and an ankle
STANDS_PERCENT = 10  # Percentile of the nose's y over all frames that stands for standing upright
TWO_PERSON = ("neighbour", "walker")  # Disturbances that need a film of another person
Wanted = Sequence[tuple[str, float]]  # Disturbances with their strengths


class Film(NamedTuple):
    """A row of the table of films: a film with its lifter, exercise, set, number of reps and fault."""

    lifter: str
    exercise: str
    path: Path
    set: str  # One of SETS
    reps: int  # True number of reps
    fault: str  # Name of the fault; empty if there is none

    def label(self, judged: Sequence[RepCompleted]) -> list[KnownRep]:
        """Label counted reps as good, or with the film's fault, and add the film's other reps as not counted."""
        seen = [*judged, *[None] * (self.reps - len(judged))]
        return [KnownRep(event, self.set == "faulty", self.fault) for event in seen]


def read_films(table: Path, folder: Path) -> list[Film]:
    """Read a table of films, which docs/models.md describes.

    The films are not opened. Raises ConfigError if the table can't be read, a row is invalid, or a lifter with judged
    films does not have exactly one reference.
    """
    films = []
    for where, row in table_rows(table, COLUMNS):
        if row["set"] not in SETS:
            raise ConfigError(f"{where}: set is {row['set']!r}, expected one of {', '.join(SETS)}.")
        if not row["reps"].isdecimal():
            raise ConfigError(f"{where}: reps is {row['reps']!r}, expected a whole number.")
        path = folder / row["film"]
        films.append(Film(row["lifter"], row["exercise"], path, row["set"], int(row["reps"]), row["fault"]))
    for lifter in {film.lifter for film in films if film.set in ("good", "faulty")}:
        if [(film.lifter, film.set) for film in films].count((lifter, "reference")) != 1:
            raise ConfigError(f"{table}: {lifter} needs one film with the set `reference`.")
    return films


def parse_disturbances(names: Sequence[str], films: Sequence[Film]) -> Wanted:
    """Return the disturbances that names such as `roll` and `roll:6` stand for, with their strengths.

    A name without a strength stands for all strengths of the disturbance. No names stand for all disturbances that the
    films allow. Raises ConfigError if a name is unknown, its strength is no number or out of range, or it needs a film
    of a neighbour that `films` lack.
    """
    alone = all(film.set != "neighbour" for film in films)
    wanted = []
    for name in names or [name for name in DISTURBANCES if name != CLEAN[0] and not (alone and name in TWO_PERSON)]:
        kind, _, number = name.partition(":")
        if kind not in DISTURBANCES:
            raise ConfigError(f"{kind}: no such disturbance. Choose from {', '.join(DISTURBANCES)}.")
        if alone and kind in TWO_PERSON:
            raise ConfigError(f"{kind}: needs a film with the set `neighbour`. Add one to the table.")
        strengths = DISTURBANCES[kind][0]
        try:
            chosen = [float(number)] if number else strengths
        except ValueError:
            chosen = [float("nan")]
        if not all(min(strengths) <= strength <= max(strengths) for strength in chosen):
            raise ConfigError(f"{name}: the strength has to be a number from {min(strengths):g} to {max(strengths):g}.")
        wanted += [(kind, strength) for strength in chosen]
    return wanted


def measure_films(films: Sequence[Film], wanted: Wanted, cache: Cache, progress: ReportProgress) -> list[Table]:
    """Judge the good and the faulty films, clean and then disturbed, by each lifter's clean reference; return tables.

    Args:
        wanted: Disturbances with their strengths, in the order of the rows.

    Raises:
        ConfigError: Nobody is seen in a film that is to be disturbed.
        SourceError: A film can't be read.
    """
    observe = _Observing(films, cache)
    lifters = {
        film.lifter: KnownLifter(film.exercise, observe(film, *CLEAN), cache.pose)
        for film in films
        if film.set == "reference"
    }
    judged = [film for film in films if film.set in ("good", "faulty")]
    changes = []
    for number, (name, strength) in enumerate((CLEAN, *wanted)):
        progress(f"{name} {strength:g}", number / (1 + len(wanted)))
        outcomes = [
            lifters[film.lifter].judge_set(
                SetToJudge(film.path.stem, film.exercise, film.reps, observe(film, name, strength), film.label)
            )
            for film in judged
        ]
        unit = f"{strength:g}{DISTURBANCES[name][1]}" if name != CLEAN[0] else None
        changes.append(((name.replace("_", " "), unit), outcomes))
    return outcome_tables(f"Disturbed films, by profiles of clean ones, pose {cache.pose}", changes)


class _Observing:
    """Observes films, disturbed or clean. The cache keeps the observations: each film is observed once."""

    def __init__(self, films: Sequence[Film], cache: Cache) -> None:
        self._cache = cache
        self._neighbour = next((film for film in films if film.set == "neighbour"), None)

    def __call__(self, film: Film, name: str, strength: float) -> list[Observation]:
        def open_film() -> DisturbedFilm:
            scene = NO_SCENE if name == CLEAN[0] else self._scene(film)
            return DisturbedFilm(film.path, DISTURBANCES[name][2](scene, strength))

        return self._cache.observations_of(film.path, f"-{name}-{strength:g}", open_film)

    def _scene(self, film: Film) -> FilmProperties:
        seen = self(film, *CLEAN)
        if not any(observation.landmarks is not None for observation in seen):
            raise ConfigError(f"{film.path}: nobody is seen in it. Leave it out of the table.")
        size_px = seen[0].width_px, seen[0].height_px
        noses, ankles = np.array(
            [observation.landmarks[JOINTS, 1] for observation in seen if observation.landmarks is not None]
        ).T
        tall = float(np.median(ankles) - np.percentile(noses, STANDS_PERCENT)) / NOSE
        feet = float(np.median(ankles)) + ANKLES * tall
        neighbour = iter(()) if self._neighbour is None else self._cut_out(self._neighbour)
        return FilmProperties(
            size_px=size_px, seconds=seen[-1].t_s, head=max(feet - tall, 0.0), feet=min(feet, 1.0), neighbour=neighbour
        )

    def _cut_out(self, film: Film) -> Iterator[np.ndarray]:
        """Yield the part of each picture that shows the person, in an endless loop."""
        points = np.concatenate(
            [observation.landmarks[:, :2] for observation in self(film, *CLEAN) if observation.landmarks is not None]
        )
        (left, top), (right, bottom) = np.percentile(points, (1, 99), axis=0)
        margin = MARGIN * (bottom - top)
        while True:
            with closing(VideoFile(film.path)) as video:
                for frame in iter(video.read, None):
                    assert frame.picture is not None
                    picture = _limit_height(frame.picture)
                    height, width = picture.shape[:2]
                    low, high = (np.clip((at - margin, to + margin), 0, 1) for at, to in ((left, right), (top, bottom)))
                    x, y = (low * width).astype(int), (high * height).astype(int)
                    yield picture[y[0] : y[1], x[0] : x[1]]
