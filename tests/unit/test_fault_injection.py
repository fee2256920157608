"""What came of faults, as a table; what the faulty camera claims."""

import struct
from dataclasses import replace

import numpy as np
import pytest
from live_trials.fault_injection import FAULTS, FaultResult, details, inject, table
from live_trials.fault_trial import Check
from live_trials.faults_of_camera import jpeg_claiming_size
from rich.console import Console

from livecoach.tools.camera import jpeg


def a_check(what: str = "exit status 130", *, held: bool = True, found: str = "status 130") -> Check:
    return Check(what=what, held=held, found=found)


def a_result(*trials: tuple[Check, ...], skipped: str | None = None) -> FaultResult:
    return FaultResult(fault=FAULTS["camera-dies"], skipped=skipped, trials=trials, took_s=12.3)


def test_a_fault_is_held_where_all_of_its_trials_are():
    """One failed check of one trial is enough."""
    good, bad = (a_check(),), (a_check(), a_check(held=False))
    assert a_result(good, good).outcome == "held"
    assert (a_result(good, bad).outcome, a_result(good, bad).held) == ("failed", 1)
    assert a_result(skipped="no sound server").outcome == "skipped"


def test_what_did_not_hold_is_said_once():
    """With what happened instead; a skipped fault says why."""
    bad = (a_check(held=False, found="status 1"),)
    assert details(a_result(bad, bad)) == ["not held: exit status 130 (status 1)"]
    assert details(a_result(skipped="no sound server")) == ["no sound server"]
    assert details(a_result((a_check(),))) == []


def test_words_of_a_program_can_t_move_the_cursor():
    """Its lines may contain anything."""
    assert "\x1b" not in details(a_result((a_check(held=False, found="\x1b[2Jgone"),)))[0]


def test_the_table_names_each_fault_and_how_often_it_held():
    """One line each, and the seconds."""
    console = Console(width=100, record=True, file=None, quiet=False)
    with console.capture() as shown:
        console.print(table([a_result((a_check(),), (a_check(held=False),))]))
    assert "camera-dies" in shown.get()
    assert "1 of 2" in shown.get()


def test_every_fault_says_what_is_done_and_promised():
    """In one line each, without a point at the end."""
    for fault in FAULTS.values():
        for words in (fault.what, fault.promise):
            assert words
            assert "\n" not in words
            assert not words.endswith(".")


def test_what_can_t_be_injected_is_skipped_and_says_why(monkeypatch):
    """As without the programs that it needs."""
    monkeypatch.setitem(FAULTS, "sigint", replace(FAULTS["sigint"], missing=lambda: "no signals here"))
    (result,) = inject(["sigint"], times=1, seed=0)
    assert result.outcome == "skipped"
    assert details(result) == ["no signals here"]


@pytest.mark.parametrize("size", [(65500, 65500), (40000, 8)])
def test_a_picture_claims_another_size(size):
    """Its header does; the pictures themselves stay small."""
    plain = jpeg(np.zeros((24, 32, 3), np.uint8))
    assert len(jpeg_claiming_size(plain, *size)) == len(plain)
    assert struct.pack(">HH", size[1], size[0]) in jpeg_claiming_size(plain, *size)
