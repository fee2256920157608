"""Where `analyze --annotated` writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from livecoach.cli.arguments import files_in, stem
from livecoach.cli.output import check_apart
from livecoach.errors import ConfigError, OutputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Outs:
    """Where what is drawn of a recording goes; None where it is not drawn."""

    annotated: Path | None
    pictures: Path | None
    """Folder of its reps' pictures."""


@contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """A folder for annotated videos; taken away again if it was made here and nothing came into it."""
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise OutputError(
            f"{folder}: is no folder for annotated videos ({err.strerror}). Choose another with --annotated."
        ) from err
    try:
        yield
    finally:
        if new and not any(folder.iterdir()):
            folder.rmdir()


def annotated_paths(annotated: Path | None, videos: tuple[Path, ...]) -> dict[Path, Path | None]:
    """Where each video's annotated one goes.

    Raises ConfigError where that is no name of an MP4 file, OutputError where it is the place of another.
    """
    if annotated is None:
        return dict.fromkeys(videos)
    if len(videos) == 1:
        if annotated.suffix.lower() != ".mp4":
            raise ConfigError(f"{annotated}: is no name of an MP4 file. Give --annotated one that ends in .mp4.")
        check_apart(annotated, files_in(videos), "--annotated")
        return {videos[0]: annotated}
    outs: dict[Path, Path | None] = {}
    for video in videos:
        out = annotated / f"{stem(video)}-annotated.mp4"
        if out in outs.values():
            raise OutputError(f"{out}: would be written for two of the videos. Annotate them one by one.")
        check_apart(out, files_in(videos), "--annotated")
        outs[video] = out
    return outs
