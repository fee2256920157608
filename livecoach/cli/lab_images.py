"""The work of `livecoach train scorer --images` and `livecoach evaluate --images`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livecoach.cli.options import say

if TYPE_CHECKING:
    from livecoach.lab.images.model import ImageCard, Method


def train_images(
    train: Path,
    valid: Path | None,
    method: "Method",
    out: Path,
    seed: int,
    progress: Callable[[float], object],
) -> "ImageCard":
    """Train a scorer of rep images on a folder of good ones, and write it to the folder `out`.

    valid: a folder of other good images, to measure how many are flagged. progress: called with the share done, 0…1.
    Raises LivecoachError; then, and on Ctrl-C, `out` is unchanged.
    """
    from livecoach.lab.images import pictures, training

    images = pictures.read_images(train)
    more = None if valid is None else pictures.read_images(valid)
    try:
        return training.train(images, more, method, out, seed, progress)
    except KeyboardInterrupt:
        say(f"interrupted; {out} is unchanged")
        raise


def evaluate_images(good: Path, bad: Path, model: Path) -> dict[str, Any]:
    """Judge a folder of good and one of bad rep images, as the JSON of `livecoach evaluate`. Raises LivecoachError."""
    from livecoach.lab.images import pictures
    from livecoach.lab.images.model import judge, load

    scorer = load(model)
    return judge(pictures.read_images(good), pictures.read_images(bad), scorer)


def trained_text(card: "ImageCard", out: Path) -> str:
    """Return the message about a trained scorer."""
    facts, left_out = card.training, card.metrics["left_out"]["flagged"]
    lines = [
        f"{out}: scorer of rep images, method {card.method}, of {facts['images']} images of {facts['videos']} videos.",
        f"Good images of videos left out that it flags: {_flagged(left_out)}.",
    ]
    if "valid" in card.metrics:
        lines.append(f"Of --valid: {_flagged(card.metrics['valid']['flagged'])}.")
        if repeated := card.metrics["valid"]["of_training"]:
            lines.append(f"{repeated} of the images of --valid are among those it was trained on.")
    return "\n".join(lines)


def judged_text(judged: dict[str, Any]) -> str:
    """Return the table that is shown without --json."""
    from livecoach.lab.images.model import table

    return table(judged)


def _flagged(share: dict[str, Any]) -> str:
    return f"{share['hits']} of {share['of']} ({share['low']:.3f}-{share['high']:.3f})"
