"""Writes model folders: new files replace old files once all are complete, and a card holds the digests."""

import filecmp
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.core.errors import ConfigError, ModelError, OutputError
from livecoach.core.model_files.model_folder import FORMAT

CARD = "model.json"


@contextmanager
def new_files(folder: Path, card: str = CARD, known_names: Collection[str] = ()) -> Iterator[Path]:
    """Yield an empty folder for new files, and move the files into `folder` when the block succeeds.

    `folder` may be missing. If the block fails, `folder` stays as it is.

    Args:
        card: Name of the card, which holds the digests and is replaced last.
        known_names: Names of all files of this kind of model. Old files that the new model lacks are deleted.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
        yield Path(made)
        folder.mkdir(exist_ok=True)
        written = sorted(Path(made).iterdir(), key=lambda path: path.name == card)
        for name in set(known_names) - {path.name for path in written}:
            (folder / name).unlink(missing_ok=True)
        for path in written:
            path.replace(folder / path.name)


def write_networks(
    folder: Path, card: str, networks: dict[str, bytes], training: dict[str, Any], metrics: dict[str, Any]
) -> None:
    """Write networks into a folder, with a card that holds their digests, training and metrics.

    Files of the same names are replaced after all new files are complete.
    """
    files = {name: hashlib.sha256(content).hexdigest() for name, content in networks.items()}
    described = {"format": FORMAT, "files": files, "training": training, "metrics": metrics}
    with new_files(folder, card) as made:
        for name, content in networks.items():
            (made / name).write_bytes(content)
        (made / card).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


def check_output_folder(folder: Path, content: str, is_expected: Callable[[Path], bool]) -> None:
    """Raise OutputError if a folder can't be made or written, or holds content of another kind.

    Commands call this before the work begins. A missing folder is not left behind.

    Args:
        content: Words for the expected content.
        is_expected: Returns whether a folder holds the expected content; not called for an empty or missing folder.
    """
    try:
        held = list(folder.iterdir())
    except FileNotFoundError:
        held = []
    except OSError as err:  # a file, a name that is too long, a folder that can't be read
        raise OutputError(f"{folder}: can't be written ({err.strerror}). Choose another --out.") from err
    if held and not is_expected(folder):
        raise OutputError(f"{folder}: exists and holds no {content}. Choose another --out.")
    missing = [path for path in (folder.absolute(), *folder.absolute().parents) if not os.path.lexists(path)]
    try:  # Windows finds out that a name is too long only when it makes the folder
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise OutputError(f"{folder}: can't be written ({err.strerror}). Choose another --out.") from err
    finally:
        for path in missing:
            with suppress(OSError):
                path.rmdir()
    if not missing and not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: can't be written (permission denied). Choose another --out.")


def check_replacing(folder: Path, files: Iterable[str], replace: bool, shipped: Path | None = None) -> None:
    """Raise ConfigError if training would replace files of a model, unless `replace` is set.

    Args:
        files: Names of the files that training would write.
        shipped: Folder of the shipped model; None without a shipped model. Copies of its files in another folder may
            be replaced.
    """
    held = [name for name in files if (folder / name).is_file()]
    if shipped is not None and os.path.realpath(folder) != os.path.realpath(shipped):
        _, differing, missing = filecmp.cmpfiles(folder, shipped, held, shallow=False)
        held = differing + missing
    if held and not replace:
        raise ConfigError(
            f"{folder}: a model is there ({', '.join(held)}). "
            "Name another place with --out, or replace it with --replace."
        )


def model_kind(folder: Path) -> object:
    """Return the kind in the card of a model folder, even of a damaged model; None without a card that has a kind."""
    try:
        card = json.loads((folder / CARD).read_bytes())
    except (OSError, ValueError):
        return None
    return card.get("kind") if isinstance(card, dict) else None


AGREEMENT = 1e-4  # Largest allowed difference between the outputs of TFLite and of the trained network


def check_difference(lite: np.ndarray, trained: np.ndarray) -> float:
    """Return the largest difference between equally shaped outputs of TFLite and PyTorch.

    Raises ModelError if the difference is above AGREEMENT.
    """
    largest = float(np.abs(lite - trained).max())
    if not largest <= AGREEMENT:  # true for NaN, too
        raise ModelError(f"TFLite and PyTorch differ by {largest:.1g}, more than {AGREEMENT:g}. Nothing was written.")
    return largest
