"""States the least amounts that a dataset must hold before a model is trained on it, and the amounts that it holds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.core.errors import SourceError
from livecoach.decisions.judging.fault_model import TRAINED_WITH
from livecoach.lab.dataset import PARTS, STAGES, Dataset, Reps
from livecoach.lab.train.evaluation import is_bad
from livecoach.lab.train.metric import LEAST_OWN, split_reference

LEAST_FRAMES = 100  # Least number of frames of each stage
LEAST_LIFTERS = 2  # Least number of lifters of the train part, whose differences are the scale of the very first rep
LEAST_SETS = 20  # Least number of sets of the train part that a scorer learns from
OWN_REPS = 4  # Number of reference reps of a set in the metric's training
SPLIT = "another split may: --test LIFTER or --seed of `livecoach lab dataset`"


class Requirement(NamedTuple):
    """An amount that a dataset must hold, and the amount that it holds."""

    amount_name: str  # Name of the amount, such as "lifters"
    have: int  # Amount that the dataset holds
    least: int  # Least amount that is enough
    help: str  # Smallest step that helps

    @property
    def text(self) -> str:
        """The amounts in words, such as "lifters: 2 of 3", with the step that helps if the dataset holds too little."""
        return f"{self.amount_name}: {self.have} of {self.least}" + (
            "" if self.have >= self.least else f" ({self.help})"
        )


def stage_requirements(dataset: Dataset) -> list[Requirement]:
    """Return the requirements of a stage model: lifters, and frames of both stages for training and for judging."""
    needs, frames = [_lifters(dataset, len(PARTS))], dataset.frames
    for stage in ("down", "up"):
        marked = frames.frame_lifters[frames.stages == STAGES.index(stage)].tolist()
        held = {name: marked.count(name) for name in dataset.parts}
        for part in ("train", "test"):
            needs.append(_need(dataset, f"frames marked {stage}", part, held, LEAST_FRAMES, "mark {n} more"))
    return needs


def scorer_requirements(dataset: Dataset, *, with_faults: bool) -> list[Requirement]:
    """Return the requirements of a scorer: lifters, and sets with good reps in each part of the dataset.

    The test part also needs a bad rep in a set with a good rep, if it has bad reps, or if the exercise has named faults
    (`with_faults`).
    """
    reps, whole, further = dataset.reps, OWN_REPS + 1, TRAINED_WITH + 1
    good = reps.select(reps.good)
    of_five, of_six = (_sets(dataset, good, count - 1, count - 1) for count in (whole, further))
    learned = sum(count for name, count in of_six.items() if dataset.parts[name] != "test")
    sets = len(set(dataset.reps_of_part("train").sets.tolist()))
    has_good = {name: int(name in good.lifters) for name in dataset.parts}
    learned_from = _sets(dataset, reps, OWN_REPS, LEAST_OWN)
    of_good = f"sets with {LEAST_OWN} reps labelled good"
    more = f"and one more rep (of {sets} in all)"
    needs = [
        _lifters(dataset, len(PARTS) + LEAST_LIFTERS - 1),
        _need(dataset, "lifters with reps labelled good", "train", has_good, LEAST_LIFTERS, "label reps of others"),
        _need(dataset, f"{of_good} {more}", "train", learned_from, LEAST_SETS, "label or record {n} more"),
        _need(dataset, f"sets with {whole} reps labelled good", "valid", of_five, 1, f"label a set of {whole}"),
        Requirement(
            f"sets with {further} reps labelled good in train and valid", learned, 1, f"label a set of {further}"
        ),
        _need(dataset, of_good, "test", _sets(dataset, good, 1, 1), 1, "label two reps of a set"),
    ]
    if with_faults or dataset.reps_of_part("test").bad.any():
        wanted = "label a bad rep of a set with a good one"
        needs.append(_need(dataset, "bad reps beside a good one", "test", _judged_bad(dataset), 1, wanted))
    return needs


def check_requirements(place: Path | None, model: str, needs: Sequence[Requirement]) -> None:
    """Raise SourceError if a dataset does not meet all requirements.

    Args:
        place: Folder of the dataset; None for synthetic sets, which nobody can label.
    """
    short = [need for need in needs if need.have < need.least]
    if short and place is None:
        found = "; ".join(f"{need.amount_name}: {need.have} of {need.least}" for need in short)
        raise SourceError(
            f"synthetic sets: too little for a {model}: {found}. Raise --lifters, and check that the synthetic lifter "
            "of the exercise's motion does its faults."
        )
    if short:
        raise SourceError(f"{place}: too little for a {model}: {'; '.join(need.text for need in short)}.")


def _lifters(dataset: Dataset, least: int) -> Requirement:
    help = "add recordings of other people, each in a folder of their name"
    return Requirement("lifters", len(dataset.parts), least, help)


def _need(dataset: Dataset, what: str, part: str, held: Mapping[str, int], least: int, help: str) -> Requirement:
    """Return the need of a part; {n} in `help` is the missing amount. With two lifters, another split may help."""
    have = sum(count for name, count in held.items() if dataset.parts[name] == part)
    enough = sum(count >= least for count in held.values()) >= 2
    return Requirement(f"{what} in {part}", have, least, SPLIT if enough else help.format(n=least - have))


def _sets(dataset: Dataset, reps: Reps, own: int, least: int) -> dict[str, int]:
    """Count each lifter's sets, by front leg, with `least` of `own` first good reps as reference, and another rep."""
    found = [reps.lifters[rest[0]] for first, rest in split_reference(reps, own) if len(first) >= least]
    return {name: found.count(name) for name in dataset.parts}


def _judged_bad(dataset: Dataset) -> dict[str, int]:
    """Count each lifter's bad reps that a good rep of their set can judge."""
    reps = dataset.reps
    judged = [rest for first, rest in split_reference(reps, 1) if len(first)]
    rows = np.concatenate(judged) if judged else np.zeros(0, int)
    found = reps.lifters[rows][is_bad(reps)[rows]].tolist()
    return {name: found.count(name) for name in dataset.parts}
