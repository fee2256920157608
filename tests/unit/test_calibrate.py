"""What `calibrate` asks before it takes a faulty rep or replaces one."""

import sys

import pytest
from builders.steps import a_fault, a_rep

from livecoach.cli.calibrate import CalibrationRep, confirmed
from livecoach.errors import ConfigError
from livecoach.profile import Profile
from livecoach.types import Correction


@pytest.fixture
def profile(tmp_path, monkeypatch) -> Profile:
    """Anna's, without any rep."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return Profile("anna", pytest.fail)


def a_candidate(number: int = 1, **changes: object) -> CalibrationRep:
    rep = a_rep(set=2, number=number, **changes)
    return CalibrationRep(source="monday", session="monday", rep=rep, window=None, unfit=None)


FAULTY = {"verdict": "anomalous", "faults": (a_fault(),)}


def test_nothing_is_asked_of_good_reps(profile):
    """Where none are replaced."""
    assert confirmed(profile, "deadlift", [a_candidate()])


def test_a_faulty_rep_is_named_and_nobody_there_to_answer_is_a_no(profile, capsys):
    """With its fault, as SESSION:SET/REP."""
    with pytest.raises(ConfigError, match=r"nothing changed\. Not a terminal: pass --yes"):
        confirmed(profile, "deadlift", [a_candidate(), a_candidate(4, **FAULTY)])
    assert "1 of 2 reps is anomalous: monday:2/4 (hips early)." in capsys.readouterr().err


def test_a_rep_that_was_corrected_to_good_is_good(profile):
    """And one that was corrected to bad is not."""
    assert confirmed(profile, "deadlift", [a_candidate(**FAULTY, correction=Correction(label="good"))])
    with pytest.raises(ConfigError):
        confirmed(profile, "deadlift", [a_candidate(correction=Correction(label="bad"))])


@pytest.mark.parametrize(("answer", "agreed"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_the_answer_counts(profile, monkeypatch, answer, agreed):
    """No answer is a no."""
    monkeypatch.setattr("click.confirm", lambda *_, **__: answer == "y\n")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert confirmed(profile, "deadlift", [a_candidate(**FAULTY)]) is agreed
