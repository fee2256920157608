"""How well the exercise is recognised: on real clips, on rendered sets, and on synthetic motion."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.table import Cell, Numbers, Progress, Share, Table
from livecoach.lab.recognition.beliefs import Outcome
from livecoach.lab.recognition.real_clips import RealClip, judged
from livecoach.recognition import model_file

NONE, UNSURE = "none of these", "not sure"
QUANTILES = (50, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A clip or set, with what became of it."""

    name: str
    group: str
    """Who and which camera it is of, or its sort."""
    labelled: str
    """As its origin says."""
    outcome: Outcome


def measure_real(clips: Sequence[RealClip], cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Return the tables of the real clips."""
    return tables("Real clips", judged_clips(clips, cache, pose, progress), details=True)


def judged_clips(clips: Sequence[RealClip], cache: Cache, pose: str, progress: Progress) -> list[Judged]:
    """Return what the shipped model makes of clips."""
    model, out = model_file.load(), []
    for number, clip in enumerate(clips):
        progress("clips", number / len(clips))
        observations = cache.observed(clip.path, pose)
        out.append(
            Judged(
                name=clip.path.name,
                group=clip.group,
                labelled=clip.labelled,
                outcome=judged(observations, clip.truth, model),
            )
        )
    return out


def tables(title: str, clips: Sequence[Judged], *, details: bool = False) -> list[Table]:
    """Return the shares, by exercise and by group, the confusion matrix and what went wrong."""
    names = sorted({one.outcome.truth for one in clips if one.outcome.truth is not None})
    out = [_shares(title, clips, names), confusion(title, clips, names)]
    if details:
        out += [_by_group(title, clips), _wrong(title, clips)]
    return out


def _shares(title: str, clips: Sequence[Judged], names: Sequence[str]) -> Table:
    within = [one for one in clips if one.outcome.truth is not None]
    others = [one for one in clips if one.outcome.truth is None]
    rows = [_row("in the classes", within)]
    rows += [_row(name, [one for one in within if one.outcome.truth == name]) for name in names]
    rows += [_row("none of these", others)]
    return Table(
        title=f"{title}: right",
        columns=(
            "what",
            "right",
            "sure of another",
            "not sure",
            "first sure is right",
            "first sure is another",
            "known after the first turn, s: median, p90",
        ),
        rows=tuple(rows),
        notes=(
            "Right: sure and right at the end of the first rep; of none of these, never sure of an exercise.",
            "First sure: the exercise that is sure before any other, at any time of the clip.",
        ),
    )


def _row(what: str, clips: Sequence[Judged]) -> tuple[Cell, ...]:
    outcomes = [one.outcome for one in clips]
    after_s = [one.known_after_s for one in outcomes if one.known_after_s is not None]
    wrong = sum(one.sure and not one.right for one in outcomes)
    return (
        what,
        Share(sum(one.right for one in outcomes), len(outcomes)),
        Share(wrong, len(outcomes)),
        Share(sum(not one.sure for one in outcomes), len(outcomes)),
        Share(sum(one.first_sure == one.truth for one in outcomes), len(outcomes)),
        Share(sum(one.first_sure not in (None, one.truth) for one in outcomes), len(outcomes)),
        Numbers(tuple(float(np.percentile(after_s, q)) for q in QUANTILES), 2) if after_s else None,
    )


def _by_group(title: str, clips: Sequence[Judged]) -> Table:
    groups = sorted({one.group for one in clips})
    rows: list[tuple[Cell, ...]] = []
    for group in groups:
        of_group = [one for one in clips if one.group == group]
        within = [one for one in of_group if one.outcome.truth is not None]
        others = [one for one in of_group if one.outcome.truth is None]
        rows.append(
            (
                group,
                Share(sum(one.outcome.right for one in within), len(within)) if within else None,
                Share(sum(one.outcome.right for one in others), len(others)) if others else None,
            )
        )
    return Table(title=f"{title}: by origin", columns=("clips", "right", "refused"), rows=tuple(rows))


def said_of(outcome: Outcome) -> str:
    """Return what is said of a clip in the confusion matrix."""
    return (outcome.said or NONE) if outcome.sure else UNSURE


def confusion(title: str, clips: Sequence[Judged], names: Sequence[str]) -> Table:
    """Return the table of what is said of what."""
    said = sorted({said_of(one.outcome) for one in clips} - {UNSURE})
    columns = [*said, UNSURE]
    rows: list[tuple[Cell, ...]] = []
    for truth in [*names, None]:
        of_truth = [said_of(one.outcome) for one in clips if one.outcome.truth == truth]
        rows.append((truth or NONE, *(of_truth.count(column) for column in columns)))
    return Table(title=f"{title}: confusion", columns=("truth", *columns), rows=tuple(rows))


def _wrong(title: str, clips: Sequence[Judged]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (one.name, one.labelled, said_of(one.outcome), one.outcome.said or NONE)
        for one in clips
        if not one.outcome.right
    ]
    return Table(title=f"{title}: not right", columns=("clip", "labelled", "said", "likeliest"), rows=tuple(rows))
