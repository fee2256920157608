"""How the reps of a dataset lie to each other, as a page."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from builders.datasets import split_evenly

from livecoach.core.errors import SourceError

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")

from livecoach.decisions.rep.trajectory import SHAPE
from livecoach.lab import dataset, explore
from livecoach.lab.dataset import Dataset, Reps
from livecoach.lab.explore import NOT_JUDGED, NOT_LABELLED, page, planes, subset

NASTY = "</script><script>alert('&')</script>\u2028<!--.mp4"


def a_dataset(labels: tuple[str, ...], lifters: tuple[str, ...] = ("anna", "ben", "cleo"), *, seed: int = 0) -> Dataset:
    """A rep for each label, of the lifters in turn; bad ones lie apart."""
    rng, n = np.random.default_rng(seed), len(labels)
    points = rng.normal(0, 0.1, (n, *SHAPE)).astype(np.float32)
    points[[label not in ("good", "") for label in labels]] += 0.5
    whose = np.array([lifters[k % len(lifters)] for k in range(n)])
    reps = Reps(
        trajectories=points,
        readings=np.zeros((n, 4), np.float32),
        azimuths_deg=np.where(np.arange(n) % 2, np.nan, 40.0),
        fronts=np.full(n, "", "U4"),
        labels=np.array(labels),
        severities=np.where(np.arange(n)[:, None] % 2, np.nan, (0.1, -0.5)),
        lifters=whose,
        sets=np.array([f"set {k}" for k in range(n)]),
        sources=np.array([f"{name}.mp4" for name in whose]),
        times_s=np.arange(3.0 * n).reshape(n, 3),
    )
    parts = split_evenly(list(lifters), seed)
    return Dataset(exercise="deadlift", synthetic=False, sources=(), parts=parts, reps=reps, frames=dataset.no_frames())


LABELS = ("good",) * 8 + ("hips_early",) * 4 + ("",) * 2
MADE = a_dataset(LABELS)
SCORES = np.linspace(0.2, 2.0, len(LABELS))


class Elements(HTMLParser):
    """What elements there are, with where they would load from."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "action")]


def content(text: str) -> dict:
    found = re.search(r'<script type="application/json" id="reps">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def a_page(made: Dataset, scores: np.ndarray, title: str = "set") -> str:
    return page(made, scores, planes(made.reps, 0), title)


def test_reps_that_differ_lie_apart():
    """By PCA and by t-SNE: good and bad of this dataset don't mix along the first axis; within the plane."""
    pca, tsne = (np.array(plane["xy"]) for plane in planes(MADE.reps, 0))
    bad = MADE.reps.bad
    for xy in (pca, tsne):
        assert xy.shape == (len(LABELS), 2)
        assert (xy.min(), xy.max()) == (0, 1)
    assert pca[bad, 0].min() > pca[~bad, 0].max() or pca[bad, 0].max() < pca[~bad, 0].min()
    assert "of the variance" in planes(MADE.reps, 0)[0]["note"]


def test_a_rep_that_nothing_judged_is_neither_good_nor_bad():
    rep = content(a_page(MADE, np.where(np.arange(len(LABELS)) == 8, np.nan, SCORES)))["reps"][8]
    assert (rep["by"]["verdict"], rep["by"]["score"]) == (NOT_JUDGED, NOT_JUDGED)
    assert NOT_JUDGED in rep["lines"]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_reps_are_an_error(n):
    with pytest.raises(SourceError, match=f"{n} reps in the dataset: at least 3"):
        planes(MADE.reps.some(np.arange(n)), 0)
    assert np.shape(planes(MADE.reps.some(np.arange(3)), 0)[1]["xy"]) == (3, 2)


def test_of_many_reps_some_are_shown(monkeypatch):
    assert subset(MADE, 0) is MADE
    monkeypatch.setattr(explore, "MOST_REPS", 5)
    drawn = [subset(MADE, seed).reps.sets.tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert sorted(set(drawn[0]), key=lambda name: int(name.split()[1])) == drawn[0]
    assert len(drawn[0]) == 5


def test_reps_are_grouped_by_verdict_fault_lifter_and_more():
    reps = [rep["by"] for rep in content(a_page(MADE, SCORES))["reps"]]
    assert set(reps[0]) == {"verdict", "fault", "lifter", "label", "score", "part"}
    assert {rep["fault"] for rep in reps} == {"good", "hips_early", NOT_LABELLED}
    assert (reps[0]["verdict"], reps[-1]["verdict"]) == ("good", "anomalous")
    assert (reps[0]["score"], reps[-1]["score"]) == ("0 to 0.5", "above 1.5")


def test_the_page_needs_no_network_and_holds_every_rep():
    text = a_page(MADE, SCORES)
    elements = Elements(text)
    assert elements.addresses == []
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", text)
    told = content(text)
    assert len(told["reps"]) == len(told["planes"][0]["xy"]) == len(LABELS)
    rep = told["reps"][8]
    assert rep["source"] == "cleo.mp4"
    assert (rep["lines"][0], rep["kind"]) == ("24.00 to 26.00 s, turn at 25.00 s", "bad")
    assert "lifter cleo" in rep["lines"][1]
    assert f"score {SCORES[8]:.2f}: anomalous" in rep["lines"]
    assert "marked hips_early, severity 0.50" in rep["lines"]


def test_names_are_text_whatever_they_are():
    plain, nasty = a_page(MADE, SCORES), a_page(a_dataset(LABELS, (NASTY, "b", "c")), SCORES, title=NASTY)
    assert Elements(nasty).names == Elements(plain).names
    assert f"{NASTY}.mp4" in {rep["source"] for rep in content(nasty)["reps"]}
