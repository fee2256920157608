"""A trained network of squat pictures: its folder, and its evaluation on squats of known label.

    MODEL/  model.json  network.tflite

`model.json` holds the digest of the network. No file can run code, as there is no pickle.

Pictures of one squat are alike, and so are squats of one lifter. Wilson's intervals assume independence, so intervals
of a bootstrap over lifters are given, too.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.errors import ModelError
from livecoach.lab.measure.table import RESAMPLES, Cell, Estimate, Rounded, Table, auroc, share_of
from livecoach.lab.model_files import CARD
from livecoach.lab.squat_picture.squats import FRAMES, PictureKind, SquatFrames, pose_picture
from livecoach.model_files import model_folder
from livecoach.model_files.model_folder import FORMAT, Format, read_model
from livecoach.model_files.tflite import TfliteNetwork

KIND = "squat picture"
NETWORK = "network.tflite"


@dataclass(frozen=True, slots=True, kw_only=True)
class SquatPictureCard:
    """The content of `model.json`."""

    format: Format
    kind: str
    picture: PictureKind
    files: dict[str, str]  # file name → SHA-256
    training: dict[str, Any]  # command, seed, number of lifters, squats and pictures
    metrics: dict[str, Any]  # figures on judging bodies


class SquatPictureModel:
    """A network of squat pictures, with its card."""

    def __init__(self, card: SquatPictureCard, network: TfliteNetwork) -> None:
        self.card, self._network = card, network
        self.kind = card.picture

    def log_odds(self, picture: np.ndarray) -> float:
        """Return the log odds that the squat in a picture (rows, columns, 1) uint8 is bad."""
        return float(self._network(picture[None].astype(np.float32) / 255)[0, 0])


def load(folder: Path) -> SquatPictureModel:
    """Load a model folder. Raises ModelError that names the file that is missing, changed or invalid."""
    path = folder / CARD
    card = read_model(path, SquatPictureCard)
    if card.kind != KIND:
        raise ModelError(
            f"{path}: kind is {card.kind!r}, expected {KIND!r}. Give a folder of `livecoach lab train squat-picture`."
        )
    network = folder / NETWORK
    model_folder.check(network, card.files.get(NETWORK), CARD)
    return SquatPictureModel(card, TfliteNetwork(network, (1, card.picture.rows, card.picture.columns, 1), (1, 1)))


def write_card(folder: Path, kind: PictureKind, training: dict[str, Any], metrics: dict[str, Any]) -> None:
    """Write CARD into a folder that holds NETWORK."""
    card = SquatPictureCard(
        format=FORMAT,
        kind=KIND,
        picture=kind,
        files={NETWORK: model_folder.sha256(folder / NETWORK)},
        training=training,
        metrics=metrics,
    )
    (folder / CARD).write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")


ALARMS = 0.02  # share of good squats above the limit at which faults are compared
LogOdds = Callable[[np.ndarray], float]  # returns the log odds that the squat in a picture is bad


def odds_of(squats: SquatFrames, kind: PictureKind, log_odds: LogOdds) -> np.ndarray:
    """Return (n, FRAMES) the log odds of all pictures of each squat."""
    odds = [[log_odds(pose_picture(pose, kind)) for pose in poses] for poses in squats.joints]
    return np.array(odds).reshape(len(squats), FRAMES)


def judge(squats: SquatFrames, odds: np.ndarray, seed: int = 0) -> list[Table]:
    """Return the figures. odds: as `odds_of` returns them; above 0 a picture is called bad."""
    bad, of_squat = squats.bad, odds.mean(1)
    right = (odds > 0) == bad[:, None]
    called_bad = of_squat > 0
    drawn = resampled(squats.lifters, bad, seed)

    def among_lifters(figure: Callable[[np.ndarray], float]) -> Estimate | None:
        values = [figure(some) for some in drawn]
        everybody = np.arange(len(squats))
        return Estimate(figure(everybody), *np.percentile(values, (2.5, 97.5)).tolist()) if values else None

    rows: list[tuple[Cell, ...]] = [
        ("pictures right", share_of(right), among_lifters(lambda some: float(right[some].mean()))),
        (
            "squats right, by the mean of their pictures",
            share_of(called_bad == bad),
            among_lifters(lambda some: float((called_bad[some] == bad[some]).mean())),
        ),
        ("good squats called bad", share_of(called_bad[~bad]), None),
        ("bad squats called good", share_of(~called_bad[bad]), None),
        ("AUROC", None, among_lifters(lambda some: auroc(of_squat[some][~bad[some]], of_squat[some][bad[some]]))),
    ]
    what = f"{(~bad).sum()} good and {bad.sum()} bad squats of {len(np.unique(squats.lifters))} lifters"
    faults = sorted(set(squats.labels[bad].tolist()))
    return [
        Table(title=what, columns=("what", "share", "lifters resampled"), rows=tuple(rows)),
        Table(
            title="By fault",
            columns=("fault", "called bad", "AUROC", f"past the limit of {ALARMS:.0%} of the good ones"),
            rows=tuple((name, *_of_fault(of_squat[~bad], of_squat[squats.labels == name])) for name in faults),
        ),
    ]


def _of_fault(good: np.ndarray, mine: np.ndarray) -> tuple[Cell, ...]:
    """Return how well squats with one fault are told from good ones. good, mine: log odds."""
    if not len(good):
        return share_of(mine > 0), None, None
    return share_of(mine > 0), Rounded(auroc(good, mine), 3), share_of(mine > np.quantile(good, 1 - ALARMS))


def resampled(lifters: np.ndarray, bad: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return the indices of reps for each draw of a bootstrap over lifters; draws without good or bad reps are left
    out."""
    rng = np.random.default_rng(seed)
    of_lifter = [np.flatnonzero(lifters == name) for name in np.unique(lifters)]
    count = len(of_lifter)
    drawn = (np.concatenate([of_lifter[k] for k in rng.integers(count, size=count)]) for _ in range(RESAMPLES))
    return [some for some in drawn if 0 < bad[some].sum() < len(some)]
