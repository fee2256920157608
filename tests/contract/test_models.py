"""Every model folder that ships loads and judges; a damaged copy of one is an error of one line that names the file."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from livecoach import landmark
from livecoach.bar.detector import Detector
from livecoach.bar.follower import DETECTED
from livecoach.config import exercise
from livecoach.config.paths import models_dir
from livecoach.counting import stage
from livecoach.errors import ModelError
from livecoach.judging.fault_model import CENTRES_DEG
from livecoach.judging.scorer import DIGESTED, Scorer, load_scorer
from livecoach.model_files import model_folder
from livecoach.rep import features
from livecoach.rep.measures import load_faults

FOLDERS = sorted(path.parent for path in models_dir().glob("*/model.json"))
DAMAGED = models_dir() / "deadlift"
"""The folder of which copies are damaged."""
MAX_BYTES = 2_000_000
"""Of the files of one exercise, without what counts."""


def load(folder: Path) -> Scorer:
    """Load a folder as the pipeline does: the scorer with its own digests, then the card with all of them."""
    scorer = load_scorer(folder, load_faults(DAMAGED.name if folder.name == "model" else folder.name))
    model_folder.read(folder)
    return scorer


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name)
def shipped(request):
    return request.param


@pytest.fixture
def copied(tmp_path):
    """A copy of a shipped folder, to damage."""
    return shutil.copytree(DAMAGED, tmp_path / "model")


def sealed(folder, name, content):
    """Put other content in a file of the folder, and its digest in both cards: only the content can be at fault."""
    (folder / name).write_bytes(content)
    for card, changed in (("scorer.json", name), ("model.json", name), ("model.json", "scorer.json")):
        known = json.loads((folder / card).read_text())
        known["files"][changed] = model_folder.sha256(folder / changed)
        (folder / card).write_text(json.dumps(known))


def changed_card(folder, name="scorer.json", **changes):
    card = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**card, **changes}))


def changed_limit(**changes):
    """The limits of a copy, the first of them with other values."""
    return lambda card: [{**card["limits"][0], **changes}, *card["limits"][1:]]


def assert_error_names(folder, name):
    """Loading says in one line which file is at fault, and what to do."""
    with pytest.raises(ModelError) as caught:
        load(folder)
    message = str(caught.value)
    assert message.startswith(str(folder / name))
    assert "\n" not in message
    assert message.endswith((".", "?"))


def test_every_exercise_has_a_model():
    assert {exercise.load(name).model for name in exercise.names()} <= {folder.name for folder in FOLDERS}


def test_a_shipped_model_encodes_what_a_human_does(shipped):
    """Everybody's mean comes back; noise larger than a body is no movement of a human."""
    scorer = load(shipped)
    everybody = scorer.everybody.mean
    noise = 3 * np.random.default_rng(0).normal(size=features.SHAPE)
    usual, strange = (scorer.encoder.error(points, scorer.encoder.encode(points)) for points in (everybody, noise))
    assert usual < scorer.decoder_error < strange
    stage.load(shipped / "stage.json")


def test_what_changes_nothing_is_no_fault(shipped):
    """From every azimuth, a rep that is as the own ones is within the limits."""
    model = load(shipped).faults
    latent, readings = (
        np.zeros(len(model.function.scale) - 2 - 2 * len(model.measures)),
        np.zeros(2 + 2 * len(model.measures)),
    )
    for azimuth_deg in CENTRES_DEG:
        assert (model.amounts(latent, readings, azimuth_deg) < model.limits).all()


def test_each_shipped_limit_tightens_with_more_false_alarms(shipped):
    """Of the distance and of each fault; another set is allowed more than the own one."""
    table = load_faults(shipped.name)
    strict, usual, loose = (load_scorer(shipped, table, share) for share in (0.005, 0.02, 0.1))
    assert strict.limits.set > usual.limits.set > loose.limits.set
    assert usual.limits.session > usual.limits.set
    assert (strict.faults.limits >= loose.faults.limits).all()


def test_a_shipped_model_encodes_the_same_twice(shipped):
    """To the bit, and in an encoder that was used before."""
    first, second = (load(shipped).encoder for _ in range(2))
    points = np.random.default_rng(1).normal(size=(3, *features.SHAPE))
    once = [first.encode(one) for one in points]
    again = [second.encode(one) for one in points[::-1]][::-1]
    assert all(np.array_equal(one, other) for one, other in zip(once, again, strict=True))


def test_a_shipped_model_says_what_it_is(shipped):
    """On what it was trained, of which data, by which command; and small."""
    card = model_folder.read(shipped)
    text = (shipped / "README.md").read_text()
    assert ("synthetic motion only" in text) == card.synthetic
    assert ("UI-PRMD" in text) == (not card.synthetic)
    assert card.made["scorer.json"].command in text
    assert set(card.made) == {"stage.json", "lift.json", "boundaries.json", "scorer.json"}
    assert sum((shipped / name).stat().st_size for name in DIGESTED) <= MAX_BYTES


@pytest.mark.parametrize("name", ["model.json", "scorer.json", *DIGESTED, "README.md"])
def test_a_missing_file_is_named(copied, name):
    (copied / name).unlink()
    assert_error_names(copied, name)


@pytest.mark.parametrize("name", [*DIGESTED, "stage.json", "README.md"])
def test_a_changed_file_is_named(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    assert_error_names(copied, name)


@pytest.mark.parametrize("name", ["encoder.tflite", "decoder.tflite"])
@pytest.mark.parametrize("content", [b"", b"no network", bytes(1000)])
def test_what_is_no_network_is_named(copied, name, content):
    sealed(copied, name, content)
    assert_error_names(copied, name)


def test_half_a_network_is_named(copied):
    content = (copied / "encoder.tflite").read_bytes()
    sealed(copied, "encoder.tflite", content[: len(content) // 2])
    assert_error_names(copied, "encoder.tflite")


def test_a_network_of_another_shape_is_named(copied):
    sealed(copied, "encoder.tflite", (copied / "decoder.tflite").read_bytes())
    assert_error_names(copied, "encoder.tflite")


ARRAYS = {
    "kde.npz": {"mean": np.zeros(features.SHAPE), "latents": np.zeros((5, 128)), "deviation": np.float64(0.5)},
    "faults.npz": dict(np.load(DAMAGED / "faults.npz", allow_pickle=False)) if DAMAGED.is_dir() else {},
}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("kde.npz", {"latents": None}),
        ("kde.npz", {"latents": np.zeros((5, 127))}),
        ("kde.npz", {"latents": np.zeros((0, 128))}),
        ("kde.npz", {"mean": np.full(features.SHAPE, np.nan)}),
        ("kde.npz", {"mean": np.zeros(features.SHAPE[1:])}),
        ("kde.npz", {"deviation": np.float64(0)}),
        ("kde.npz", {"deviation": np.float64(np.inf)}),
        ("kde.npz", {"deviation": np.zeros(3)}),
        ("kde.npz", {"latents": np.array([[{"a": "pickled object"}]], dtype=object)}),
        ("faults.npz", {"linear": None}),
        ("faults.npz", {"linear": np.zeros((1, 3))}),
        ("faults.npz", {"scale": np.zeros(3)}),
        ("faults.npz", {"scale": np.full(3, np.nan)}),
        ("faults.npz", {"out_bias": np.zeros(1)}),
        ("faults.npz", {"hidden": np.zeros((2, 3))}),
        ("faults.npz", {"seen": np.zeros((2, 2))}),
    ],
    ids=lambda value: (
        value if isinstance(value, str) else f"{next(iter(value))}-{np.shape(next(iter(value.values())))}"
    ),
)
def test_a_wrong_array_is_named(copied, tmp_path, name, changes):
    """Missing, of another shape, not finite; and an object array, which loading as pickle could run code from."""
    arrays = {key: array for key, array in {**ARRAYS[name], **changes}.items() if array is not None}
    np.savez(tmp_path / "wrong.npz", **arrays)
    sealed(copied, name, (tmp_path / "wrong.npz").read_bytes())
    assert_error_names(copied, name)


@pytest.mark.parametrize("name", ["kde.npz", "faults.npz"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_half_an_archive_is_named(copied, name, share):
    content = (copied / name).read_bytes()
    sealed(copied, name, content[: int(len(content) * share)])
    assert_error_names(copied, name)


@pytest.mark.parametrize("name", ["kde.npz", "faults.npz"])
def test_a_damaged_archive_is_named(copied, name):
    """The archive's own checksum fails while its numbers are read."""
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    sealed(copied, name, bytes(content))
    assert_error_names(copied, name)


@pytest.mark.parametrize("name", ["model.json", "scorer.json"])
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b"\xff", b'{"format": 1}'],
    ids=["empty", "cut", "list", "none", "bytes", "few"],
)
def test_a_wrong_card_is_named(copied, name, content):
    (copied / name).write_bytes(content)
    assert_error_names(copied, name)


@pytest.mark.parametrize("name", ["model.json", "scorer.json"])
def test_a_newer_card_is_named(copied, name):
    changed_card(copied, name, format=2)
    assert_error_names(copied, name)


@pytest.mark.parametrize(
    "limits",
    [
        changed_limit(faults={}),
        changed_limit(false_alarms=0.0),
        changed_limit(false_alarms=0.5),
        changed_limit(limits={"set": 0.0, "session": 1.0, "everybody": 1.0}),
        changed_limit(limits={"set": 1.0}),
        lambda _: [],
    ],
    ids=["no fault", "no false alarms", "falling", "zero", "few", "none"],
)
def test_impossible_limits_are_named(copied, limits):
    changed_card(copied, limits=limits(json.loads((copied / "scorer.json").read_text())))
    assert_error_names(copied, "scorer.json")


@pytest.mark.parametrize(
    "changes",
    [
        {"measures": ["bottom_hip_height"]},
        {"latent": 0},
        {"decoder_error": -1.0},
        {"width": {"usual": 0.1, "freedom": 1.0, "of_rep": 5.0}},
        {"files": {}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_does_not_fit_the_exercise_is_named(copied, changes):
    """Measures that its faults don't have, sizes and widths that can't be."""
    changed_card(copied, **changes)
    assert_error_names(copied, "scorer.json")


def test_a_latent_of_another_length_names_the_arrays(copied):
    changed_card(copied, latent=127)
    assert_error_names(copied, "kde.npz")


def test_the_scorer_of_another_exercise_is_named():
    with pytest.raises(ModelError, match=r"scorer\.json: .*not as in the faults of squat") as caught:
        load_scorer(DAMAGED, load_faults("squat"))
    assert "\n" not in str(caught.value)


def test_no_folder_is_named(tmp_path):
    assert_error_names(tmp_path / "model", "scorer.json")


def test_the_shipped_bar_networks_load_and_a_damaged_one_is_named(tmp_path):
    folder = shutil.copytree(models_dir() / "bar", tmp_path / "bar")
    Detector(folder)
    (folder / "finder.tflite").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"finder\.tflite: differs from the digest in bar\.json\. Restore") as caught:
        Detector(folder)
    assert "\n" not in str(caught.value)
    (folder / "bar.json").unlink()
    with pytest.raises(ModelError, match=r"bar\.json: can't be read"):
        Detector(folder)


def test_the_bar_networks_see_no_plate_in_an_empty_picture():
    """Of one colour, with somebody's landmarks in it."""
    points = np.full((landmark.COUNT, 2), 240.0)
    points[list(landmark.ANKLES), 1] = 400.0
    points[list(landmark.SHOULDERS), 1] = 100.0
    found = Detector().find(np.full((480, 640, 3), 120, np.uint8), points)
    assert found is not None
    assert found.probability < DETECTED
