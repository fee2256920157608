"""The paths that `analyze --annotated` writes to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from livecoach.cli.arguments import files_in, stem
from livecoach.cli.output import check_apart
from livecoach.config.files import make_private_folder
from livecoach.errors import ConfigError, OutputError


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPaths:
    """Where the drawings of a recording go; None where there is none."""

    annotated: Path | None
    pictures: Path | None
    """Folder of its reps' pictures."""


@contextmanager
def created_folder(folder: Path) -> Iterator[None]:
    """Create a folder for annotated videos, and remove it afterwards if it is new and empty."""
    new = not folder.exists()
    try:
        make_private_folder(folder)
    except OSError as err:
        raise OutputError(
            f"{folder}: the folder can't be created ({err.strerror}). Choose another with --annotated."
        ) from err
    try:
        yield
    finally:
        if new and not any(folder.iterdir()):
            folder.rmdir()


def annotated_paths(annotated: Path | None, videos: tuple[Path, ...]) -> dict[Path, Path | None]:
    """Return the path of each video's annotated video.

    Raises ConfigError where the path does not name an MP4 file, OutputError where two videos would share a path.
    """
    if annotated is None:
        return dict.fromkeys(videos)
    if len(videos) == 1:
        if annotated.suffix.lower() != ".mp4":
            raise ConfigError(
                f"{annotated}: not the name of an MP4 file. Choose one that ends in .mp4 with --annotated."
            )
        check_apart(annotated, files_in(videos), "--annotated")
        return {videos[0]: annotated}
    outs: dict[Path, Path | None] = {}
    for video in videos:
        out = annotated / f"{stem(video)}-annotated.mp4"
        if out in outs.values():
            raise OutputError(f"{out}: two videos would share this file. Annotate them one by one.")
        check_apart(out, files_in(videos), "--annotated")
        outs[video] = out
    return outs
