"""Measures whether verdicts hold for disturbed films, which are judged by a profile of a clean film.

The table of films has a row for each film, with these columns:

- lifter: name of the lifter.
- exercise: name of the exercise.
- film: name of the file in the folder of the films.
- set: `reference` for the good set that the profile learns from; `good` or `faulty` for a set that is judged;
  `neighbour` for a person who is put into the pictures of all lifters.
- reps: number of reps in the film.
- fault: name of the fault of a faulty set, if it has one.

A rep is judged if it has a score and, in a faulty set, its fault could be checked.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.capture.file import VideoFile
from livecoach.core import landmark
from livecoach.core.documents import AUTO, PartialRepEvent, SetEndEvent, WarningEvent
from livecoach.core.errors import ConfigError
from livecoach.core.types import Observation, Rep, RepWindow
from livecoach.decisions import assembly
from livecoach.decisions.pipeline import Pipeline
from livecoach.lab.disturbances import DISTURBANCES, DisturbedFilm, FilmProperties, shrunk
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.judge_sets import Judge
from livecoach.lab.measure.real_clips import table_rows
from livecoach.lab.measure.table import Cell, Share, Table
from livecoach.lab.processes import ReportProgress
from livecoach.run.coached import steps

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
    """A film of the table."""

    lifter: str
    exercise: str
    path: Path
    set: str
    reps: int
    fault: str  # Name of the fault; empty if there is none


class Outcome(NamedTuple):
    """The figures of a disturbed film."""

    film: Film
    others: Counter[str]  # Other exercises that reps were counted as
    counted: int
    judged: int
    flagged: int
    messages: Counter[str]


def films_of(table: Path, folder: Path) -> list[Film]:
    """Read a table of films. Raises ConfigError that names the row at fault."""
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


def wanted_of(names: Sequence[str], films: Sequence[Film]) -> Wanted:
    """Return disturbances by names such as `roll` and `roll:6`; without names, all disturbances that the films allow.

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


def measure(films: Sequence[Film], wanted: Wanted, cache: Cache, progress: ReportProgress) -> list[Table]:
    """Judge the disturbed good and faulty films by the clean reference of each lifter, after the clean films."""
    observe, coach = _Observing(films, cache), assembly.load(AUTO)
    known = {film.lifter: _learned(film, observe(film, *CLEAN)) for film in films if film.set == "reference"}
    judged = [film for film in films if film.set in ("good", "faulty")]
    of_clean: dict[Path, Counter[str]] = {}
    rows, each = list[tuple[Cell, ...]](), list[tuple[Cell, ...]]()
    for number, (name, strength) in enumerate((CLEAN, *wanted)):
        progress(f"{name} {strength:g}", number / (1 + len(wanted)))
        outcomes = [
            _outcome(film, coach.pipeline(known[film.lifter], pose=cache.pose), observe(film, name, strength))
            for film in judged
        ]
        of_clean = of_clean or {outcome.film.path: outcome.messages for outcome in outcomes}
        called = (name.replace("_", " "), f"{strength:g}{DISTURBANCES[name][1]}" if name != CLEAN[0] else None)
        rows.append((*called, *_cells(outcomes, of_clean)))
        each += [(*called, outcome.film.path.stem, *_cells([outcome], of_clean)) for outcome in outcomes]
    columns = (
        "counted",
        "faulty flagged",
        "alarms",
        "not judged",
        "as another exercise",
        "said, not of the clean film",
    )
    title = f"Disturbed films, by profiles of clean ones, pose {cache.pose}"
    which = ("disturbance", "strength")
    return [
        Table(title=title, columns=(*which, *columns), rows=tuple(rows)),
        Table(title="Film by film", columns=(*which, "film", *columns), rows=tuple(each)),
    ]


def _cells(outcomes: Sequence[Outcome], of_clean: Mapping[Path, Counter[str]]) -> Iterator[Cell]:
    counted = sum(outcome.counted for outcome in outcomes)
    yield f"{counted} of {sum(outcome.film.reps for outcome in outcomes)}"
    for kind in ("faulty", "good"):
        of_kind = [outcome for outcome in outcomes if outcome.film.set == kind]
        yield Share(sum(outcome.flagged for outcome in of_kind), sum(outcome.judged for outcome in of_kind))
    yield counted - sum(outcome.judged for outcome in outcomes)
    yield _listed(outcome.others for outcome in outcomes)
    yield _listed(
        Counter({text: n for text, n in outcome.messages.items() if text not in of_clean[outcome.film.path]})
        for outcome in outcomes
    )


def _listed(counts: Iterable[Counter[str]]) -> str | None:
    every = sum(counts, Counter[str]()).most_common()
    return "; ".join(f"{text} ({n})" if n > 1 else text for text, n in every) or None


class _Observing:
    """Observes films, disturbed or clean. The cache keeps the observations, so that each film is observed once."""

    def __init__(self, films: Sequence[Film], cache: Cache) -> None:
        self._cache = cache
        self._neighbour = next((film for film in films if film.set == "neighbour"), None)

    def __call__(self, film: Film, name: str, strength: float) -> list[Observation]:
        def open_film() -> DisturbedFilm:
            scene = NO_SCENE if name == CLEAN[0] else self._scene(film)
            return DisturbedFilm(film.path, DISTURBANCES[name][2](scene, strength))

        return self._cache.observed(film.path, f"-{name}-{strength:g}", open_film)

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
                    picture = shrunk(frame.picture)
                    height, width = picture.shape[:2]
                    low, high = (np.clip((at - margin, to + margin), 0, 1) for at, to in ((left, right), (top, bottom)))
                    x, y = (low * width).astype(int), (high * height).astype(int)
                    yield picture[y[0] : y[1], x[0] : x[1]]


def _learned(film: Film, seen: Sequence[Observation]) -> Sequence[RepWindow]:
    judge = Judge(assembly.load(film.exercise))
    return judge.known(judge.session(seen))


def _outcome(film: Film, pipeline: Pipeline, seen: Sequence[Observation]) -> Outcome:
    reps, messages, hint = list[Rep](), Counter[str](), None
    for step in steps(pipeline, seen):
        reps = [*step.remaining(reps), *step.reps]
        messages.update(str(event.text) for event in step.events_of(WarningEvent) if event.active)
        if step.place.hint is not None and step.place.hint != hint:
            messages[f"hint: {step.place.hint.text}"] += not step.place.hint.done
        hint = step.place.hint
        messages.update(f"part of a rep: {event.partial_rep.reason}" for event in step.events_of(PartialRepEvent))
        for ending in step.events_of(SetEndEvent):
            messages.update(() if ending.summary is None else map(str, ending.summary.notes))
    hidden = [next((fault.reason for fault in rep.not_visible if fault.name == film.fault), None) for rep in reps]
    messages.update(
        f"not judged: {rep.unsure or why}" for rep, why in zip(reps, hidden, strict=True) if rep.unsure or why
    )
    judged = [rep for rep, why in zip(reps, hidden, strict=True) if rep.score is not None and why is None]
    return Outcome(
        film=film,
        others=Counter(rep.exercise for rep in reps if rep.exercise != film.exercise),
        counted=len(reps),
        judged=len(judged),
        flagged=sum(rep.verdict == "anomalous" for rep in judged),
        messages=messages,
    )
