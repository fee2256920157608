"""The files that `analyze` draws: annotated videos, and folders of pictures that explain verdicts."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from livecoach.assembly import Coach
from livecoach.cli.arguments import files_in, stem
from livecoach.cli.options import say
from livecoach.cli.output import atomic_write, check_writable, write_error
from livecoach.config.files import make_private_folder
from livecoach.curves import rep_curve, rep_parts
from livecoach.errors import ConfigError, OutputError
from livecoach.report.plots import rep_picture
from livecoach.types import JudgedRep, Rep

OPTION = "--pictures"


def annotated_paths(annotated: Path | None, videos: tuple[Path, ...]) -> dict[Path, Path | None]:
    """The path of each video's annotated video. Raises ConfigError if the path does not name an MP4 file, OutputError
    if two videos would share a path."""
    if annotated is not None and len(videos) == 1 and annotated.suffix.lower() != ".mp4":
        raise ConfigError(f"{annotated}: not the name of an MP4 file. Choose one that ends in .mp4 with --annotated.")
    paths = _places(annotated, videos, "-annotated.mp4", "file")
    for path in paths.values():
        if path is not None and (len(videos) == 1 or os.path.exists(path)):
            check_writable(path, "--annotated", apart_from=files_in(videos))
    return paths


def picture_folders(place: Path | None, videos: tuple[Path, ...]) -> dict[Path, Path | None]:
    """The folder of each video's pictures. Raises OutputError if a path is not a folder, two videos would share it, or
    it contains pictures of reps already."""
    folders = _places(place, videos, "", "folder")
    for folder in folders.values():
        if folder is not None and os.path.exists(folder) and not os.path.isdir(folder):
            raise OutputError(f"{folder}: not a folder. Choose another with {OPTION}.")
        if folder is not None and os.path.isdir(folder) and any(folder.glob("*rep-*.svg")):
            raise OutputError(f"{folder}: contains pictures of reps already. Choose another folder with {OPTION}.")
    return folders


def _places(place: Path | None, videos: tuple[Path, ...], ending: str, what: str) -> dict[Path, Path | None]:
    """What is written for each video: `place` for one, and a path in it for each of several."""
    if place is None or len(videos) == 1:
        return dict.fromkeys(videos, place)
    places: dict[Path, Path | None] = {}
    for video in videos:
        path = place / f"{stem(video)}{ending}"
        if path in places.values():
            raise OutputError(f"{path}: two videos would share this {what}. Analyse them one by one.")
        places[video] = path
    return places


@contextmanager
def created_folders(folders: Iterable[Path], option: str) -> Iterator[None]:
    """Create the folders, and afterwards remove those that are new and empty. Raises OutputError that names the
    option."""
    new: list[Path] = []
    try:
        for folder in dict.fromkeys(folders):
            try:
                is_new = not os.path.exists(folder)
                make_private_folder(folder)
            except OSError as err:
                raise write_error(folder, option, err) from err
            new += [folder] if is_new else []
        yield
    finally:
        for folder in reversed(new):
            if not any(folder.iterdir()):
                folder.rmdir()


@dataclass(kw_only=True)
class RepPictures:
    folder: Path
    coaches: Mapping[str, Coach]  # coach of each exercise, by its name
    height_cm: float | None
    _judged: list[JudgedRep] = field(default_factory=list)

    def add(self, reps: Iterable[JudgedRep], withdrawn: Iterable[Rep] = ()) -> None:
        """Add the judged reps among `reps`. withdrawn: reps that no longer count."""
        gone = {rep.start_s for rep in withdrawn}
        self._judged = [judged for judged in self._judged if judged.rep.start_s not in gone]
        self._judged.extend(judged for judged in reps if judged.rep.score is not None)

    def write(self) -> None:
        """Write set-1-rep-01.svg and so on. Raises OutputError if that fails."""
        for judged in self._judged:
            rep, window = judged.rep, judged.window
            coach = self.coaches[rep.exercise or ""]
            curve = (
                None
                if window is None
                else rep_curve(rep, window, judged.against, coach.scorer.faults.table, self.height_cm)
            )
            of_set, number = rep.place
            path = self.folder / f"set-{of_set}-rep-{number:02d}.svg"
            if curve is None:
                say(f"{path}: no picture, because the camera view is not known.")
                continue
            parts = rep_parts(coach.scorer.faults.table.travel, coach.exercise.turn)
            with atomic_write(path, OPTION) as part:
                part.write_text(rep_picture(rep, curve, parts.ends), encoding="utf-8")
