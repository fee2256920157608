"""Whatever exercises, models, datasets and tables hold, they are read, or refused in one line.

As in test_hostile_files, every case changes one to three things, and LIVECOACH_FUZZ sets their number.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from builders.datasets import some_reps
from builders.hostile import Damage, cases, damaged, damages
from builders.observations import a_squat
from builders.sessions import contents
from hypothesis import given

from livecoach.core.config import exercise
from livecoach.core.config.paths import configs_dir, models_dir
from livecoach.core.errors import LivecoachError, SourceError
from livecoach.core.model_files import model_folder
from livecoach.core.model_files.model_folder import read_model
from livecoach.decisions.assembly import load_exercise
from livecoach.decisions.counting import boundary_regression
from livecoach.decisions.counting.counter import StageModel
from livecoach.decisions.counting.lifts import LiftModel
from livecoach.decisions.judging.scorer import load_scorer
from livecoach.decisions.recognition import model_file
from livecoach.decisions.rep import trajectory
from livecoach.decisions.rep.measures import load_faults
from livecoach.lab import dataset
from livecoach.lab.dataset import Dataset, no_frames
from livecoach.lab.measure import counts, real_clips
from livecoach.lab.measure.cache import Cache
from livecoach.perception.bar.detector import Detector

Files = Mapping[str, bytes]
SEEN = a_squat()[:2]


def holds(files: Files, changes: Sequence[Damage], *readers: Callable[[Path], object]) -> None:
    """Damage the files, and check that each reader ends, or raises an error of one line."""
    with TemporaryDirectory() as place:
        for name, content in damaged(files, changes).items():
            path = Path(place, name)
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_bytes(content)
        for read in readers:
            try:
                read(Path(place))
            except LivecoachError as err:
                assert str(err).isprintable(), repr(err)  # noqa: PT017 (most readers raise nothing)


def within(name: str, folder: Path) -> Files:
    return {f"{name}/{path}": content for path, content in contents(folder).items()}


EXERCISES = {
    f"configs/{kind}/{name}.yaml": (configs_dir() / kind / f"{name}.yaml").read_bytes()
    for kind in ("exercises", "faults")
    for name in ("squat", "deadlift")
}


@given(changes=damages(sorted(EXERCISES)))
@cases(0.15)
def test_an_exercise_is_read_or_refused(changes: list[Damage]) -> None:
    def of(name: str) -> Callable[[Path], object]:
        def read(folder: Path) -> None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(exercise, "configs_dir", lambda: folder / "configs")
                patch.setattr("livecoach.decisions.rep.measures.faults.configs_dir", lambda: folder / "configs")
                exercise.load(name)
                load_faults(name)

        return read

    holds(EXERCISES, changes, of("squat"), of("deadlift"))


@cache
def a_model() -> Files:
    """The shipped model of the squat, with the network that recognises, and those of the bar."""
    return {
        name: content
        for folder in ("squat", "recognition", "bar")
        for name, content in within(folder, models_dir() / folder).items()
        if not name.endswith(".md")
    }


def resealed(files: Files) -> Files:
    """The files with the digests that their cards want: what is damaged passes for whole."""
    found = dict(files)
    for name in ("squat/scorer.json", "recognition/recognition.json", "bar/bar.json", "squat/model.json"):
        try:
            card: Any = json.loads(found[name])
            folder = name.partition("/")[0]
            for file in card["files"]:
                if file.endswith(".tflite"):
                    continue  # LiteRT can crash on a damaged network: its digest is what keeps that out
                card["files"][file] = hashlib.sha256(found[f"{folder}/{file}"]).hexdigest()
        except (AttributeError, ValueError, KeyError, TypeError, RecursionError):
            continue
        found[name] = json.dumps(card).encode()
    return found


@given(changes=damages(sorted(a_model())))
@cases(0.3)
def test_a_model_is_read_or_refused(changes: list[Damage]) -> None:
    """Each of its files by itself, also where its digest is that of the damaged file."""
    squat = load_faults("squat")
    points = np.zeros(trajectory.SHAPE)

    def judged(folder: Path) -> None:
        scorer = load_scorer(folder / "squat", squat)
        latent = scorer.encoder.encode(points)
        scorer.encoder.error(points, latent)

    holds(
        resealed(damaged(a_model(), changes)),
        (),
        judged,
        lambda folder: read_model(folder / "squat" / "stage.json", StageModel),
        lambda folder: read_model(folder / "squat" / "lift.json", LiftModel),
        lambda folder: boundary_regression.load(folder / "squat" / "boundaries.json"),
        lambda folder: model_folder.read_model(folder / "squat" / "model.json", model_folder.ModelCard),
        lambda folder: model_file.load(folder / "recognition"),
        lambda folder: Detector(folder / "bar"),
    )


def test_the_shipped_model_holds() -> None:
    """Otherwise nothing above would be read at all."""
    assert load_exercise("squat").scorer


@cache
def a_dataset() -> Files:
    rows = [(lifter, f"{lifter} {number}", "good") for lifter in "abc" for number in range(2)]
    made = Dataset(
        exercise="deadlift",
        synthetic=True,
        sources=({"file": "x.obs"},),
        parts={"a": "train", "b": "valid", "c": "test"},
        reps=some_reps(*rows),
        frames=no_frames(),
    )
    with TemporaryDirectory() as place:
        dataset.save(made, Path(place, "set"))
        return contents(Path(place, "set"))


@given(changes=damages(sorted(a_dataset())))
@cases(0.1)
def test_a_dataset_is_read_or_refused(changes: list[Damage]) -> None:
    holds(a_dataset(), changes, dataset.load)


@pytest.mark.parametrize("lost", ["azimuths_deg", "stages"])
def test_a_dataset_without_one_of_its_arrays_is_refused(tmp_path: Path, lost: str) -> None:
    for name, content in a_dataset().items():
        (tmp_path / name).write_bytes(content)
    with np.load(tmp_path / dataset.ARRAYS) as stored:
        kept = {name: stored[name] for name in stored.files if name != lost}
    np.savez(tmp_path / dataset.ARRAYS, **kept)
    with pytest.raises(SourceError, match="not a dataset of this version"):
        dataset.load(tmp_path)


TABLES = {
    "clips/clips.csv": b"file,exercise,reps,label,origin,fps\na.mp4,squat,5,good,x,30\nb.mp4,squat,,mixed,x,25\n",
    "clips/squat_intervals.csv": b"file,until_s,labels\nb.mp4,2.5,c\nb.mp4,end,i\n",
}


@given(changes=damages(sorted(TABLES)))
@cases(0.1)
def test_tables_of_labels_are_read_or_refused(changes: list[Damage]) -> None:
    def real(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(real_clips.VARIABLE, str(folder))
            list(real_clips.every_clip())

    holds(TABLES, changes, real)


@cache
def a_truth() -> Files:
    rep = {"index": 1, "faults": [{"name": "shallow", "way": "a", "knob": 0.5, "severity": None}], "severities": {}}
    rep |= {"start_frame": 3, "turn_frame": 9, "end_frame": 15, "start_s": 0.1, "turn_s": 0.3, "end_s": 0.5}
    event = {"kind": "walk_in", "start_frame": 0, "end_frame": 3, "start_s": 0.0, "end_s": 0.1}
    truth = {"exercise": "squat", "set": "good*1", "view_deg": 40.0, "reps": [rep], "events": [event]}
    return {"a.json": json.dumps(truth).encode(), "a.mp4": b"", "b.json": json.dumps(truth | {"reps": []}).encode(),
            "b.mp4": b""}  # fmt: skip


@given(changes=damages(["a.json", "b.json"]))
@cases(0.1)
def test_the_truth_of_a_set_is_read_or_refused(changes: list[Damage]) -> None:
    def of_rendered(folder: Path) -> None:
        list(counts.rendered(["squat"], folder, Cache(folder / "cache")))

    holds(a_truth(), changes, counts.synthetic, of_rendered)
