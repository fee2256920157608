"""Squats of the real clips, as pictures: they judge and never train."""

from collections.abc import Iterator

import numpy as np

from livecoach import assembly
from livecoach.lab.intervals import auroc
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_data import clips_folder, labelled_clips
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.lab.squat_picture import voting
from livecoach.lab.squat_picture.frames import GOOD
from livecoach.lab.squat_picture.model import SquatPictureModel
from livecoach.lab.squat_picture.synthetic import EXERCISE
from livecoach.lab.squat_picture.voting import POSE, VotedRep

BY_REP = "po_"
"""Beginning of the names of the clips whose reps are labelled one by one."""


def measure(model: SquatPictureModel, cache: Cache, seed: int, progress: Progress) -> list[Table]:
    """Judge the labelled squats by pictures, clip by clip, and compare with today's verdict at equal alarms."""
    reps = list(_reps(model, cache, progress))
    return [
        _clips(reps),
        voting.comparison("Real squats, all clips", [rep for _, rep in reps], seed, "origins"),
        voting.comparison(
            "Real squats whose reps are labelled one by one",
            [rep for clip, rep in reps if clip.startswith(BY_REP)],
            seed,
            "origin",
        ),
    ]


def _reps(model: SquatPictureModel, cache: Cache, progress: Progress) -> Iterator[tuple[str, VotedRep]]:
    coach = assembly.load(EXERCISE)
    clips = list(labelled_clips(coach.exercise))
    for number, clip in enumerate(clips):
        progress(f"judging {clip.name}", number / len(clips))
        for rep, score, odds in voting.voted(cache.observed(clips_folder() / clip.name, POSE), coach, model):
            label = clip.label(rep)
            if label is not None:
                name = clip.name.removesuffix(".mp4")
                yield name, VotedRep(score=score, log_odds=odds, label=label, lifter=clip.origin)


def _clips(reps: list[tuple[str, VotedRep]]) -> Table:
    """Return how many pictures and squats are right, by clip."""
    rows: list[tuple[Cell, ...]] = []
    names = sorted({clip for clip, _ in reps})
    groups = {name: [rep for clip, rep in reps if clip == name] for name in names}
    labelled = [rep for clip, rep in reps if clip.startswith(BY_REP)]
    for name, of_group in (*groups.items(), ("those labelled by rep", labelled), ("all", [rep for _, rep in reps])):
        rows.append((name, *_figures(of_group)))
    return Table(
        title="Pictures of real squats; above 0 log odds a squat is called bad",
        columns=("clip", "good", "bad", "pictures right", "squats right", "median log odds", "AUROC"),
        rows=tuple(rows),
        notes=("At a lower frame rate than 30 a second some of a squat's pictures are the same.",),
    )


def _figures(reps: list[VotedRep]) -> tuple[Cell, ...]:
    bad = np.array([rep.label != GOOD for rep in reps])
    odds = np.array([rep.log_odds for rep in reps]).reshape(len(reps), -1)
    of_squat = odds.mean(1) if odds.size else np.zeros(len(reps))
    right = (odds > 0) == bad[:, None]
    both = 0 < bad.sum() < len(bad)
    return (
        int((~bad).sum()),
        int(bad.sum()),
        Share(int(right.sum()), right.size),
        Share(int(((of_squat > 0) == bad).sum()), len(bad)),
        Rounded(float(np.median(of_squat)) if len(bad) else float("nan"), 2),
        Rounded(auroc(of_squat[~bad], of_squat[bad]) if both else float("nan"), 3),
    )
