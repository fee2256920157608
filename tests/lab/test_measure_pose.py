"""Pose models are compared on rendered clips: here on clips whose observations are in the cache already."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from livecoach.documents import codec
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.pose import measure
from livecoach.lab.measure.table import Rounded, Share, Table
from livecoach.synth.sets import SetRequest, random_set


def a_clip(folder: Path, cache: Path, models: dict[str, float]) -> None:
    """A squat set with its truth, as models with so much noise saw it."""
    wanted = {"exercise": "squat", "view_deg": 30.0, "fps": 15.0, "lost": 0.0, "lifter": 3, "size_px": (640, 480)}
    true = random_set([5, 1], SetRequest(**wanted, noise=0.0))
    folder.mkdir()
    (folder / "set.mp4").touch()
    truth = {
        "exercise": "squat",
        "set": ",".join(map(str, true.settings.tokens)),
        "view_deg": 30.0,
        "fps": 15.0,
        "width": 640,
        "height": 480,
        "reps": [asdict(rep) for rep in true.reps],
        "events": [asdict(event) for event in true.events],
        "landmarks_image": np.array([o.landmarks[:, :3] for o in true.observations]).tolist(),
        "landmarks_world": np.array([o.world for o in true.observations]).tolist(),
    }
    (folder / "set.json").write_text(json.dumps(truth))
    for model, noise in models.items():
        seen = random_set([5, 1], SetRequest(**wanted, noise=noise))
        stored = cache / model / "set.obs"
        stored.parent.mkdir(parents=True)
        stored.write_bytes(b"".join(codec.record(codec.encode(one)) for one in seen.observations))


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> list[Table]:
    folder = tmp_path_factory.mktemp("pose")
    a_clip(folder / "clips", folder / "cache", {"exact": 0.0, "noisy": 1.0})
    return measure(folder / "clips", ("exact", "noisy"), Cache(folder / "cache"), lambda *_: None)


def test_a_model_without_errors_has_none(tables):
    """In the picture, by azimuth and in the world, to what a file keeps."""
    picture, azimuth, world, _ = ({row[0]: row[1:] for row in table.rows} for table in tables)
    for row in (picture["exact"], azimuth["exact"], world["exact"]):
        assert all(cell.value < 0.05 for cell in row if isinstance(cell, Rounded))
    assert picture["noisy"][3].value > 0.01
    assert world["noisy"][0].value > 1.0


def test_reps_are_counted_and_judged(tables):
    """Of the true ones, by what each model saw."""
    counted = {row[0]: row[2] for row in tables[-1].rows}
    assert counted["exact"] == Share(counted["exact"].of, counted["exact"].of)
    assert counted["noisy"].of == counted["exact"].of > 0
