"""Measures whether verdicts hold for disturbed films, which a profile of a clean film judges.

The table of films has a row for each film, with these columns:

- lifter: name of the lifter.
- exercise: name of the exercise.
- film: name of the file in the folder of the films.
- set: `reference` for the good set that the profile learns from; `good` or `faulty` for a set that is judged;
  `neighbour` for a person who is put into the pictures of all lifters.
- reps: number of reps in the film.
- fault: name of the fault of a faulty set, if it has one.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.capture.file import VideoFile
from livecoach.core import landmark
from livecoach.core.errors import ConfigError
from livecoach.core.types import Observation, Rep
from livecoach.lab.disturbances import DISTURBANCES, DisturbedFilm, FilmProperties, limit_height
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.changed_camera import ChangedSet, KnownLifter, outcome_tables
from livecoach.lab.measure.judge_sets import KnownRep
from livecoach.lab.measure.real_clips import table_rows
from livecoach.lab.measure.table import Table
from livecoach.lab.processes import ReportProgress

SETS = ("reference", "good", "faulty", "neighbour")
COLUMNS = ("lifter", "exercise", "film", "set", "reps", "fault")
MARGIN = 0.15  # Margin around a neighbour's landmarks for hair and hands, as a share of their height
CLEAN = ("clean", 0.0)  # Name and strength that stand for no disturbance
NO_SCENE = FilmProperties(
    size_px=(2, 2), seconds=0.0, head=0.0, feet=1.0
)  # FilmProperties of a clean film, in which nothing is drawn
NOSE, ANKLES = 0.88, 0.04  # Heights of the nose above the ankles, and of these above the soles, as shares of stature
JOINTS = [0, landmark.ANKLES[0]]  # Nose and an ankle
STANDS_PERCENT = 10  # Percentile of the nose's y over all frames that stands for standing upright
OF_TWO = ("neighbour", "walker")  # Disturbances that need a film of another person
Wanted = Sequence[tuple[str, float]]  # Disturbances with their strengths


class Film(NamedTuple):
    """A film in a table of films, with its lifter, exercise, number of reps and fault."""

    lifter: str
    exercise: str
    path: Path
    set: str
    reps: int
    fault: str  # Name of the fault; empty if there is none

    def label(self, reps: Sequence[Rep]) -> list[KnownRep]:
        """Return the reps of the film with their labels: all are good, or all have the film's fault."""
        return [KnownRep(rep, self.set == "faulty", self.fault) for rep in reps]


def read_films(table: Path, folder: Path) -> list[Film]:
    """Read a table of films. Raises ConfigError if a row is invalid or a lifter lacks a reference."""
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
    """Parse names of disturbances such as `roll` and `roll:6`; without names, return all that the films allow.

    Raises:
        ConfigError: A name is unknown, or its strength is out of range.
    """
    alone = all(film.set != "neighbour" for film in films)
    wanted = []
    for name in names or [name for name in DISTURBANCES if name != CLEAN[0] and not (alone and name in OF_TWO)]:
        kind, _, number = name.partition(":")
        if kind not in DISTURBANCES:
            raise ConfigError(f"{kind}: no such disturbance. Choose from {', '.join(DISTURBANCES)}.")
        if alone and kind in OF_TWO:
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


def measure_disturbed(films: Sequence[Film], wanted: Wanted, cache: Cache, progress: ReportProgress) -> list[Table]:
    """Judge clean films, then disturbed films, by the clean reference of each lifter, and return tables."""
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
                ChangedSet(film.path.stem, film.exercise, film.reps, observe(film, name, strength), film.label)
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
                    picture = limit_height(frame.picture)
                    height, width = picture.shape[:2]
                    low, high = (np.clip((at - margin, to + margin), 0, 1) for at, to in ((left, right), (top, bottom)))
                    x, y = (low * width).astype(int), (high * height).astype(int)
                    yield picture[y[0] : y[1], x[0] : x[1]]
