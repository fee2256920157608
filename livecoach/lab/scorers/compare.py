"""Compares scorers: trained on good reps of some lifters, with limits from others, evaluated on yet others.

Scorers know none, some or many of the lifter's own good reps of other sets. A share ALARMS of the good reps of the
calibration lifters exceeds the limit; no lifter, camera or body is used for both training and evaluation.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from livecoach.lab.dataset import Reps
from livecoach.lab.intervals import auroc, share
from livecoach.lab.scorers.kinds import SIMPLE, Directions, ScorerKind
from livecoach.lab.scorers.references import Comparison, comparisons, differences

ALARMS = 0.02
OWN = (0, 3, 5, 10, 20)
USUAL_OWN = 5
MOST_TRAINED = 12
"""Most own reps during training, half of a training lifter's, so that enough remain to learn from."""
OF_THIS_SET = 3
BAD = 0.5
"""Severity from which a rep counts as bad; reps with lower severities above 0 are ignored."""
RESAMPLES = 500
BANDS_DEG = (0, 20, 40, 65, 100)
TRAJECTORIES, TENSORS = "way of the joints", "directions of movement"
VALUES: dict[str, Callable[[Reps], np.ndarray]] = {
    TRAJECTORIES: lambda reps: reps.forms.astype(np.float64),
    TENSORS: lambda reps: reps.tensors.reshape(len(reps), -1).astype(np.float64),
}
"""Representations of a rep: positions of the joints, or their directions of motion as in the dissertation."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Reps for training, calibration and evaluation, of disjoint lifters."""

    train: Reps
    valid: Reps
    test: Reps


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How many own reps a scorer knows."""

    own: int
    now: int = 0
    """Number of good reps of the same set."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """The scores of the test reps; the limit is 1."""

    kind: str
    values: str
    setting: Setting
    scores: np.ndarray
    rows: np.ndarray
    """(m,) rows of the test reps."""


def run(parts: Split, values: str, setting: Setting, kind: ScorerKind) -> Outcome | None:
    """Fit a scorer, set its limit and score the test reps; None if the setting leaves no reps to judge."""
    represent = VALUES[values]
    trained = comparisons(parts.train, min(setting.own, MOST_TRAINED), now=setting.now)
    good = [one for one in trained if parts.train.good[one.row]]
    limiting = [one for one in _judged(parts.valid, setting) if parts.valid.good[one.row]]
    judged = _judged(parts.test, setting)
    rows = _rows(judged)
    if not good or not limiting or not (parts.test.good[rows].any() and parts.test.bad[rows].any()):
        return None
    kind.fit(differences(represent(parts.train), good), _lifters(parts.train, represent(parts.train)))
    limit = np.quantile(kind.scores(differences(represent(parts.valid), limiting)), 1 - ALARMS)
    scores = kind.scores(differences(represent(parts.test), judged)) / limit
    return Outcome(kind=kind.name, values=values, setting=setting, scores=scores, rows=rows)


COMPARED = 2 * (2 * len(SIMPLE) + 3) + len(OWN) - 2 + len(SIMPLE)
"""Largest number of outcomes of `compared`."""


def reserved_for(reps: Reps) -> int:
    """Return the largest number in OWN for which good and bad reps of other sets remain to be judged."""
    for own in sorted(OWN, reverse=True):
        rows = _rows(comparisons(reps, 0, reserved=own))
        if reps.good[rows].any() and reps.bad[rows].any():
            return own
    return 0


def judged_rows(reps: Reps) -> np.ndarray:
    """Return the rows of the reps to judge: those of sets that supply no own reps in any setting."""
    return _rows(comparisons(reps, 0, reserved=reserved_for(reps)))


def compare_scorers(parts: Split, seed: int) -> Iterator[Outcome]:
    """Yield the outcomes of all scorers with 0 and USUAL_OWN own reps, and of further settings for some."""
    from livecoach.lab.scorers.autoencoder import LatentDensity, Reconstruction
    from livecoach.lab.scorers.recurrent import Recurrent

    asked: list[tuple[str, Setting, Callable[[], ScorerKind]]] = []
    for own in (0, USUAL_OWN):
        setting = Setting(own=own)
        asked += [(values, setting, kind) for values in (TRAJECTORIES, TENSORS) for kind in SIMPLE]
        asked += [(TENSORS, setting, partial(kind, seed)) for kind in (LatentDensity, Reconstruction)]
        asked.append((TRAJECTORIES, setting, partial(Recurrent, seed)))
    asked += [(TRAJECTORIES, Setting(own=own), Directions) for own in OWN if own not in (0, USUAL_OWN)]
    asked += [(TRAJECTORIES, Setting(own=USUAL_OWN, now=OF_THIS_SET), kind) for kind in SIMPLE]
    for values, setting, kind in asked:
        outcome = run(parts, values, setting, kind())
        if outcome is not None:
            yield outcome


def figures(test: Reps, outcome: Outcome, seed: int) -> dict[str, Any]:
    """Return the AUROC of bad against good reps, and the alarms and hits at the limit."""
    good, bad = good_and_bad(test, outcome)
    scores = outcome.scores
    return {
        "kind": outcome.kind,
        "values": outcome.values,
        "own": outcome.setting.own,
        "of_this_set": outcome.setting.now,
        "auroc": auroc_by_lifter(scores, good, bad, test.lifters[outcome.rows], seed),
        "alarms": share(scores[good] > 1),
        "hits": share(scores[bad] > 1),
    }


def by_group(test: Reps, outcome: Outcome, seed: int) -> dict[str, dict[str, Any]]:
    """Return the figures by fault, by severity, and by azimuth."""
    good, bad = good_and_bad(test, outcome)
    labels, azimuths = test.labels[outcome.rows], test.azimuths_deg[outcome.rows]
    severities, lifters = test.severities[outcome.rows], test.lifters[outcome.rows]
    wrong = bad | ((severities > 0) & test.bad[outcome.rows])
    groups = {f"fault {name}": (good, bad & (labels == name)) for name in np.unique(labels[bad]) if "+" not in name}
    groups["several faults"] = good, bad & np.char.count(labels.astype(str), "+").astype(bool)
    for low, high in ((0.0, 0.5), (0.5, 0.75), (0.75, 1.01)):
        groups[f"severity {low:g} to {min(high, 1):g}"] = good, wrong & (severities >= low) & (severities < high)
    for low, high in pairwise(BANDS_DEG):
        there = (azimuths >= low) & (azimuths < high)
        groups[f"azimuth {low} to {high}"] = good & there, bad & there
    return {
        name: {
            "auroc": auroc_by_lifter(outcome.scores, ok, ill, lifters, seed),
            "alarms": share(outcome.scores[ok] > 1),
            "hits": share(outcome.scores[ill] > 1),
        }
        for name, (ok, ill) in groups.items()
        if ok.any() and ill.any()
    }


def good_and_bad(test: Reps, outcome: Outcome) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows of an outcome are good and which are bad, (m,) each."""
    severe = ~(test.severities[outcome.rows] < BAD)  # an unmeasured severity counts as bad
    return test.good[outcome.rows], test.bad[outcome.rows] & severe


def auroc_by_lifter(
    scores: np.ndarray, good: np.ndarray, bad: np.ndarray, lifters: np.ndarray, seed: int
) -> dict[str, float | int]:
    """Return the AUROC with its 95 % bootstrap interval; lifters are resampled, as reps of one lifter are alike."""
    rows = [np.flatnonzero(lifters == one) for one in np.unique(lifters)]
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES):
        some = np.concatenate([rows[i] for i in rng.integers(len(rows), size=len(rows))])
        if good[some].any() and bad[some].any():
            drawn.append(auroc(scores[some][good[some]], scores[some][bad[some]]))
    low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (0.0, 1.0)
    return {
        "good": int(good.sum()),
        "bad": int(bad.sum()),
        "lifters": len(rows),
        "value": round(auroc(scores[good], scores[bad]), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }


def _judged(reps: Reps, setting: Setting) -> list[Comparison]:
    return comparisons(reps, setting.own, reserved=reserved_for(reps), now=setting.now)


def _rows(judged: Sequence[Comparison]) -> np.ndarray:
    return np.array([one.row for one in judged], int)


def _lifters(reps: Reps, values: np.ndarray) -> np.ndarray:
    return np.stack([values[reps.good & (reps.lifters == one)].mean(0) for one in np.unique(reps.lifters[reps.good])])
