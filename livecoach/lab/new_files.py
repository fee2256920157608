"""The files of a model's folder are replaced together: nothing is when making them fails or is interrupted."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def new_files(folder: Path, card: str) -> Iterator[Path]:
    """Yield an empty folder beside `folder`; when the block ends well, its files take their places in `folder`.

    card: name of the file with the digests of the others, which comes last.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
        yield Path(made)
        folder.mkdir(exist_ok=True)
        for path in sorted(Path(made).iterdir(), key=lambda path: path.name == card):
            path.replace(folder / path.name)
