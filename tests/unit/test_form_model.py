"""A population in a folder: it comes back as it was saved, and a broken file is named."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders.population import a_plain_usual, a_population

from livecoach.errors import ModelError
from livecoach.judging import population_file
from livecoach.judging.population import Population
from livecoach.model_files.model_folder import sha256
from livecoach.rep.measures import load_faults

DEADLIFT = load_faults("deadlift")
TRAINING = {"command": "by hand", "lifters": 1}
LIMITS = ((0.01, 4.0), (0.02, 3.0), (0.04, 2.0))
"""Score limits by share of false alarms; the usual share's is that of a_population."""
Change = Callable[[Path], object]


def a_saved(folder: Path) -> Population:
    """Of float32, as files hold it."""
    made = a_population(azimuths_deg=(0.0, 30.0), plain={"dorsal_sagitta": (a_plain_usual(),)})
    arrays = {name: getattr(made, name).astype(np.float32).astype(float) for name in population_file.POPULATION_ARRAYS}
    bands = tuple(
        replace(
            band, **{name: getattr(band, name).astype(np.float32).astype(float) for name in population_file.BAND_ARRAYS}
        )
        for band in made.bands
    )
    population = replace(made, bands=bands, **arrays)
    limits = [
        population_file.FormLimits(
            false_alarms=share, score=score, spreads=population.spreads, set_spreads=population.set_spreads
        )
        for share, score in LIMITS
    ]
    population_file.save(population, folder, TRAINING, tuple(limits))
    return population


def card(folder: Path) -> dict[str, object]:
    return json.loads((folder / "form.json").read_text(encoding="utf-8"))


def with_card(**changes: object) -> Change:
    """The file with other values."""
    return lambda folder: (folder / "form.json").write_text(json.dumps({**card(folder), **changes}), encoding="utf-8")


def with_limit(**changes: object) -> Change:
    """The first limits have other values."""

    def write(folder: Path) -> None:
        first, *others = card(folder)["limits"]  # type: ignore[misc]
        with_card(limits=[{**first, **changes}, *others])(folder)

    return write


def with_array(name: str, change: Callable[[np.ndarray], np.ndarray | None]) -> Change:
    """One array is another one, or not there, and the digest is right."""

    def write(folder: Path) -> None:
        with np.load(folder / "form.npz") as stored:
            arrays = {key: stored[key] for key in stored.files}
        made = change(arrays.pop(name))
        np.savez(folder / "form.npz", **arrays, **({} if made is None else {name: made}))
        with_card(npz_sha256=sha256(folder / "form.npz"))(folder)

    return write


def with_bytes(change: Callable[[bytes], bytes], *, digest: bool) -> Change:
    """The archive is damaged; with its digest, or without."""

    def write(folder: Path) -> None:
        path = folder / "form.npz"
        path.write_bytes(change(path.read_bytes()))
        if digest:
            with_card(npz_sha256=sha256(path))(folder)

    return write


def wild(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flat[0] = np.nan
    return array


def test_a_population_comes_back_as_it_was_saved(tmp_path):
    """Every number of it, and the same words in the card each time."""
    saved = a_saved(tmp_path)
    loaded = population_file.load(tmp_path, DEADLIFT)
    for name in population_file.POPULATION_ARRAYS:
        assert np.array_equal(getattr(loaded, name), getattr(saved, name))
    for one, other in zip(loaded.bands, saved.bands, strict=True):
        assert one.azimuth_deg == other.azimuth_deg
        assert all(np.array_equal(getattr(one, name), getattr(other, name)) for name in population_file.BAND_ARRAYS)
    same = ("table", "measures", "plain", "signatures", "scatter", "distance_freedom", "spreads")
    same += ("score_limit", "set_spreads")
    assert all(getattr(loaded, name) == getattr(saved, name) for name in same)
    assert card(tmp_path)["training"] == TRAINING
    assert card(tmp_path)["synthetic"] is True


@pytest.mark.parametrize(("false_alarms", "score"), [(0.02, 3.0), (0.01 * 2**0.5, 3.5), (0.001, 4.0), (0.3, 2.0)])
def test_fewer_false_alarms_want_a_farther_limit(tmp_path, false_alarms, score):
    """Between two shares by their logarithm, beyond them the nearest."""
    a_saved(tmp_path)
    assert population_file.load(tmp_path, DEADLIFT, false_alarms).score_limit == pytest.approx(score)


def test_an_archive_holds_what_it_should_and_no_more(tmp_path):
    """No array by the name of an option."""
    a_saved(tmp_path)
    with np.load(tmp_path / "form.npz", allow_pickle=False) as stored:
        assert set(stored.files) == {*population_file.BAND_ARRAYS, *population_file.POPULATION_ARRAYS}


@pytest.mark.parametrize(
    ("change", "at_fault", "said"),
    [
        (lambda folder: (folder / "form.json").unlink(), "form.json", "can't be read"),
        (lambda folder: (folder / "form.json").write_text("{"), "form.json", "is not JSON"),
        (lambda folder: (folder / "form.json").write_text("{}"), "form.json", "format: is missing"),
        (with_card(limits=[]), "form.json", "limits"),
        (with_limit(score=0), "form.json", "limits.0.score"),
        (with_limit(spreads={"hitch": "wide"}), "form.json", "limits.0.spreads.hitch"),
        (with_limit(false_alarms=0.05), "form.json", "false_alarms must rise"),
        (with_card(azimuths_deg=[]), "form.json", "azimuths_deg"),
        (with_card(format=99), "form.json", "format: 99 is not supported, this livecoach reads format 1. Update"),
        (with_card(measures=["charm"]), "form.json", "charm: not as in the faults of deadlift"),
        (with_card(plain={"charm": []}), "form.json", "charm: not as in the faults of deadlift"),
        (with_limit(spreads={"hitch": 3.0}), "form.json", "bounced"),
        (with_limit(set_spreads={"hitch": 3.0}), "form.json", "bounced"),
        (with_card(signatures=[]), "form.npz", "signatures: expected shape"),
        (with_card(signatures=[{"fault": "charm", "sign": 0, "change": 1.0}]), "form.json", "charm: not as in"),
        (with_card(signatures=[{"fault": "hitch", "sign": 7, "change": 1.0}]), "form.json", "hitch: not as in"),
        (
            with_card(signatures=[{"fault": "hitch", "sign": 0, "change": 1.0}]),
            "form.npz",
            "signatures: expected shape",
        ),
        (with_card(distance_freedom=1.0), "form.json", "distance_freedom"),
        (with_card(npz_sha256="ab"), "form.npz", "differs from the digest"),
        (with_card(azimuths_deg=[0.0]), "form.npz", "within: expected shape"),
        (lambda folder: (folder / "form.npz").unlink(), "form.npz", "is missing"),
        (with_bytes(lambda content: content[:-100], digest=False), "form.npz", "differs from the digest"),
        (with_bytes(lambda content: content[:-100], digest=True), "form.npz", "is damaged, or no .npz file"),
        (with_bytes(lambda _: b"", digest=True), "form.npz", "is damaged, or no .npz file"),
        (with_bytes(lambda _: b"no archive", digest=True), "form.npz", "is damaged, or no .npz file"),
        (with_array("signatures", lambda _: None), "form.npz", "signatures: is missing"),
        (with_array("signatures", lambda _: np.array([{}], dtype=object)), "form.npz", "is damaged, or no .npz file"),
        (with_array("signatures", lambda array: array[:, :-1]), "form.npz", "signatures: expected shape"),
        (with_array("mean", lambda array: array[:-1]), "form.npz", "mean: expected shape"),
        (with_array("basis", lambda _: np.array(1.0)), "form.npz", "basis: expected an array of dimension 2"),
        (with_array("directions", lambda _: np.array(1.0)), "form.npz", "directions: expected an array of dimension 3"),
        (with_array("within", wild), "form.npz", "within: expected finite numbers"),
        (with_array("scale", wild), "form.npz", "scale: expected finite numbers"),
    ],
)
def test_a_broken_file_is_named_in_one_line(tmp_path, change, at_fault, said):
    """Which file, what is wrong, and what to do next."""
    a_saved(tmp_path)
    change(tmp_path)
    with pytest.raises(ModelError) as caught:
        population_file.load(tmp_path, DEADLIFT)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / at_fault))
    assert said in message
    assert "\n" not in message


def test_another_exercises_population_is_refused(tmp_path):
    """A squat is not judged by deadlifts."""
    a_saved(tmp_path)
    with pytest.raises(ModelError, match="not as in the faults of squat"):
        population_file.load(tmp_path, load_faults("squat"))
