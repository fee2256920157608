"""A scorer in a folder: it comes back as it was saved, and a broken file is named in one line."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from builders.scorers import ANOTHER_DAY, LIMITS, PRIOR, a_fault_model, a_scorer

from livecoach.core.config.paths import models_dir
from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import FORMAT, file_sha256, read_model_json
from livecoach.decisions.judging.fault_model import AmountFunction, fault_readings
from livecoach.decisions.judging.scorer import (
    CARD,
    DIGESTED,
    LimitsAt,
    Population,
    ScorerCard,
    load_scorer,
    save_scorer,
)
from livecoach.decisions.rep.measures import FaultKind, FaultTable, load_faults

DEADLIFT = load_faults("deadlift")
SHIPPED = models_dir() / "deadlift"
LATENT = read_model_json(SHIPPED / CARD, ScorerCard).latent
MODEL = a_fault_model(DEADLIFT, latent=LATENT)
SHARES = ((0.01, 2.0), (0.02, 1.0), (0.04, 0.5))
"""Shares of false alarms, and the factor on all limits at each."""
TRAINING = {"command": "by hand", "lifters": 1}
Change = Callable[[Path], object]


def limits_at(share: float, factor: float) -> LimitsAt:
    return LimitsAt(
        false_alarms=share,
        limits={name: factor * limit for name, limit in LIMITS.items()},
        faults=dict.fromkeys(DEADLIFT.faults, factor),
    )


CARD_OF = ScorerCard(
    format=FORMAT,
    synthetic=True,
    files={},
    latent=LATENT,
    width=PRIOR,
    decoder_error=0.5,
    camera=ANOTHER_DAY,
    measures=MODEL.measures,
    limits=tuple(limits_at(*one) for one in SHARES),
    training=TRAINING,
)


def as_stored(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32).astype(np.float64)


KDE = Population(
    mean=as_stored(a_scorer().population.mean),
    latents=as_stored(np.random.default_rng(0).normal(size=(3, LATENT))),
    deviation=0.125,
)
FAULTS = AmountFunction(**{name: as_stored(array) for name, array in asdict(MODEL.function).items()})


def a_saved(folder: Path) -> Path:
    """A folder with the shipped networks, and all else by hand."""
    for name in ("encoder.tflite", "decoder.tflite"):
        shutil.copy(SHIPPED / name, folder / name)
    save_scorer(folder, CARD_OF, KDE, FAULTS)
    return folder


def card(folder: Path) -> dict[str, object]:
    return json.loads((folder / CARD).read_text(encoding="utf-8"))


def with_card(**changes: object) -> Change:
    return lambda folder: (folder / CARD).write_text(json.dumps({**card(folder), **changes}), encoding="utf-8")


def with_limit(**changes: object) -> Change:
    def write(folder: Path) -> None:
        first, *others = card(folder)["limits"]  # type: ignore[misc]
        with_card(limits=[{**first, **changes}, *others])(folder)

    return write


def with_bytes(name: str, change: Callable[[bytes], bytes]) -> Change:
    """A file holds something else, and its digest is right."""

    def write(folder: Path) -> None:
        path = folder / name
        path.write_bytes(change(path.read_bytes()))
        with_card(files={**card(folder)["files"], name: file_sha256(path)})(folder)  # type: ignore[dict-item]

    return write


def with_array(name: str, array: str, change: Callable[[np.ndarray], np.ndarray]) -> Change:
    """One array is another one, and the digest is right."""

    def write(folder: Path) -> None:
        with np.load(folder / name) as stored:
            arrays = {key: stored[key] for key in stored.files}
        np.savez(folder / name, **{**arrays, array: change(arrays[array])})
        with_bytes(name, lambda content: content)(folder)

    return write


def test_a_scorer_comes_back_as_it_was_saved(tmp_path):
    found = load_scorer(a_saved(tmp_path), DEADLIFT)
    assert np.array_equal(found.population.mean, KDE.mean)
    assert np.array_equal(found.population.latents, KDE.latents)
    assert found.population.deviation == KDE.deviation
    for field in fields(AmountFunction):
        assert np.array_equal(getattr(found.faults.function, field.name), getattr(FAULTS, field.name))
    assert (found.width, found.camera, found.decoder_error) == (PRIOR, ANOTHER_DAY, 0.5)
    assert (found.faults.table, found.faults.measures) == (DEADLIFT, MODEL.measures)
    assert card(tmp_path)["training"] == TRAINING
    assert set(card(tmp_path)["files"]) == set(DIGESTED)


@pytest.mark.parametrize(("false_alarms", "factor"), [(0.02, 1.0), (0.01 * 2**0.5, 1.5), (0.001, 2.0), (0.3, 0.5)])
def test_fewer_false_alarms_want_farther_limits(tmp_path, false_alarms, factor):
    """Between two shares by their logarithm, beyond them the nearest."""
    found = load_scorer(a_saved(tmp_path), DEADLIFT, false_alarms)
    assert found.limits["set"] == pytest.approx(factor * LIMITS["set"])
    assert found.limits["session"] == pytest.approx(factor * LIMITS["session"])
    assert found.limits["everybody"] == pytest.approx(factor * LIMITS["everybody"])
    assert found.faults.limits == pytest.approx(np.full(len(DEADLIFT.faults), factor))


@pytest.mark.parametrize(
    ("change", "at_fault", "said"),
    [
        (with_card(limits=[]), CARD, "limits"),
        (with_card(latent=0), CARD, "latent"),
        (with_card(decoder_error=0), CARD, "decoder_error"),
        (with_card(width={"usual": 0.1, "freedom": 1.0, "of_rep": 5.0}), CARD, "width.freedom"),
        (with_card(camera={"day": -1.0}), CARD, "camera.day"),
        (with_limit(false_alarms=0.05), CARD, "false_alarms must rise"),
        (with_limit(limits={"set": 0.0, "session": 1.0, "everybody": 1.0}), CARD, "limits.0.limits.set"),
        (with_limit(limits={"set": 1.0, "session": 1.0}), CARD, "limits.0.limits"),
        (with_limit(faults={"hitch": "wide"}), CARD, "limits.0.faults.hitch"),
        (with_limit(faults={"hitch": 3.0}), CARD, "limits: expected the same faults in the same order"),
        (with_limit(faults={"\x1b[2J": "wide"}), CARD, "limits.0.faults.\ufffd[2J"),
        (with_card(files={}), CARD, "files: no digest of encoder.tflite"),
        *(
            (with_bytes(name, damage), name, "is damaged, or no .npz file")
            for name in ("kde.npz", "faults.npz")
            for damage in (lambda content: content[:-100], lambda _: b"", lambda _: b"no archive")
        ),
        *(
            (with_bytes(name, damage), name, "is not a TFLite network")
            for name in ("encoder.tflite", "decoder.tflite")
            for damage in (lambda _: b"no network", lambda _: bytes(1000), lambda content: content[: len(content) // 2])
        ),
        (
            lambda folder: with_bytes("encoder.tflite", lambda _: (folder / "decoder.tflite").read_bytes())(folder),
            "encoder.tflite",
            "input is float32",
        ),
        (with_card(latent=LATENT + 1), "kde.npz", "latents: expected shape"),
        (with_array("kde.npz", "mean", lambda array: array[:-1]), "kde.npz", "mean: expected shape"),
        (with_array("kde.npz", "latents", lambda array: array[:0]), "kde.npz", "latents: expected an array"),
        (with_array("kde.npz", "deviation", lambda _: np.array(0.0)), "kde.npz", "deviation"),
        (with_array("kde.npz", "deviation", lambda _: np.ones(2)), "kde.npz", "deviation"),
        (with_array("faults.npz", "scale", np.zeros_like), "faults.npz", "scale: expected numbers above 0"),
        (with_array("faults.npz", "scale", lambda array: array[:-1]), "faults.npz", "scale: expected shape"),
        (with_array("faults.npz", "linear", lambda array: array[:-1]), "faults.npz", "linear: expected shape"),
        (with_array("faults.npz", "hidden", lambda array: array[:, :-1]), "faults.npz", "hidden: expected shape"),
        (with_array("faults.npz", "hidden_bias", lambda _: np.ones(7)), "faults.npz", "hidden_bias: expected shape"),
        (with_array("faults.npz", "out", lambda _: np.array(1.0)), "faults.npz", "out: expected an array of dimen"),
        (with_array("faults.npz", "out_bias", lambda array: array[1:]), "faults.npz", "out_bias: expected shape"),
        (with_array("faults.npz", "seen", lambda array: array[:, 1:]), "faults.npz", "seen: expected shape"),
        (with_array("faults.npz", "seen", lambda array: array.astype(str)), "faults.npz", "seen: expected numbers"),
    ],
)
def test_a_broken_file_is_named_in_one_line(tmp_path, change, at_fault, said):
    change(a_saved(tmp_path))
    with pytest.raises(ModelError) as caught:
        load_scorer(tmp_path, DEADLIFT)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / at_fault))
    assert said in message
    assert message.isprintable()


def test_an_array_whose_header_never_ends_is_refused(tmp_path):
    """numpy looks for its end word by word."""
    folder = a_saved(tmp_path)

    def broken(content: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name).replace(b"}", b"(", 1))
        return made.getvalue()

    with_bytes("kde.npz", broken)(folder)
    with pytest.raises(ModelError, match=r"kde\.npz: is damaged"):
        load_scorer(folder, DEADLIFT)


def a_table(*names: str, **new: FaultKind) -> FaultTable:
    return replace(DEADLIFT, faults={name: DEADLIFT.faults[name] for name in names} | new)


def test_a_fault_keeps_its_amounts_whatever_the_order_of_the_faults(tmp_path):
    saved = load_scorer(a_saved(tmp_path), DEADLIFT).faults
    names = list(DEADLIFT.faults)
    found = load_scorer(tmp_path, a_table(*names[:0:-1])).faults
    assert found.new_or_changed_faults == ()
    assert np.array_equal(found.function.out, saved.function.out[:0:-1])
    assert np.array_equal(found.function.seen, saved.function.seen[:0:-1])


def test_a_fault_that_was_not_trained_shows_nothing_and_says_so(tmp_path):
    named, by_itself = (replace(DEADLIFT.faults[name], words="new") for name in ("hitch", "rounded_back"))
    found = load_scorer(a_saved(tmp_path), a_table("bounced", named=named, by_itself=by_itself)).faults
    assert (found.untrained_faults, found.new_or_changed_faults) == (("named",), ("named",))
    changes = np.ones(len(found.function.scale))
    bounced, *new = found.function.amounts(changes[None], np.zeros(1))[0] / found.limits
    assert (bounced != 0, new) == (True, [0.0, 0.0])
    assert found.effects(90.0)["named"] == 0
    assert found.effects(90.0)["by_itself"] == np.inf


def test_a_measure_that_changed_after_the_training_is_reported_and_counts_for_nothing(tmp_path):
    sign = replace(DEADLIFT.faults["bent_arms"].signs[0], measure="bottom_hip_angle_deg", by="difference")
    found = load_scorer(
        a_saved(tmp_path), a_table("hitch", bent_arms=replace(DEADLIFT.faults["bent_arms"], signs=(sign,)))
    ).faults
    assert (found.untrained_faults, found.new_or_changed_faults) == ((), ("bent_arms",))
    values = dict.fromkeys(found.table.signs, 1.0)
    rep = SimpleNamespace(log_durations=(1.0, 1.0), world_values=values, picture_values=values)
    read = dict(zip(found.measures, fault_readings(rep, found.table, found.measures)[2:], strict=False))  # type: ignore[arg-type]
    assert {name for name, value in read.items() if np.isfinite(value)} == set(values) & set(found.measures)
