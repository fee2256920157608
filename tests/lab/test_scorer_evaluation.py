"""Figures of a scorer: which own reps judge which others, and what is counted as found."""

from dataclasses import replace

import numpy as np
import pytest
from builders.datasets import TABLE, a_dataset, of_lifters, some_reps

from livecoach.core.config.paths import models_dir
from livecoach.core.errors import OutputError, SourceError
from livecoach.decisions.judging.scorer import Scorer, load_scorer
from livecoach.lab.dataset import Reps
from livecoach.lab.measure.table import Share
from livecoach.lab.train.evaluation import evaluate_scorer, is_bad, score_reps
from livecoach.lab.train.results import rep_columns, write_results

NAMES = [f"lifter{number}" for number in range(8)]
PARTS = dict.fromkeys(NAMES, "test")


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return load_scorer(models_dir() / "deadlift", TABLE)


def still(reps: Reps) -> Reps:
    """The same reps with measures that never change."""
    return replace(reps, readings=np.zeros_like(reps.readings))


FAR = still(of_lifters(*NAMES, sets=2, reps=6, bad=4, apart=30.0))
NEAR = still(of_lifters(*NAMES, sets=2, reps=6, bad=4))


def test_a_plainly_strange_rep_is_found(scorer):
    far, near = (evaluate_scorer(a_dataset(reps, parts=PARTS), scorer)[0].rows for reps in (FAR, NEAR))
    assert [row[0] for row in far[:2]] == ["1 own rep", "2 own reps"]
    assert far[1][1].value > 0.95
    assert far[1][3] == Share(32, 32)
    assert 0.3 < near[1][1].value < 0.7


def test_the_first_good_reps_of_a_set_judge_its_other_reps_alone(scorer):
    """Own reps are the first good ones of the set; with fewer than are asked for nothing of it is judged."""
    labels = ("hitch", "good", "good", "hitch", "good")
    reps = still(some_reps(*(("anna", "one", label) for label in labels), ("anna", "two", "good")))
    found = score_reps(reps, scorer, 2)
    assert found is not None
    assert found.rows.tolist() == [0, 3, 4]
    assert score_reps(reps, scorer, 4) is None


def test_a_score_is_no_smaller_than_the_distance_and_any_amount_of_a_fault(scorer):
    found = score_reps(FAR, scorer, 2)
    assert found is not None
    assert found.amounts.shape == (len(found.rows), len(TABLE.faults))
    assert (found.values >= found.distances).all()
    assert (found.values >= found.amounts.max(1)).all()


def test_a_bad_rep_has_a_severity_of_a_half_or_one_that_nobody_measured():
    reps = some_reps(*(("anna", "one", label) for label in ("good", "hitch", "hitch", "hitch", "bad", "")))
    severities = reps.severities.copy()
    severities[1:4] = 0.0
    severities[1:4, 2] = (0.4, 0.6, -0.6)
    assert is_bad(replace(reps, severities=severities)).tolist() == [False, False, True, True, True, False]
    none = replace(reps, severities=np.zeros((6, 0)))
    assert is_bad(none).tolist() == [False, True, True, True, True, False]


def test_a_severity_that_nobody_measured_is_empty_in_the_table():
    reps = some_reps(*(("anna", "one", label) for label in ("good", "hitch", "bad")))
    severities = np.full_like(reps.severities, np.nan)
    severities[:2] = 0.0
    severities[1, 2] = -0.6
    for known, expected in ((severities, [0.0, 0.6, None]), (np.zeros((3, 0)), [None] * 3)):
        made = a_dataset(replace(reps, severities=known))
        assert rep_columns(made, np.full(3, np.nan))["severity"] == expected


def test_an_interval_contains_its_figure_and_groups_have_rows_beside_own_reps(scorer):
    """The groups are judged beside five own reps where there are sets with so many, else beside the most there are."""
    first, second = evaluate_scorer(a_dataset(FAR, parts=PARTS), scorer)
    for _, auroc, *_ in (*first.rows, *second.rows):
        assert auroc.low <= auroc.value <= auroc.high
    assert [row[0] for row in second.rows] == ["fault hitch", "azimuth 40 to 65"]
    assert second.columns[0] == f"beside {first.rows[-1][0]}" != "beside 5 own reps"


def test_a_dataset_of_good_reps_alone_has_alarms_and_no_area_under_a_curve(scorer):
    (of_all,) = evaluate_scorer(a_dataset(of_lifters(*NAMES), parts=PARTS), scorer)
    assert {row[1] for row in of_all.rows} == {None}
    assert all(row[2].of > 0 for row in of_all.rows)


def test_a_dataset_that_cannot_be_judged_is_reported_in_one_line(scorer):
    reps = some_reps(("lifter0", "one", "hitch"), ("lifter0", "two", "good"))
    with pytest.raises(SourceError, match=r"no set in which good reps judge.*\Z"):
        evaluate_scorer(a_dataset(reps, parts=PARTS), scorer)


def test_a_table_of_figures_that_cannot_be_written_is_an_error_for_the_user(tmp_path):
    """A file of the results that can't be replaced is reported like a folder that can't be made."""
    (tmp_path / "metrics.json").mkdir()
    with pytest.raises(OutputError, match="can't be written"):
        write_results(tmp_path, {})
