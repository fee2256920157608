"""Model files become checked dataclasses, or one line that names file, field and reason."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest
from builders.systems import not_on_windows
from pydantic import Field

from livecoach.core.config.paths import models_dir
from livecoach.core.errors import ModelError
from livecoach.core.model_files import model_folder
from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.decisions.rep.view_normalised import TRAJECTORY_SHAPE
from livecoach.perception.pose.litert import BlazePoseNetworks
from livecoach.perception.pose.top_down_networks import OnnxNetwork


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Content:
    format: model_folder.Format
    share: Annotated[float, Field(gt=0, lt=1)]
    rows: Annotated[np.ndarray, model_folder.Numbers(ndim=2)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrays:
    points: Annotated[np.ndarray, model_folder.Numbers(ndim=2)]
    width: Annotated[float, Field(gt=0)]


def a_json(folder: Path, text: str) -> Path:
    path = folder / "content.json"
    path.write_text(text, encoding="utf-8")
    return path


def assert_refused(read: Callable[..., object], path: Path, *given: object, reason: str) -> None:
    """In one line that names the file."""
    with pytest.raises(ModelError) as caught:
        read(path, *given)
    message = str(caught.value)
    assert message.startswith(f"{path}: {reason}")
    assert message.endswith(".")
    assert "\n" not in message


def test_a_file_becomes_its_dataclass(tmp_path):
    path = a_json(tmp_path, '{"format": 1, "share": 0.5, "rows": [[1, 2.5]], "note": "kept"}')
    content = model_folder.read_model_json(path, Content)
    assert content.share == 0.5
    assert content.rows.dtype == np.float64
    assert content.rows.tolist() == [[1.0, 2.5]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not JSON"),
        ('{"format": 1', "is not JSON"),
        ("{}", "format: is missing"),
        ('{"format": 2}', "format: 2 is not supported, this livecoach reads format 1. Update livecoach"),
        ('{"format": 1, "rows": [[1]]}', "share: is missing"),
        ('{"format": 1, "share": "0.5", "rows": [[1]]}', "share: must be a valid number"),
        ('{"format": 1, "share": NaN, "rows": [[1]]}', "share: must be"),
        ('{"format": 1, "share": 1e999, "rows": [[1]]}', "share: must be"),
        ('{"format": 1, "share": 2, "rows": [[1]]}', "share: must be less than 1"),
        ('{"format": 1, "share": 0.5, "rows": [1]}', "rows: expected an array of dimension 2"),
        ('{"format": 1, "share": 0.5, "rows": [[]]}', "rows: expected an array of dimension 2 that is not empty"),
        ('{"format": 1, "share": 0.5, "rows": [[1], [1, 2]]}', "rows: expected rows of equal length"),
        ('{"format": 1, "share": 0.5, "rows": [["1"]]}', "rows: expected numbers only"),
        ('{"format": 1, "share": 0.5, "rows": [[Infinity]]}', "rows: expected finite numbers"),
        ("[" * 100_000, "is not JSON"),
        ("1], [2", "is not JSON"),
    ],
)
def test_wrong_content_names_file_field_and_reason(tmp_path, text, reason):
    assert_refused(model_folder.read_model_json, a_json(tmp_path, text), Content, reason=reason)


@pytest.mark.parametrize(
    "read",
    [lambda path: model_folder.read_model_json(path, Content), lambda path: model_folder.read_arrays(path, Arrays)],
)
def test_a_model_file_that_cannot_be_read_is_named(tmp_path, read):
    missing, large = tmp_path / "missing", tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(65 * 2**20)
    for path, reason in (
        (missing, "can't be read"),
        (tmp_path, "can't be read"),
        (large, "can't be read (larger than 64 MB)"),
    ):
        assert_refused(read, path, reason=reason)


def test_arrays_become_their_dataclass(tmp_path):
    path = tmp_path / "arrays.npz"
    np.savez(path, points=np.ones((2, 3), np.float32), width=np.float64(0.5))
    arrays = model_folder.read_arrays(path, Arrays)
    assert (arrays.points.shape, arrays.points.dtype, arrays.width) == ((2, 3), np.float64, 0.5)
    with pytest.raises(ModelError, match=r"arrays\.npz: points: expected shape \(2, 4\), got \(2, 3\)"):
        model_folder.require_shapes(path, arrays, {"points": (2, 4)})


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"points": np.ones((2, 3))}, "width: is missing"),
        ({"points": np.ones(3), "width": np.float64(1)}, "points: expected an array of dimension 2"),
        ({"points": np.full((2, 3), np.nan), "width": np.float64(1)}, "points: expected finite numbers"),
        ({"points": np.ones((2, 3)), "width": np.float64(0)}, "width: must be greater than 0"),
        ({"points": np.ones((2, 3)), "width": np.float64(np.nan)}, "width: must be"),
        ({"points": np.array([[{}]]), "width": np.float64(1)}, "is damaged, or no .npz file of plain arrays"),
    ],
)
def test_wrong_arrays_name_file_array_and_reason(tmp_path, arrays, reason):
    """In one line; an object array, which loading could run code from, is refused."""
    path = tmp_path / "arrays.npz"
    np.savez(path, **arrays)
    assert_refused(model_folder.read_arrays, path, Arrays, reason=reason)
    with path.open("wb") as file:
        np.save(file, np.ones(3))  # a single array is no archive
    assert_refused(model_folder.read_arrays, path, Arrays, reason="is damaged, or no .npz file")


@not_on_windows("Windows has neither named pipes in folders nor devices")
@pytest.mark.parametrize("is_pipe", [False, True])
@pytest.mark.parametrize(
    "read",
    [
        lambda path: model_folder.read_model_json(path, Content),
        lambda path: model_folder.read_arrays(path, Arrays),
        lambda path: TfliteNetwork(path, (1,), (1,)),
        lambda path: model_folder.check_digest(path, "0" * 64),
        BlazePoseNetworks,
        OnnxNetwork,
    ],
    ids=["json", "npz", "network", "digest", "task", "onnx"],
)
def test_a_model_file_that_never_ends_is_refused(is_pipe: bool, read: Callable[[Path], object], tmp_path: Path) -> None:
    """A link to a device, and a pipe that nobody writes to: opening it to read waits for ever."""
    path = tmp_path / "endless"
    if is_pipe:
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(ModelError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_threads_may_share_a_network() -> None:
    """As two forms of the home page that judge reps: each gets the result of its own input."""
    network = TfliteNetwork(models_dir() / "squat" / "decoder.tflite", (1, 128), (1, *TRAJECTORY_SHAPE))
    inputs = np.random.default_rng(5).normal(size=(4, 1, 128)).astype(np.float32)
    alone = [network(value) for value in inputs]
    with ThreadPoolExecutor(len(inputs)) as threads:
        together = list(threads.map(lambda value: [network(value) for _ in range(300)], inputs))
    for own, results in zip(alone, together, strict=True):
        assert all(np.array_equal(own, result) for result in results)
