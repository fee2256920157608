"""Whatever exercises, models, datasets and tables hold, they are read, or refused in one line, as in
test_hostile_files."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from builders.datasets import some_reps
from builders.hostile import Door, Files, Reader
from builders.rep_images import a_folder
from builders.sessions import contents

from livecoach.core.config import exercise
from livecoach.core.config.paths import configs_dir, models_dir
from livecoach.core.errors import SourceError
from livecoach.core.model_files.model_folder import ModelCard, read_model_json
from livecoach.decisions.counting.body_reader import StageModel, load_boundaries
from livecoach.decisions.counting.evidence import LiftModel
from livecoach.decisions.judging.scorer import load_scorer
from livecoach.decisions.recognition import model_file
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.view_normalised import TRAJECTORY_SHAPE
from livecoach.lab import dataset
from livecoach.lab.dataset import Dataset, empty_frames
from livecoach.lab.images.rep_image_files import read_images
from livecoach.lab.measure import counts, real_clips
from livecoach.lab.measure.cache import Cache
from livecoach.perception.bar.detector import PlateDetector
from livecoach.perception.pose.litert import BlazePoseNetworks


def exercises() -> Files:
    return {
        f"configs/{kind}/{name}.yaml": (configs_dir() / kind / f"{name}.yaml").read_bytes()
        for kind in ("exercises", "faults")
        for name in ("squat", "deadlift")
    }


def of_exercises(place: Path) -> Iterator[Reader]:
    def read(name: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(exercise, "configs_dir", lambda: place / "configs")
            patch.setattr("livecoach.decisions.rep.measures.faults.configs_dir", lambda: place / "configs")
            exercise.load(name)
            load_faults(name)

    yield lambda: read("squat")
    yield lambda: read("deadlift")


@cache
def models() -> Files:
    """The shipped model of the squat, with the network that recognises, and those of the bar."""
    return {
        f"{folder}/{name}": content
        for folder in ("squat", "recognition", "bar")
        for name, content in contents(models_dir() / folder).items()
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


def of_models(place: Path) -> Iterator[Reader]:
    def judged() -> None:
        encoder = load_scorer(place / "squat", load_faults("squat")).encoder
        points = np.zeros(TRAJECTORY_SHAPE)
        assert np.isfinite(encoder.decoding_error(points))

    yield judged
    yield lambda: read_model_json(place / "squat" / "stage.json", StageModel)
    yield lambda: read_model_json(place / "squat" / "lift.json", LiftModel)
    yield lambda: load_boundaries(place / "squat" / "boundaries.json")
    yield lambda: read_model_json(place / "squat" / "model.json", ModelCard)
    yield lambda: model_file.load(place / "recognition")
    yield lambda: PlateDetector(place / "bar")


@cache
def pose_models() -> Files:
    (task,) = models_dir().glob("**/*lite.task")
    return {"a.task": task.read_bytes()}


@cache
def a_dataset() -> Files:
    rows = [(lifter, f"{lifter} {number}", "good") for lifter in "abc" for number in range(2)]
    made = Dataset(
        exercise="deadlift",
        synthetic=True,
        sources=({"file": "x.obs"},),
        parts={"a": "train", "b": "valid", "c": "test"},
        reps=some_reps(*rows),
        frames=empty_frames(),
    )
    with TemporaryDirectory() as place:
        dataset.save(made, Path(place, "set"))
        return contents(Path(place, "set"))


def tables() -> Files:
    return {
        "clips/clips.csv": b"file,exercise,reps,label,origin,fps\na.mp4,squat,5,good,x,30\nb.mp4,squat,,mixed,x,25\n",
        "clips/squat_intervals.csv": b"file,until_s,labels\nb.mp4,2.5,c\nb.mp4,end,i\n",
    }


def of_tables(place: Path) -> Iterator[Reader]:
    def read() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(real_clips.VARIABLE, str(place))
            list(real_clips.read_every_clip())

    yield read


def truths() -> Files:
    rep = {"index": 1, "faults": [{"name": "shallow", "way": "a", "knob": 0.5, "severity": None}], "severities": {}}
    rep |= {"start_frame": 3, "turn_frame": 9, "end_frame": 15, "start_s": 0.1, "turn_s": 0.3, "end_s": 0.5}
    event = {"kind": "walk_in", "start_frame": 0, "end_frame": 3, "start_s": 0.0, "end_s": 0.1}
    truth = {"exercise": "squat", "set": "good*1", "view_deg": 40.0, "reps": [rep], "events": [event]}
    return {"a.json": json.dumps(truth).encode(), "a.mp4": b"", "b.json": json.dumps(truth | {"reps": []}).encode(),
            "b.mp4": b""}  # fmt: skip


def of_truths(place: Path) -> Iterator[Reader]:
    def rendered() -> None:
        with suppress(SourceError):  # the clips themselves are empty
            list(counts.rendered_sets_without_reps(["squat"], place, Cache(place / "cache")))

    yield lambda: counts.counted_rendered_sets(place)
    yield rendered


@cache
def images() -> Files:
    with TemporaryDirectory() as place:
        return contents(a_folder(Path(place, "images"), videos=2, reps=1))


DOORS = {
    "exercise": Door(files=exercises, readers=of_exercises, share=0.15),
    "model": Door(files=models, readers=of_models, share=0.3, sealed=resealed),
    "pose model": Door(
        files=pose_models, readers=lambda place: [lambda: BlazePoseNetworks(place / "a.task")], share=0.02
    ),
    "dataset": Door(files=a_dataset, readers=lambda place: [lambda: dataset.load(place)], share=0.1),
    "table of clips": Door(files=tables, readers=of_tables, share=0.1),
    "truth": Door(files=truths, readers=of_truths, share=0.1),
    "rep images": Door(files=images, readers=lambda place: [lambda: read_images(place)], share=0.1),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_damaged_model_is_read_or_refused(door: Door) -> None:
    door.hold()
