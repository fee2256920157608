"""The folders that `analyze --pictures` writes to; nothing else is overwritten."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach.cli.arguments import stem
from livecoach.cli.options import say
from livecoach.cli.output import atomic_write, write_error
from livecoach.config.files import make_private_folder
from livecoach.errors import OutputError

if TYPE_CHECKING:
    from livecoach.assembly import Coach
    from livecoach.types import JudgedRep

OPTION = "--pictures"


def folders(place: Path | None, videos: Sequence[Path]) -> dict[Path, Path | None]:
    """Return the folder of each video's pictures: `place` itself for one video, subfolders for several.

    Raises OutputError where a path is not a folder, two videos would share it, or it contains pictures of reps already.
    """
    if place is None:
        return dict.fromkeys(videos)
    found: dict[Path, Path | None] = {}
    for video in videos:
        folder = place if len(videos) == 1 else place / stem(video)
        if folder in found.values():
            raise OutputError(f"{folder}: two videos would share this folder. Analyse them one by one.")
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder}: not a folder. Choose another with {OPTION}.")
        if folder.is_dir() and any(folder.glob("*rep-*.png")):
            raise OutputError(f"{folder}: contains pictures of reps already. Choose another folder with {OPTION}.")
        found[video] = folder
    return found


@contextmanager
def created_folders(place: Path | None, folders: Sequence[Path]) -> Iterator[None]:
    """Create the folders, and afterwards remove those that are new and empty."""
    wanted = [] if place is None else list(dict.fromkeys([place, *folders]))
    new: list[Path] = []
    try:
        for folder in wanted:
            if not folder.exists():
                _make(folder)
                new.append(folder)
        yield
    finally:
        for folder in reversed(new):
            if not any(folder.iterdir()):
                folder.rmdir()


def _make(folder: Path) -> None:
    try:
        make_private_folder(folder)
    except OSError as err:
        raise write_error(folder, OPTION, err) from err


@dataclass(kw_only=True)
class RepPictures:
    """Draws the judged reps of one recording."""

    folder: Path
    coaches: "Mapping[str, Coach]"
    """Coach of each exercise, by its name."""
    height_cm: float | None
    _seen: "list[JudgedRep]" = field(default_factory=list)

    def add(self, reps: Iterable["JudgedRep"]) -> None:
        """Remember the judged reps among `reps`."""
        self._seen.extend(judged for judged in reps if judged.rep.score is not None)

    def write(self) -> None:
        """Write set-1-rep-01.png and so on. Raises OutputError where that fails."""
        import cv2

        from livecoach.curves import rep_curve, rep_parts
        from livecoach.feedback.rep_picture import draw

        for judged in self._seen:
            rep, window = judged.rep, judged.window
            coach = self.coaches[rep.exercise or ""]
            curve = (
                None
                if window is None
                else rep_curve(rep, window, judged.against, coach.scorer.faults.table, self.height_cm)
            )
            of_set, number = rep.place
            path = self.folder / f"set-{of_set}-rep-{number:02d}.png"
            if curve is None:
                say(f"{path}: no picture, because the camera view is not known.")
                continue
            parts = rep_parts(coach.scorer.faults.table.travel, coach.exercise.turn)
            _, png = cv2.imencode(".png", draw(rep, curve, parts.ends))
            with atomic_write(path, OPTION) as part:
                part.write_bytes(png.tobytes())
