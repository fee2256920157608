"""Datasets: they come back as they were, nobody is in two parts, and a damaged one is named in a line."""

import json
from dataclasses import replace

import numpy as np
import pytest
from builders.datasets import a_dataset, of_lifters, some_frames, some_reps, split_evenly
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.errors import SourceError
from livecoach.lab import dataset
from livecoach.lab.dataset import PARTS, Reps, split_by_lifter

NAMES = st.lists(st.text("abcdef", min_size=1, max_size=4), unique=True, min_size=1, max_size=30)


@given(NAMES, st.integers(0, 99))
def test_each_lifter_is_in_one_part_and_no_part_is_empty_with_three_lifters(names, seed):
    parts = split_evenly(names, seed)
    assert set(parts) == set(names)
    assert set(parts.values()) <= set(PARTS)
    assert len(names) < 3 or set(parts.values()) == set(PARTS)
    assert parts == split_evenly(names[::-1], seed)


@pytest.mark.parametrize("seed", range(3))
def test_parts_are_balanced_by_what_lifters_have(seed):
    amounts = {"anna": (80, 20), "ben": (8, 9), "cleo": (9, 8), "dora": (30, 0), "eve": (3, 4), "finn": (20, 0)}
    parts = split_by_lifter(amounts, seed)
    assert parts["anna"] == "train"
    for part in PARTS:
        assert all(sum(amounts[name][kind] for name, of in parts.items() if of == part) for kind in (0, 1)), parts


def test_lifters_to_judge_by_can_be_named():
    parts = split_by_lifter(dict.fromkeys("abcde", (10,)), 0, test=("b", "d"))
    assert {name for name, part in parts.items() if part == "test"} == {"b", "d"}
    assert {parts[name] for name in "ace"} == {"train", "valid"}


def test_a_dataset_comes_back_as_it_was(tmp_path):
    reps = of_lifters("anna", "ben", "cleo", bad=1)
    reps.trajectories.flat[-1] = reps.readings.flat[-1] = np.nan
    made = a_dataset(reps, some_frames("anna", 5, 1))
    dataset.save(made, tmp_path / "set")
    loaded = dataset.load(tmp_path / "set")
    assert loaded.digest() == made.digest()
    assert all(
        set(made.reps_of_part(part).lifters.tolist()) == {name for name, of in made.parts.items() if of == part}
        for part in PARTS
    )
    assert (loaded.parts, loaded.sources, loaded.exercise) == (made.parts, made.sources, made.exercise)
    assert loaded.frames_of_part(made.parts["anna"]).stages.tolist() == [1] * 5
    dataset.save(made, tmp_path / "set")
    assert sorted(path.name for path in (tmp_path / "set").iterdir()) == ["dataset.json", "reps.npz"]


def test_reps_are_compared_within_a_lifter_and_a_leg():
    reps = some_reps(*((name, name, "good") for name in ("anna", "anna", "anna", "ben", "cleo", "cleo")))
    groups = replace(reps, fronts=np.array(["near", "far", "near", "near", "", ""])).groups.tolist()
    assert groups[0] == groups[2]
    assert groups[4] == groups[5]
    assert len(set(groups)) == 4


def test_joining_a_recording_without_reps_adds_no_reps():
    """A recording in which nothing was counted does not know how many measures there are."""
    reps, none = of_lifters("anna"), Reps.from_rows([])
    assert len(Reps.join((none, reps))) == len(reps)
    assert len(Reps.join((none,))) == 0


def test_every_lifter_must_be_in_a_part(tmp_path):
    """Whoever changes the split by hand may forget a lifter."""
    dataset.save(a_dataset(of_lifters("anna", "ben"), parts={"anna": "train"}), tmp_path)
    with pytest.raises(SourceError, match=r"dataset\.json: lifter 'ben' is in no part"):
        dataset.load(tmp_path)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "reps.npz").unlink(), "reps.npz: not a dataset"),
        (lambda folder: (folder / "reps.npz").write_bytes(b"PK"), "reps.npz: not a dataset"),
        (lambda folder: (folder / "dataset.json").unlink(), "dataset.json: can't be read"),
        (lambda folder: (folder / "dataset.json").write_text("{}"), "dataset.json: format"),
        (lambda folder: changed(folder, format=7), "format 7; this livecoach reads format 2"),
        (lambda folder: changed(folder, digest="ab"), "does not match the digest"),
        (lambda folder: changed(folder, parts={"anna": "late"}), "parts.anna: Input should be 'train', 'valid'"),
    ],
)
def test_a_damaged_dataset_is_named(tmp_path, damage, said):
    dataset.save(a_dataset(of_lifters("anna")), tmp_path)
    damage(tmp_path)
    with pytest.raises(SourceError) as caught:
        dataset.load(tmp_path)
    assert said in str(caught.value)


def changed(folder, **values):
    path = folder / "dataset.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
