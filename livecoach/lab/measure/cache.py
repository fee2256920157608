"""Keeps the observations of clips and of rendered sets: a second measurement then takes seconds.

The observations of a clip are in `FOLDER/MODEL/CLIP.obs`. The file `CLIP.key` next to them holds the digests of the
clip and of the pose model: if either has changed, pose estimation runs again. Observations without a key are used
unchecked.

The cache keeps the observations of each rendered set, and its truth. In the series of `load_or_render_set`, deadlift
and squat alternate. Each set shows one body from one view, 0 to 90 degrees on either side, in 640x480 pixels at 25
frames a second. Good reps come first, then faults that the view shows and further good reps in random order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.capture.file import VideoFile
from livecoach.core.config import read_yaml
from livecoach.core.config.files import write_atomically
from livecoach.core.config.pose_models import model_file
from livecoach.core.documents import codec
from livecoach.core.errors import SourceError
from livecoach.core.model_files.model_folder import file_sha256
from livecoach.core.types import Frame, Observation
from livecoach.decisions import assembly
from livecoach.lab.synth.motion.lifts import FAULTS
from livecoach.lab.synth.motion.tokens import GOOD, Token
from livecoach.lab.synth.synthetic_set import SetSettings, SyntheticSet, make_set
from livecoach.lab.synth.synthetic_sets import BODY_GROUPS, BodyGroup, random_settings
from livecoach.lab.synthetic import mix_reps, variant_texts
from livecoach.lab.truth import StoredTruth, dump_truth, read_truth, write_truth
from livecoach.perception.pose.estimators import open_estimator, open_film_estimator
from livecoach.perception.pose.observer import Observer


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of stored observations of clips and rendered sets. Missing observations are made, and stored."""

    folder: Path
    pose: str = "lite"  # Name of the pose model for clips

    def observations_of(
        self, clip: Path, variant: str = "", open_film: Callable[[], VideoFile] | None = None
    ) -> list[Observation]:
        """Return the observations that livecoach makes of a clip, including the bar.

        Observations are made and stored if they are missing, or if the clip or the pose model has changed.

        Args:
            variant: Name of a change of the pictures, with a separator before it, for the file in the cache; "" for
                unchanged pictures.
            open_film: Opens the clip with this change; None for the clip itself.

        Raises:
            SourceError: The clip can't be read.
            ModelError: The pose model can't be used.
        """
        stored = self.folder / self.pose.replace("/", "_") / f"{clip.stem}{variant}.obs"
        key_file = stored.with_suffix(".key")
        is_current = not key_file.is_file() or key_file.read_text(encoding="ascii") == _key(clip, self.pose)
        if not (stored.is_file() and is_current):
            _write(stored, _observe(open_film or partial(VideoFile, clip), self.pose))
            key_file.write_text(_key(clip, self.pose), encoding="ascii")
        return _read(stored)

    def load_or_observe(self, name: str, observe: Callable[[], Iterable[Observation]]) -> list[Observation]:
        """Return the observations in the file `name` of the cache; a missing file is first made with `observe`."""
        stored = self.folder / name
        if not stored.is_file():
            _write(stored, observe())
        return _read(stored)

    def load_or_render(self, name: str, make: Callable[[], SyntheticSet], *, bar: bool = False) -> "RenderedSet":
        """Return a rendered set, as the lite BlazePose sees it; a set that is not in the cache is rendered first.

        Args:
            name: Name of the set's files in the folder of rendered sets.
            make: Makes the set; called for the truth and for the observations if they are missing.
            bar: Whether the bar is tracked.

        Raises:
            ConfigError: The set can't be drawn on this machine.
            SourceError: The truth can't be read.
        """
        truth_path = self.folder / FOLDER / f"{name}.json"
        if not truth_path.is_file():
            clip = make()
            truth_path.parent.mkdir(parents=True, exist_ok=True)
            truth = {"exercise": clip.settings.exercise, "view_deg": clip.settings.camera.azimuth_deg}
            truth |= {"reps": dump_truth(clip.movement.reps), "events": dump_truth(clip.movement.events)}
            write_truth(truth_path, truth)
        stored = f"{FOLDER}/{name}{'_lite_bar' if bar else ''}.obs"
        observations = self.load_or_observe(stored, lambda: render_observations(make(), bar=bar))
        return RenderedSet(observations, read_truth(truth_path))


def render_observations(clip: SyntheticSet, *, bar: bool = False) -> Iterator[Observation]:
    """Render a set, and yield the observations of its pictures by the lite BlazePose; with `bar`, the bar is tracked.

    Raises ConfigError if this machine can't draw.
    """
    estimator = open_estimator("lite")
    observer = assembly.make_observer(estimator) if bar else Observer(estimator)
    with clip.open_renderer() as renderer:
        for i in range(len(clip.movement.landmarks)):
            yield observer.observe(Frame(index=i, t_s=i / clip.settings.camera.fps, picture=renderer.draw(i)))


def _key(clip: Path, pose: str) -> str:
    try:
        return f"{file_sha256(clip)} {file_sha256(model_file(pose))}"
    except OSError as err:
        raise SourceError(f"{err.filename}: can't be read ({err.strerror}). Is it there?") from err


def _observe(open_film: Callable[[], VideoFile], pose: str) -> Iterator[Observation]:
    with closing(open_film()) as video:
        observer = assembly.make_observer(open_film_estimator(pose, open_film))
        while (frame := video.read()) is not None:
            yield observer.observe(frame)


def _write(path: Path, observations: Iterable[Observation]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(path, private=False) as part:
        part.write_bytes(b"".join(codec.make_record(codec.encode(observation)) for observation in observations))


def _read(path: Path) -> list[Observation]:
    with path.open("rb") as file:
        return [codec.decode(payload) for payload in codec.read_records(file)]


MAIN_LIFTS = ("deadlift", "squat")
"""The lifts that alternate in series of rendered sets."""

FPS, SIZE_PX = 25.0, (640, 480)  # Frame rate, and width and height, of rendered sets
GOOD_FIRST, FAULTY, GOOD_AMONG = 2, 4, 3  # Reps of a set: good at the start, faulty, and good among the faulty
KNOBS = (0.65, 1.0)  # Least and greatest strength of a fault; 1 is its strongest form
FOLDER = "rendered"  # Folder of rendered sets in the cache
SHOWN = read_yaml(Path(__file__).with_name("shown.yaml"), dict[str, dict[str, tuple[float, float]]])
"""Exercise, or "every_exercise" → fault → range of azimuths in degrees from which a person can see the fault."""


def is_visible_from(exercise: str, fault: str, view_deg: float) -> bool:
    """Return whether a person can see a fault from an azimuth on either side; False for a fault not in SHOWN."""
    shown_deg = SHOWN.get(exercise, {}).get(fault) or SHOWN["every_exercise"].get(fault)
    return shown_deg is not None and shown_deg[0] <= abs(view_deg) <= shown_deg[1]


class RenderedSet(NamedTuple):
    """The observations of a rendered set, and its truth."""

    observations: Sequence[Observation]
    truth: StoredTruth


def load_or_render_set(seed: int, number: int, cache: Cache) -> RenderedSet:
    """Return a set of a series of sets rendered with judging bodies. A set that the cache lacks is rendered first.

    Raises ConfigError if this machine can't draw the set, and SourceError if its truth can't be read.

    Args:
        number: Index of the set in the series, from 0, on which the exercise depends.
    """
    return cache.load_or_render(f"judging_{seed}_{number:03d}", partial(_clip, seed, number), bar=True)


def _clip(seed: int, number: int) -> SyntheticSet:
    rng = np.random.default_rng((seed, number, 13))
    exercise = MAIN_LIFTS[number % len(MAIN_LIFTS)]
    view_deg = round(float(rng.uniform(0, 90)), 1)
    ways = variant_texts(exercise, [fault for fault in FAULTS[exercise] if is_visible_from(exercise, fault, view_deg)])
    rest = mix_reps(rng, exercise, rng.choice(ways, FAULTY, replace=False), GOOD_AMONG, KNOBS)
    view_deg = view_deg if rng.random() < 0.5 else -view_deg
    tokens = (GOOD,) * GOOD_FIRST + rest
    return make_set(settings_without_frame_loss([seed, number, 13], exercise, tokens, view_deg, "judging"))


def settings_without_frame_loss(
    seed: list[int], exercise: str, tokens: tuple[Token, ...], view_deg: float, bodies: BodyGroup
) -> SetSettings:
    """Draw the settings of a rendered set in which no frame is lost or late.

    Raises ConfigError if the exercise is unknown or the azimuth is out of range.

    Args:
        view_deg: Signed azimuth of the camera, -180…180.
    """
    settings = random_settings(
        seed, exercise, tokens, view_deg=view_deg, bodies=BODY_GROUPS[bodies], size_px=SIZE_PX, fps=FPS
    )
    return replace(settings, lost=0.0, late_s=0.0)
