"""A folder of clips whose exercise is known is judged, and shown as a page."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from builders.observations import a_squat

from livecoach.documents import codec
from livecoach.errors import ConfigError
from livecoach.lab.dataset import is_clip_folder
from livecoach.lab.measure.recognition import UNSURE, JudgedClip, tables
from livecoach.lab.measure.table import as_csv
from livecoach.lab.recognition.beliefs import BeliefOutcome
from livecoach.lab.recognition.labelled import figures, judged_folder, labelled_clips, matrix, page, picture, text
from livecoach.recognition.belief import BeliefRules
from livecoach.recognition.features import FEATURES
from livecoach.recognition.recogniser import RecognitionModel


def a_clip(name: str, truth: str | None, said: str | None, *, sure: bool = True) -> JudgedClip:
    """Return what became of a clip."""
    found = BeliefOutcome(
        truth=truth,
        said=said,
        sure=sure,
        first_sure=said if sure else None,
        known_after_s=0.2 if sure and truth == said else None,
    )
    return JudgedClip(name=name, group="a", labelled=truth or "none", outcome=found)


CLIPS = [
    a_clip("1.mp4", "squat", "squat"),
    a_clip("2.mp4", "squat", "lunge"),
    a_clip("3.mp4", "lunge", "lunge", sure=False),
    a_clip("4.mp4", None, "squat"),
    a_clip("5.mp4", None, "squat", sure=False),
]


def test_the_matrix_counts_what_is_said_of_what() -> None:
    rows, columns, counts = matrix(CLIPS)
    assert columns == ["lunge", "squat", UNSURE]
    assert dict(zip(rows, counts, strict=True)) == {
        "lunge": [0, 0, 1],
        "squat": [1, 1, 0],
        "none of these": [0, 1, 1],
    }


def test_figures_name_the_clips_that_are_not_right() -> None:
    found = figures(CLIPS)
    assert (found["right"]["hits"], found["right"]["of"]) == (1, 3)
    assert (found["refused"]["hits"], found["refused"]["of"]) == (1, 2)
    assert [one["file"] for one in found["not_right"]] == ["2.mp4", "3.mp4", "4.mp4"]
    assert "2.mp4: squat, said: lunge" in text(found)


def test_the_page_links_misses_and_holds_the_picture(tmp_path: Path) -> None:
    shown = page(CLIPS, tmp_path / "clips", tmp_path / "page.html")
    assert '<a href="clips/2.mp4">2.mp4</a>' in shown
    assert "clips/1.mp4" not in shown
    assert "data:image/png;base64," in shown
    assert picture(CLIPS).ndim == 3


def test_the_measuring_tables_hold_the_same(tmp_path: Path) -> None:
    del tmp_path
    rows = as_csv(tables("Clips", CLIPS, details=True)).splitlines()
    assert any(row.startswith("Clips: right,in the classes,right") for row in rows)
    assert any("2.mp4" in row for row in rows)


def test_a_folder_of_observations_is_judged(tmp_path: Path) -> None:
    (tmp_path / "s.obs").write_bytes(b"".join(codec.record(codec.encode(one)) for one in a_squat(reps=1)))
    (tmp_path / "recognition.csv").write_text("file,exercise\ns.obs,squat\n", encoding="utf-8")
    model = RecognitionModel(
        exercises=("squat", "lunge"),
        network=lambda window: np.log(np.array([[0.02, 0.96, 0.02]], np.float32)) + 0 * window.sum(),
        window=4,
        centre=np.zeros(FEATURES),
        spread=np.ones(FEATURES),
        belief=BeliefRules(none_prior=0.5, weight=0.5, enters=0.01, leaves=0.01, sure=(0.8, 0.8)),
    )
    assert is_clip_folder(tmp_path)
    found = judged_folder(tmp_path, model)
    assert [one.outcome.right for one in found] == [True]


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("file,exercise\na.mp4,swim\n", "line 2: exercise 'swim' is unknown"),
        ("clip\na.mp4\n", "line 2: expected the columns"),
        ("file,exercise\n", "has no clips"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(tmp_path: Path, table: str, wrong: str) -> None:
    (tmp_path / "recognition.csv").write_text(table, encoding="utf-8")
    with pytest.raises(ConfigError, match=wrong):
        labelled_clips(tmp_path, ("squat",))
