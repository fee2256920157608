"""The cache of clips' observations, with which a second measurement takes seconds.

A clip's observations are in `FOLDER/MODEL/CLIP.obs`. `CLIP.key` beside them holds the digests of the clip and of the
pose model: where one of them changed, pose runs again. Observations without a key are used unchecked.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from livecoach import assembly
from livecoach.config.files import written_whole
from livecoach.config.pose_models import file_of
from livecoach.documents import codec
from livecoach.errors import SourceError
from livecoach.model_files.model_folder import sha256
from livecoach.pose.observer import Observer
from livecoach.pose.opening import open_estimator, open_for_recording
from livecoach.source import frames
from livecoach.source.file import VideoFile
from livecoach.source.stored import StoredObservations
from livecoach.synth.clip import SyntheticClip
from livecoach.types import Frame, Observation


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of observations and rendered clips."""

    folder: Path

    def observed(self, clip: Path, pose: str) -> list[Observation]:
        """Return the observations of a clip as livecoach makes them, with the bar where it is followed.

        A file of stored observations is read as it is. pose: name of the pose model. Raises SourceError or ModelError.
        """
        if clip.suffix == ".obs":
            with closing(StoredObservations(clip)) as source:
                return [frame.observation for frame in frames(source) if frame.observation is not None]
        stored = self.folder / pose.replace("/", "_") / f"{clip.stem}.obs"
        key_file = stored.with_suffix(".key")
        if not _is_current(stored, key_file, clip, pose):
            _write(stored, _observe(clip, pose))
            key_file.write_text(_key(clip, pose), encoding="ascii")
        return _read(stored)

    def kept(self, name: str, observe: Callable[[], Iterable[Observation]]) -> list[Observation]:
        """Return the observations `name` (a path inside the folder), made by `observe` where they are missing."""
        stored = self.folder / name
        if not stored.is_file():
            _write(stored, observe())
        return _read(stored)


def rendered(
    clip: SyntheticClip, frames: Iterable[int], fps: float, pose: str, *, bar: bool = False
) -> Iterator[Observation]:
    """Draw some frames of a clip, and observe them by pose. bar: whether the bar is followed too, as in a run."""
    with closing(open_estimator(pose)) as estimator:
        observer = assembly.observer(estimator) if bar else Observer(estimator)
        with clip.renderer() as renderer:
            for i in frames:
                yield observer.observe(Frame(index=i, t_s=i / fps, picture=renderer.draw(i)))


def _is_current(stored: Path, key_file: Path, clip: Path, pose: str) -> bool:
    """Return whether observations exist and their key, if any, matches this clip and pose model."""
    if not stored.is_file():
        return False
    return not key_file.is_file() or key_file.read_text(encoding="ascii") == _key(clip, pose)


def _key(clip: Path, pose: str) -> str:
    try:
        return f"{sha256(clip)} {sha256(file_of(pose))}"
    except OSError as err:
        raise SourceError(f"{err.filename}: can't be read ({err.strerror}). Is it there?") from err


def _observe(clip: Path, pose: str) -> Iterator[Observation]:
    with closing(VideoFile(clip)) as video, closing(open_for_recording(pose, clip)) as estimator:
        observer = assembly.observer(estimator)
        while (frame := video.read()) is not None:
            yield observer.observe(frame)


def _write(path: Path, observations: Iterable[Observation]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path, private=False) as part:
        part.write_bytes(b"".join(codec.record(codec.encode(one)) for one in observations))


def _read(path: Path) -> list[Observation]:
    with path.open("rb") as file:
        return [codec.decode(payload) for payload in codec.read_records(file)]
