"""How scorers that synthetic motion made judge real reps: alarms, hits and areas under the ROC.

Each kind is fitted on the good reps of a dataset's training lifters, and its limit is what 2 % of the calibrating
lifters' good reps are past. Judged are the real clips, by origin, and a depth camera's lifts put on judging bodies.
With own reps, these are the first good ones of the origin's other clips (which takes an origin for one lifter), or, in
tables of their own, of the clip itself. Nothing that ships is fitted to any of them.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from livecoach import assembly
from livecoach.assembly import Coach
from livecoach.errors import ConfigError
from livecoach.lab import dataset
from livecoach.lab.dataset import Dataset, Reps
from livecoach.lab.intervals import auroc_interval
from livecoach.lab.measure.alarms import auroc_within, factor, unseen_alarms
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_data import depth_camera_lifts
from livecoach.lab.measure.scorer_fits import (
    FittedScorer,
    against_everybody,
    against_first,
    against_other_clips,
    against_same_clip,
    all_fitted,
)
from livecoach.lab.measure.scorer_reps import clip_reps, lift_reps
from livecoach.lab.measure.table import Cell, Estimate, Progress, Rounded, Share, Table
from livecoach.lab.scorers.references import Comparison
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.retarget import VIEWS_DEG

OWN_VIEWS_DEG = (35.0, 55.0)
"""Views of lifts that are held against own ones: one body, from about one place."""
OWN = (3, 5)


def measure(exercise: str, data: Path, networks: bool, seed: int, cache: Cache, progress: Progress) -> list[Table]:
    """Fit all kinds on the dataset in the folder `data`, and judge real reps. Raises ConfigError."""
    loaded, coach = dataset.load(data), assembly.load(exercise)
    if loaded.exercise != exercise:
        raise ConfigError(f"{data}: is of {loaded.exercise}, not of {exercise}. Choose another --data.")
    reps, left_out = clip_reps(coach, cache, progress)
    lifts = exercise == "deadlift" and depth_camera_lifts().is_file()
    progress("fitting scorers", 0.0)
    kinds = list(all_fitted(loaded, 0, networks, seed))
    made_from = f"Scorers made from {int(loaded.part('train').good.sum())} synthetic good reps"
    tables = [
        _left_out(made_from, left_out),
        _judged("clips, without own reps", reps, against_everybody(reps), kinds, seed),
        _factors(reps, kinds),
        _clips(reps, kinds),
    ]
    if lifts:
        progress("lifts of the depth camera", 0.0)
        on_bodies = lift_reps(coach, JUDGING, VIEWS_DEG, seed)
        judged = against_everybody(on_bodies)
        tables.append(_judged("depth camera, judging bodies", on_bodies, judged, kinds, seed))
    return tables + list(_with_own_reps(loaded, coach, reps, lifts, seed, progress))


def _with_own_reps(
    data: Dataset, coach: Coach, reps: Reps, lifts: bool, seed: int, progress: Progress
) -> Iterator[Table]:
    for number, own in enumerate(OWN):
        progress(f"{own} own reps", number / len(OWN))
        kinds = list(all_fitted(data, own, False, seed))
        title = f"clips, {own} own reps of the origin's other clips"
        yield _judged(title, reps, against_other_clips(reps, own), kinds, seed)
        yield _judged(f"clips, {own} own reps of the same clip", reps, against_same_clip(reps, own), kinds, seed)
        if lifts:
            one_body = lift_reps(coach, JUDGING[:1], OWN_VIEWS_DEG, seed)
            title = f"depth camera, one body, {own} own lifts"
            yield _judged(title, one_body, against_first(one_body, own), kinds, seed)


def _left_out(title: str, notes: Sequence[str]) -> Table:
    rows: list[tuple[Cell, ...]] = [(note,) for note in notes]
    return Table(title=title, columns=("counted, but not judged",), rows=tuple(rows))


def _judged(title: str, reps: Reps, judged: Sequence[Comparison], kinds: Sequence[FittedScorer], seed: int) -> Table:
    """Alarms by origin, hits and areas of all kinds on one source of reps."""
    order = np.array([one.row for one in judged], int)
    good, origins = reps.good[order], reps.lifters[order]
    title = f"{title[0].upper()}{title[1:]}: {int(good.sum())} good, {int((~good).sum())} bad reps"
    names = np.unique(origins[good]).tolist()
    columns = ("scorer", *(f"alarms, {name}" for name in names), "alarms", "hits", "AUROC (95 %)", "within origins")
    if not good.any():
        return Table(title=title, columns=columns, rows=(), notes=("There is no good rep to judge.",))
    rows: list[tuple[Cell, ...]] = []
    for kind in kinds:
        scores = kind.scores(reps, judged)
        by_origin = [_past(scores[good & (origins == name)], 1) for name in names]
        areas = _areas(scores, good, origins, seed)
        rows.append((kind.title, *by_origin, _past(scores[good], 1), _past(scores[~good], 1), *areas))
    return Table(title=title, columns=columns, rows=tuple(rows))


def _past(scores: np.ndarray, limit: float) -> Share:
    return Share(int((scores > limit).sum()), len(scores))


def _areas(scores: np.ndarray, good: np.ndarray, origins: np.ndarray, seed: int) -> tuple[Cell, Cell]:
    if good.all():
        return None, None
    area = auroc_interval(scores[good], scores[~good], seed)
    within = auroc_within(scores[good], scores[~good], origins[good], origins[~good])
    return Estimate(area["value"], area["low"], area["high"]), Rounded(within, 3)


def _factors(reps: Reps, kinds: Sequence[FittedScorer]) -> Table:
    """Limits moved out until 5 % of the real good reps are past them, and what the other origins alone give."""
    judged = against_everybody(reps)
    order = np.array([one.row for one in judged])
    good, origins = reps.good[order], reps.lifters[order]
    rows: list[tuple[Cell, ...]] = []
    for kind in kinds:
        scores = kind.scores(reps, judged)
        wanted = factor(scores[good])
        unseen = Share(sum(unseen_alarms(scores[good], origins[good]).values()), int(good.sum()))
        hits = sum(bool(scores[i] > factor(scores[good & (origins != origins[i])])) for i in np.flatnonzero(~good))
        of_others = Share(hits, int((~good).sum()))
        rows.append((kind.title, Rounded(wanted, 2), _past(scores[~good], wanted), unseen, of_others))
    columns = ("scorer", "factor", "hits left", "alarms with the factor of other origins", "hits with it")
    return Table(
        title="Limits moved out until 5 % of the real good reps are past them", columns=columns, rows=tuple(rows)
    )


def _clips(reps: Reps, kinds: Sequence[FittedScorer]) -> Table:
    """Where good reps are far out: the median score of each clip's, in limits."""
    judged = against_everybody(reps)
    ordered = reps.some(np.array([one.row for one in judged]))
    scores = [kind.scores(reps, judged) for kind in kinds]
    rows: list[tuple[Cell, ...]] = []
    for clip in dict.fromkeys(ordered.sources[ordered.good].tolist()):
        here = ordered.good & (ordered.sources == clip)
        azimuth = Rounded(float(np.median(ordered.azimuths_deg[here])), 0, "°")
        long_s = Rounded(float(np.median(ordered.times_s[here, 2] - ordered.times_s[here, 0])), 1)
        medians = [Rounded(float(np.median(of_kind[here])), 2) for of_kind in scores]
        rows.append((clip, str(ordered.lifters[here][0]), int(here.sum()), azimuth, long_s, *medians))
    columns = ("clip", "origin", "reps", "azimuth", "rep, s", *(kind.title for kind in kinds))
    return Table(title="Good reps by clip: median score, in limits", columns=columns, rows=tuple(rows))
