"""How the reps of a dataset lie to each other, as a page."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from builders.datasets import a_dataset, some_reps

from livecoach.core.errors import SourceError

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")

from livecoach.lab import explore
from livecoach.lab.dataset import Dataset
from livecoach.lab.explore import NOT_JUDGED, NOT_LABELLED, draw_subset, project_reps, render_page

NASTY = "</script><script>alert('&')</script>\u2028<!--.mp4"
LABELS = ("good",) * 8 + ("hips_early",) * 4 + ("",) * 2
SCORES = np.linspace(0.2, 2.0, len(LABELS))


def by_label(*lifters: str) -> Dataset:
    """A rep for each label, of the lifters in turn, in sets of their own; bad ones lie apart."""
    rows = [(lifters[k % 3], f"{lifters[k % 3]} {k}", label) for k, label in enumerate(LABELS)]
    return a_dataset(some_reps(*rows, apart=200.0))


MADE = by_label("anna", "ben", "cleo")


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


def a_page(made: Dataset, scores: np.ndarray = SCORES, title: str = "set") -> str:
    return render_page(made, scores, project_reps(made.reps, 0), title)


def content(text: str) -> dict:
    found = re.search(r'<script type="application/json" id="reps">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_reps_that_differ_lie_apart():
    found = project_reps(MADE.reps, 0)
    pca, tsne = (np.array(plane["xy"]) for plane in found)
    assert pca.shape == tsne.shape == (len(LABELS), 2)
    assert pca.min() == tsne.min() == 0 < pca.max() == tsne.max() == 1
    bad, others = pca[MADE.reps.bad, 0], pca[~MADE.reps.bad, 0]
    assert bad.min() > others.max() or bad.max() < others.min()
    assert "of the variance" in found[0]["note"]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_reps_are_an_error(n):
    with pytest.raises(SourceError, match=f"{n} reps in the dataset: at least 3"):
        project_reps(MADE.reps.select(np.arange(n)), 0)
    assert np.shape(project_reps(MADE.reps.select(np.arange(3)), 0)[1]["xy"]) == (3, 2)


def test_of_many_reps_a_limited_number_is_shown(monkeypatch):
    assert draw_subset(MADE, 0) is MADE
    monkeypatch.setattr(explore, "MOST_REPS", 5)
    drawn = [draw_subset(MADE, seed).reps.sets.tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert sorted(set(drawn[0]), key=lambda name: int(name.split()[1])) == drawn[0]
    assert len(drawn[0]) == 5


def test_reps_are_grouped_by_verdict_fault_lifter_and_more():
    scores = np.where(np.arange(len(LABELS)) == 8, np.nan, SCORES)
    reps = [rep["by"] for rep in content(a_page(MADE, scores))["reps"]]
    assert set(reps[0]) == {"verdict", "fault", "lifter", "label", "score", "part"}
    assert {rep["fault"] for rep in reps} == {"good", "hips_early", NOT_LABELLED}
    shown = [(reps[n]["verdict"], reps[n]["score"]) for n in (0, 8, -1)]
    assert shown == [("good", "0 to 0.5"), (NOT_JUDGED, NOT_JUDGED), ("anomalous", "above 1.5")]


def test_the_page_needs_no_network_and_holds_every_rep():
    unknown = replace(MADE, reps=replace(MADE.reps, azimuths_deg=np.where(np.arange(len(LABELS)) == 8, 40.0, np.nan)))
    text = a_page(unknown)
    assert Elements(text).addresses == []
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", text)
    told = content(text)
    assert len(told["reps"]) == len(told["planes"][0]["xy"]) == len(LABELS)
    rep = told["reps"][8]
    assert (rep["source"], rep["kind"]) == ("cleo 8.mp4", "bad")
    assert rep["lines"] == [
        "1.00 to 3.00 s, turn at 2.00 s",
        f"lifter cleo ({MADE.parts['cleo']}), cleo 8",
        f"score {SCORES[8]:.2f}: anomalous",
        "marked hips_early, severity 0.80",
        "camera at 40°",
    ]
    assert "camera" not in " ".join(told["reps"][0]["lines"])


def test_markup_in_names_stays_text():
    nasty = a_page(by_label(NASTY, "b", "c"), title=NASTY)
    assert Elements(nasty).names == Elements(a_page(MADE)).names
    assert f"{NASTY} 0.mp4" in {rep["source"] for rep in content(nasty)["reps"]}
